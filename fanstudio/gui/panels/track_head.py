"""The header of one track: name, mute, solo, pan, gain and meter."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.track import TrackCommands
from fanstudio.gui.panels.ruled import Control, RuledControls
from fanstudio.gui.theme import restyle, set_role
from fanstudio.gui.tokens import stem_token
from fanstudio.gui.widgets.fader import Fader, decibels
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.widgets.meter import Meter
from fanstudio.gui.widgets.name_edit import NameEdit
from fanstudio.gui.widgets.pan_knob import PanKnob
from fanstudio.gui.workspace import Workspace
from fanstudio.model.mixer import GAIN, PAN
from fanstudio.model.session import Track

_STRIP = 4
_TIPS = {"M": "Mute (M)", "S": "Solo (S)", "●": "Record on this track: opens the microphone"}


class TrackHead(QFrame):
    """Follows one track; a drag of its gain or pan is one undo step."""

    chosen = Signal(str)
    #: The track is to be armed for recording, or no longer.
    arm_wanted = Signal(str, bool)
    menu_wanted = Signal(str, QPoint)

    def __init__(
        self, workspace: Workspace, appearance: Appearance, commands: TrackCommands, track: Track, height: int
    ) -> None:
        """Show a track in a lane of `height` pixels."""
        super().__init__()
        set_role(self, "head")
        self._workspace = workspace
        self._appearance = appearance
        self._commands = commands
        self._track = track
        self._shown: Track | None = None
        self._selected = False
        self._ruled = RuledControls()
        self.setFixedHeight(height)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda at: self.menu_wanted.emit(track.id, self.mapToGlobal(at))
        )
        self._make_parts(track)
        self._lay_out()
        appearance.changed.connect(self.update)
        self.show_track(track)

    @property
    def track_id(self) -> str:
        """Return the id of the track that is shown."""
        return self._track.id

    def _make_parts(self, track: Track) -> None:
        self._icon = label()
        self._icon.setAccessibleName(f"{track.stem.value} track")
        self._appearance.set_pixmap(self._icon, f"stem-{track.stem.value}", stem_token(track.stem))
        self.name = NameEdit(track.name)
        self.name.renamed.connect(lambda name: self._commands.rename(self._track.id, name))
        self.mute = self._toggle("M", "wait", lambda on: self._commands.set_muted(self._track.id, on))
        self.solo = self._toggle("S", "accent", lambda on: self._commands.set_soloed(self._track.id, on))
        self.arm = self._toggle("●", "deny", lambda on: self.arm_wanted.emit(self._track.id, on))
        self.pan = PanKnob(self._appearance, "")
        self._follow_gesture(self.pan, "Set pan", self._commands.set_pan)
        self.gain_text = label(role="small")
        self.fader = Fader("", track.stem)
        self._follow_gesture(self.fader, "Set gain", self._commands.set_gain)
        self.meter = Meter(self._appearance, "")

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(self._icon)
        title.addWidget(self.name, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        for part in (self.mute, self.solo, self.arm, self.pan):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.gain_text)
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 12, 12, 10)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.addLayout(title, 0, 0)
        grid.addLayout(row, 1, 0)
        grid.addWidget(self.fader, 2, 0)
        grid.setRowStretch(2, 1)
        grid.addWidget(self.meter, 0, 1, 3, 1)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Return where Tab stops, in order."""
        return (self.mute, self.solo, self.arm, self.pan, self.fader)

    def show_track(self, track: Track) -> None:
        """Take the track's present values; the very same track costs nothing."""
        if track is self._shown:
            return
        self._track = self._shown = track
        self.setAccessibleName(f"Track {track.name}")
        self.name.show_name(track.name)
        self.mute.setChecked(track.muted)
        self.solo.setChecked(track.soloed)
        self._show_gain(track.gain_db)
        self.pan.show_pan(track.pan)
        for part, words in (
            (self.mute, "Mute"),
            (self.solo, "Solo"),
            (self.arm, "Record on"),
            (self.fader, "Gain of"),
            (self.pan, "Pan of"),
            (self.meter, "Level of"),
        ):
            part.setAccessibleName(f"{words} {track.name}")
        if self.fader.property("muted") is not track.muted:
            self.fader.setProperty("muted", track.muted)
            restyle(self.fader)
        controls: dict[str, Control] = {
            GAIN: (self.fader, self._show_gain),
            PAN: (self.pan, self.pan.show_pan),
        }
        self._ruled.take(track.automation, controls)

    def show_moment(self, frame: int) -> None:
        """Let what automation rules stand where it is at a frame."""
        self._ruled.show_at(frame)

    def _show_gain(self, gain_db: float) -> None:
        if gain_db != self.fader.gain_db:
            self.fader.show_gain(gain_db)
        if (text := decibels(gain_db)) != self.gain_text.text():
            self.gain_text.setText(text)

    def show_armed(self, armed: bool) -> None:
        """Show whether the track is armed."""
        self.arm.setChecked(armed)

    def show_selected(self, selected: bool) -> None:
        """Show whether the track is selected."""
        if selected is not self._selected:
            self._selected = selected
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the strip in the stem's colour, and a lighter ground where selected."""
        super().paintEvent(event)
        theme = self._appearance.theme
        painter = QPainter(self)
        if self._selected:
            painter.fillRect(self.rect().adjusted(0, 0, 0, -1), QColor(theme.raised))
        painter.fillRect(0, 0, _STRIP, self.height() - 1, QColor(theme.stem(self._track.stem)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the track."""
        self.chosen.emit(self._track.id)
        super().mousePressEvent(event)

    def _toggle(self, letter: str, tone: str, clicked: Callable[[bool], None]) -> QPushButton:
        made = QPushButton(letter)
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setToolTip(_TIPS[letter])
        set_role(made, "toggle", tone=tone)
        made.clicked.connect(clicked)
        return made

    def _follow_gesture(
        self, control: Fader | PanKnob, step: str, change: Callable[[str, float], None]
    ) -> None:
        control.began.connect(lambda: self._workspace.begin_interaction(step))
        control.moved.connect(lambda value: change(self._track.id, value))
        control.ended.connect(self._workspace.end_interaction)
