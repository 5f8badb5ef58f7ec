"""The mixer: a strip for each track and bus, and the master at the right, where it always shows."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from fanstudio.gui.action_set import ActionSet
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.mixer import MixerCommands
from fanstudio.gui.panels.mixer_loudness import LoudnessNumbers
from fanstudio.gui.panels.mixer_row import StripRow
from fanstudio.gui.panels.mixer_strip import MixerStrip
from fanstudio.gui.strips import Kind, strip_ids
from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.labels import button, frame, label, separator
from fanstudio.gui.workspace import Workspace
from fanstudio.model.mixer import MASTER
from fanstudio.model.session import Session
from fanstudio.text import counted

_HEIGHT, _LEAST_HEIGHT = 320, 248
_HEAD_HEIGHT = 36
_SHOWN = "mixer_shown"


class MixerPanel(QFrame):
    """Hidden at first, then as it was last; while it is hidden, it costs nothing."""

    def __init__(
        self,
        workspace: Workspace,
        appearance: Appearance,
        actions: ActionSet,
        commands: MixerCommands,
        parent: QWidget | None = None,
    ) -> None:
        """Follow a workspace's session."""
        super().__init__(parent)
        set_role(self, "dock")
        self.setAccessibleName("Mixer")
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._workspace = workspace
        self._appearance = appearance
        self._commands = commands
        self.row = StripRow(workspace, appearance, commands)
        self.master: MixerStrip | None = None
        self.loudness: LoudnessNumbers | None = None
        self._make_head(actions)
        self._lay_out()
        self.row.stops_changed.connect(self._order_stops)
        self.row.left.connect(self._leave_row)
        workspace.opened.connect(self._show_as_last)
        workspace.session_changed.connect(self._show_session)
        workspace.selection_changed.connect(self._show_selection)
        workspace.bridge.tick.connect(self._show_levels)
        self.hide()

    def sizeHint(self) -> QSize:
        """Return the height that is wanted; the timeline gets the rest."""
        return QSize(super().sizeHint().width(), _HEIGHT)

    def show_or_hide(self) -> None:
        """Show the mixer, or hide it."""
        self._set_shown(self.isHidden())

    def show_strip(self, strip_id: str, *, offer_effects: bool = False) -> None:
        """Show the mixer with a strip in view, its menu of effects open if that is wanted."""
        self._set_shown(True)
        assert self.master is not None
        strip = self.master if strip_id == MASTER else self.row.strip(strip_id)
        strip.setFocus(Qt.FocusReason.OtherFocusReason)
        if offer_effects:
            strip.chain.add_effect.click()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with the session."""
        super().showEvent(event)
        self._show_session()
        self._show_selection()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hide the mixer with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self._set_shown(False)
        else:
            super().keyPressEvent(event)

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _make_head(self, actions: ActionSet) -> None:
        self.heading = label("", "small")
        self.add_bus = button("+ Add bus", actions["add_bus"].trigger, "link")
        self.add_bus.setToolTip(actions["add_bus"].toolTip())
        self.close_button = button("", lambda: self._set_shown(False), "icon", tooltip="Hide the mixer (X)")
        set_role(self.close_button, "mini")
        self._appearance.set_icon(self.close_button, "cancel", "text_2")

    def _lay_out(self) -> None:
        head = frame("row")
        head.setFixedHeight(_HEAD_HEIGHT)
        line = QHBoxLayout(head)
        line.setContentsMargins(14, 0, 8, 0)
        line.setSpacing(10)
        line.addWidget(label("Mixer", "strong"))
        line.addWidget(self.heading)
        line.addStretch(1)
        line.addWidget(self.add_bus)
        line.addWidget(self.close_button)
        self._strips = QHBoxLayout()
        self._strips.setContentsMargins(0, 0, 0, 0)
        self._strips.setSpacing(0)
        self._strips.addWidget(self.row, 1)
        line_between = separator(upright=True)
        line_between.setFixedWidth(1)
        self._strips.addWidget(line_between)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addLayout(self._strips, 1)

    # ── what changes ─────────────────────────────────────────────────────────────────────────

    def _set_shown(self, shown: bool) -> None:
        """Show or hide it, now and the next time."""
        self.setVisible(shown)
        if shown is not self._workspace.settings.get(_SHOWN):
            self._workspace.set_setting(_SHOWN, shown)

    def _show_as_last(self) -> None:
        self.setVisible(bool(self._workspace.settings.get(_SHOWN)))

    def _show_session(self) -> None:
        if self.isHidden() or not self._workspace.is_open:
            return
        session = self._workspace.session
        if self.master is None:
            self._make_master()
        assert self.master is not None
        self.master.show_session(session)
        self.row.show_session(session)
        self.heading.setText(_heading(session))
        self._order_stops()

    def _make_master(self) -> None:
        self.master = MixerStrip(self._workspace, self._appearance, self._commands, MASTER)
        self.master.walked.connect(self._leave_master)
        self.loudness = LoudnessNumbers()
        self.loudness.clicked.connect(self._measure_anew)
        self.master.chain.add_below(self.loudness)
        self._strips.addWidget(self.master)
        self.master.show()
        self._strips.activate()  # how far the row scrolls depends on the width that is left

    def _show_selection(self) -> None:
        self.row.show_selected(self._workspace.selected_track)

    def _show_levels(self) -> None:
        if self.isHidden() or not self._workspace.is_open:
            return
        if self.master is None or self.loudness is None:
            return
        transport = self._workspace.transport
        levels, faults = transport.levels(), transport.faults
        for strip in self.row.strips:
            peaks = levels.buses if strip.face.kind is Kind.BUS else levels.tracks
            strip.levels.meter.show_level(*peaks.get(strip.face.id, (0.0, 0.0)))
        for strip in (*self.row.strips, self.master):
            strip.show_moment(self._workspace.playhead)
            strip.chain.rack.show_faults(faults)
        self.master.levels.meter.show_level(*levels.master)
        self.loudness.show_reading(transport.loudness())

    def _measure_anew(self) -> None:
        self._workspace.transport.measure_anew()
        self._show_levels()

    # ── the focus ────────────────────────────────────────────────────────────────────────────

    def _order_stops(self) -> None:
        """Let Tab go through the strips from left to right, however they came to be."""
        strips = (*self.row.strips, *((self.master,) if self.master else ()))
        stops = [self.add_bus, self.close_button, *(stop for strip in strips for stop in strip.stops)]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _leave_row(self, by: int) -> None:
        if by > 0 and self.master is not None:
            self.master.setFocus(Qt.FocusReason.TabFocusReason)

    def _leave_master(self, by: int) -> None:
        others = strip_ids(self._workspace.session)
        if by < 0 and others:
            self.row.strip(others[-1]).setFocus(Qt.FocusReason.TabFocusReason)


def _heading(session: Session) -> str:
    tracks, buses = counted(len(session.tracks), "track"), len(session.buses)
    return tracks + (f" · {buses} bus{'' if buses == 1 else 'es'}" if buses else "")
