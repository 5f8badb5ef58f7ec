"""A strip of the mixer: effects, sends and output at the left, pan, fader, mute and solo at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.mixer import MixerCommands
from fanstudio.gui.panels.effects_menu import menu_of_effects, menu_of_slot
from fanstudio.gui.panels.mixer_chain import ChainColumn
from fanstudio.gui.panels.mixer_levels import LevelsColumn
from fanstudio.gui.panels.mixer_menus import (
    menu_of_outputs,
    menu_of_send,
    menu_of_sends,
    menu_of_strip,
    menu_of_value,
)
from fanstudio.gui.panels.ruled import RuledControls
from fanstudio.gui.strips import Kind, face_of
from fanstudio.gui.theme import set_role
from fanstudio.gui.tokens import FOCUS_WIDTH
from fanstudio.gui.widgets.fader import Fader
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.widgets.name_edit import NameEdit
from fanstudio.gui.widgets.pan_knob import PanKnob
from fanstudio.gui.workspace import Workspace
from fanstudio.model.mixer import GAIN, PAN
from fanstudio.model.session import Session

STRIP_WIDTH = 184
_BAND = 4
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class MixerStrip(QFrame):
    """Follows one track, bus or the master; Left and Right go to the neighbours, M mutes, S solos."""

    #: By how many strips the focus wants to go.
    walked = Signal(int)
    #: Tab goes through other controls now.
    stops_changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        appearance: Appearance,
        commands: MixerCommands,
        strip_id: str,
        parent: QWidget | None = None,
    ) -> None:
        """Show a strip of the session."""
        super().__init__(parent)
        set_role(self, "strip")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._workspace = workspace
        self._appearance = appearance
        self._commands = commands
        self._seen: tuple[object, ...] = ()
        self._selected = False
        self._ruled = RuledControls()
        self.face = face_of(workspace.session, strip_id)
        self.setFixedWidth(STRIP_WIDTH)
        self.name = NameEdit(
            self.face.name, f"{self.face.kind.value} name", editable=self.face.kind is not Kind.MASTER
        )
        self.chain = ChainColumn(appearance, self.face)
        self.levels = LevelsColumn(appearance, self.face)
        self._lay_out()
        self._connect_levels()
        self._connect_chain()
        appearance.changed.connect(self.update)
        self.show_session(workspace.session)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Return where Tab stops, in order."""
        parts = (*self.chain.stops, *self.levels.stops)
        return (self, *(part for part in parts if not part.isHidden()))

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _lay_out(self) -> None:
        icon = label()
        self._appearance.set_pixmap(icon, self.face.icon, self.face.token)
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(icon)
        title.addWidget(self.name, 1)
        body = QHBoxLayout()
        body.setSpacing(8)
        body.addWidget(self.chain, 1)
        body.addWidget(self.levels)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, _BAND + 8, 9, 10)
        column.setSpacing(8)
        column.addLayout(title)
        column.addLayout(body, 1)

    def _connect_levels(self) -> None:
        strip_id, commands, levels = self.face.id, self._commands, self.levels
        self.name.renamed.connect(lambda name: commands.rename(strip_id, name))
        levels.mute.clicked.connect(lambda on: commands.set_muted(strip_id, on))
        levels.solo.clicked.connect(lambda on: commands.set_soloed(strip_id, on))
        self._follow(levels.pan, "Set pan", lambda pan: commands.set_pan(strip_id, pan))
        self._follow(levels.fader, "Set gain", lambda gain_db: commands.set_gain(strip_id, gain_db))
        self._offer_automation(levels.pan, PAN)
        self._offer_automation(levels.fader, GAIN)

    def _connect_chain(self) -> None:
        strip_id, commands, rack, sends = self.face.id, self._commands, self.chain.rack, self.chain.sends
        self.chain.add_effect.clicked.connect(self._offer_effects)
        self.chain.add_send.clicked.connect(self._offer_sends)
        self.chain.output.clicked.connect(self._offer_outputs)
        rack.opened.connect(lambda slot: commands.open_effect(strip_id, slot))
        rack.switched.connect(lambda slot, on: commands.enable_effect(strip_id, slot, on))
        rack.removed.connect(lambda slot: commands.remove_effect(strip_id, slot))
        rack.moved.connect(lambda slot, index: commands.move_effect(strip_id, slot, index))
        rack.menu_wanted.connect(self._open_slot_menu)
        sends.began.connect(lambda: self._workspace.begin_interaction("Set send"))
        sends.ended.connect(self._workspace.end_interaction)
        sends.moved.connect(lambda bus, gain_db: commands.set_send(strip_id, bus, gain_db))
        sends.removed.connect(lambda bus: commands.remove_send(strip_id, bus))
        sends.menu_wanted.connect(self._open_send_menu)
        sends.rows_changed.connect(self.stops_changed)

    def _offer_automation(self, control: QWidget, name: str) -> None:
        control.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        control.customContextMenuRequested.connect(lambda at: self._open_value_menu(control, name, at))

    def _follow(self, control: Fader | PanKnob, step: str, change: Callable[[float], None]) -> None:
        control.began.connect(lambda: self._workspace.begin_interaction(step))
        control.moved.connect(change)
        control.ended.connect(self._workspace.end_interaction)

    # ── what it shows ────────────────────────────────────────────────────────────────────────

    def show_session(self, session: Session) -> None:
        """Take the present values; what did not change costs nothing."""
        face = face_of(session, self.face.id)
        seen = (face, tuple(bus.name for bus in session.buses))
        if seen == self._seen:
            return
        self._seen, self.face = seen, face
        self.name.show_name(face.name)
        self.setAccessibleName(f"{face.kind.value.capitalize()} strip {face.name}")
        self.levels.show_face(face)
        self.chain.show_face(face, session)
        self._ruled.take(face.automation, {**self.levels.controls(), **self.chain.controls()})

    def show_moment(self, frame: int) -> None:
        """Let what automation rules stand where it is at a frame."""
        self._ruled.show_at(frame)

    def show_selected(self, selected: bool) -> None:
        """Show whether its track is selected."""
        if selected is not self._selected:
            self._selected = selected
            self.update()

    # ── menus ────────────────────────────────────────────────────────────────────────────────

    def _offer_effects(self) -> None:
        self._select()
        menu = menu_of_effects(self, self._commands, self.face.id)
        menu.popup(_below(self.chain.add_effect))

    def _offer_sends(self) -> None:
        self._select()
        menu = menu_of_sends(self, self._commands, self._workspace.session, self.face)
        menu.popup(_below(self.chain.add_send))

    def _offer_outputs(self) -> None:
        menu = menu_of_outputs(self, self._commands, self._workspace.session, self.face)
        menu.popup(_below(self.chain.output))

    def _open_slot_menu(self, slot_id: str, at: QPoint) -> None:
        menu_of_slot(self, self._commands, self.face.id, self.face.effects, slot_id).popup(at)

    def _open_send_menu(self, bus_id: str, at: QPoint) -> None:
        menu_of_send(self, self._commands, self._workspace.session, self.face, bus_id).popup(at)

    def _open_value_menu(self, control: QWidget, name: str, at: QPoint) -> None:
        session = self._workspace.session
        menu_of_value(self, self._commands, session, self.face, name).popup(control.mapToGlobal(at))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the strip's menu."""
        session = self._workspace.session
        menu_of_strip(self, self._commands, session, self.face, self.name.begin).popup(event.globalPos())

    # ── events ───────────────────────────────────────────────────────────────────────────────

    def event(self, event: QEvent) -> bool:
        """Keep the strip's own keys from the window while it has the focus itself."""
        overrides = event.type() == QEvent.Type.ShortcutOverride and self.hasFocus()
        if overrides and isinstance(event, QKeyEvent) and self._means_something(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to a neighbour, or do what a key means to this strip."""
        if self.hasFocus() and event.key() in _STEPS:
            self.walked.emit(_STEPS[Qt.Key(event.key())])
        elif self.hasFocus() and event.key() in self._keys():
            self._keys()[event.key()]()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the track."""
        self._select()
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the track that keys have come to."""
        super().focusInEvent(event)
        self._select()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus ring away."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the band in the strip's colour, a lighter ground where selected, and the focus ring."""
        super().paintEvent(event)
        theme = self._appearance.theme
        painter = QPainter(self)
        if self._selected:
            painter.fillRect(self.rect().adjusted(0, 0, -1, 0), QColor(theme.raised))
        painter.fillRect(0, 0, self.width() - 1, _BAND, QColor(theme.colour(self.face.token)))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), FOCUS_WIDTH))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -1))

    def _keys(self) -> dict[int, Callable[[], None]]:
        """Return what keys do that mean something to this strip."""
        if self.face.kind is Kind.MASTER:
            return {}
        keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_M: self.levels.mute.click,
            Qt.Key.Key_S: self.levels.solo.click,
            Qt.Key.Key_F2: self.name.begin,
        }
        if self.face.kind is Kind.BUS:
            keys[Qt.Key.Key_Delete] = lambda: self._commands.remove_bus(self.face.id)
        return keys

    def _means_something(self, event: QKeyEvent) -> bool:
        return event.key() in self._keys() and not event.modifiers()

    def _select(self) -> None:
        if self.face.kind is Kind.TRACK and self._workspace.selected_track != self.face.id:
            self._workspace.select_track(self.face.id)


def _below(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(QPoint(0, widget.height()))
