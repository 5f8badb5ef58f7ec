"""The row of strips: it scrolls, and only those that show, and their neighbours, exist."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.mixer import MixerCommands
from fanstudio.gui.panels.mixer_strip import STRIP_WIDTH, MixerStrip
from fanstudio.gui.strips import strip_ids
from fanstudio.gui.workspace import Workspace
from fanstudio.model.session import Session

#: How many strips exist beyond what shows, so that Tab finds them.
_MARGIN = 1


class StripRow(QScrollArea):
    """A strip for each track and bus, made when it comes into view."""

    #: The focus wants to go beyond the first strip (−1) or the last (1).
    left = Signal(int)
    stops_changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        appearance: Appearance,
        commands: MixerCommands,
        parent: QWidget | None = None,
    ) -> None:
        """Show no strips."""
        super().__init__(parent)
        self._workspace = workspace
        self._appearance = appearance
        self._commands = commands
        self._ids: tuple[str, ...] = ()
        self._strips: dict[str, MixerStrip] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Strips")
        self._inner = QWidget()
        self.setWidget(self._inner)
        self.viewport().setAutoFillBackground(False)
        self._inner.setAutoFillBackground(False)
        self.horizontalScrollBar().setSingleStep(STRIP_WIDTH // 4)
        self.horizontalScrollBar().valueChanged.connect(self._build)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow_focus)

    @property
    def strips(self) -> tuple[MixerStrip, ...]:
        """Return the strips that exist, from left to right."""
        return tuple(self._strips[strip_id] for strip_id in self._ids if strip_id in self._strips)

    def strip(self, strip_id: str) -> MixerStrip:
        """Return a strip, scrolling to it; KeyError where there is none."""
        index = self._ids.index(strip_id) if strip_id in self._ids else None
        if index is None:
            raise KeyError(strip_id)
        self._scroll_to(index)
        return self._strips[strip_id]

    def show_session(self, session: Session) -> None:
        """Follow the session: strips come, go and change places."""
        self._ids = strip_ids(session)
        for gone in self._strips.keys() - set(self._ids):
            self._drop(gone)
        for strip in self._strips.values():
            strip.show_session(session)
        self._place()

    def show_selected(self, track_id: str | None) -> None:
        """Mark the strip of the selected track, and scroll to it."""
        if self.isVisible() and track_id in self._ids:
            self._scroll_to(self._ids.index(track_id))
        for strip_id, strip in self._strips.items():
            strip.show_selected(strip_id == track_id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Build what comes into view."""
        super().resizeEvent(event)
        self._place()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll sideways."""
        turned = event.angleDelta().x() or event.angleDelta().y()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - round(turned * STRIP_WIDTH / 240))
        event.accept()

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _place(self) -> None:
        self._inner.resize(len(self._ids) * STRIP_WIDTH, self.viewport().height())
        self._build()

    def _build(self) -> None:
        """Let just those strips exist that show, their neighbours, and the one that has the focus."""
        wanted = self._wanted()
        for gone in [strip_id for strip_id in self._strips if strip_id not in wanted]:
            self._drop(gone)
        made = [strip_id for strip_id in wanted if strip_id not in self._strips]
        for strip_id in made:
            self._strips[strip_id] = self._make(strip_id)
        for strip_id, strip in self._strips.items():
            strip.setGeometry(self._area(self._ids.index(strip_id)))
        if made:
            self.stops_changed.emit()

    def _wanted(self) -> list[str]:
        start = self.horizontalScrollBar().value()
        first = max(0, start // STRIP_WIDTH - _MARGIN)
        last = (start + self.viewport().width()) // STRIP_WIDTH + _MARGIN
        focused = [strip_id for strip_id, strip in self._strips.items() if _has_focus(strip)]
        if not self.isVisible():
            return focused
        return [*self._ids[first : last + 1], *(strip for strip in focused if strip in self._ids)]

    def _make(self, strip_id: str) -> MixerStrip:
        strip = MixerStrip(self._workspace, self._appearance, self._commands, strip_id, self._inner)
        strip.walked.connect(lambda by: self._walk(strip_id, by))
        strip.stops_changed.connect(self.stops_changed)
        strip.show_selected(strip_id == self._workspace.selected_track)
        strip.show()
        return strip

    def _drop(self, strip_id: str) -> None:
        strip = self._strips.pop(strip_id)
        strip.hide()
        strip.deleteLater()

    def _walk(self, strip_id: str, by: int) -> None:
        index = self._ids.index(strip_id) + by
        if 0 <= index < len(self._ids):
            self._scroll_to(index)
            self._strips[self._ids[index]].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.left.emit(by)

    def _scroll_to(self, index: int) -> None:
        area = self._area(index)
        bar = self.horizontalScrollBar()
        if area.left() < bar.value():
            bar.setValue(area.left())
        elif area.right() >= bar.value() + self.viewport().width():
            bar.setValue(area.right() + 1 - self.viewport().width())
        self._build()

    def _area(self, index: int) -> QRect:
        return QRect(index * STRIP_WIDTH, 0, STRIP_WIDTH, self._inner.height())

    def _follow_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        for index, strip_id in enumerate(self._ids):
            strip = self._strips.get(strip_id)
            if strip is not None and now is not None and (strip is now or strip.isAncestorOf(now)):
                self._scroll_to(index)
                return


def _has_focus(strip: MixerStrip) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and (strip is focused or strip.isAncestorOf(focused))
