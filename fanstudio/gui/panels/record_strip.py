"""The strip below the top bar while a track is armed: level, microphone, and how recording goes."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from fanstudio.errors import FanstudioError
from fanstudio.gui.action_set import ActionSet
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.record import RecordCommands
from fanstudio.gui.panels.job_cards import describe_error
from fanstudio.gui.theme import restyle, set_role
from fanstudio.gui.widgets.chip import Chip
from fanstudio.gui.widgets.dot import Dot
from fanstudio.gui.widgets.input_meter import InputMeter
from fanstudio.gui.widgets.labels import ElidedLabel, button, label
from fanstudio.gui.workspace import Workspace
from fanstudio.model.session import Session

_HEIGHT = 44
_UNHEARD = "You do not hear yourself through fanstudio: that would come late."
_UNMEASURED = "Not measured: takes may lie a little late."


class RecordStrip(QFrame):
    """Follows what is armed; hidden while nothing is."""

    def __init__(
        self,
        workspace: Workspace,
        appearance: Appearance,
        actions: ActionSet,
        commands: RecordCommands,
        parent: QWidget | None = None,
    ) -> None:
        """Follow the commands of a window."""
        super().__init__(parent)
        set_role(self, "top")
        self.setFixedHeight(_HEIGHT)
        self.setAccessibleName("Recording")
        self._workspace = workspace
        self._actions = actions
        self._commands = commands
        self.dot = Dot(appearance, "deny")
        self.track = ElidedLabel("", "strong", greedy=False)
        self.meter = InputMeter(appearance)
        self.microphone = self._chip(appearance, "Microphone", "settings", "Choose another in the settings")
        self.channels = Chip(appearance, "Inputs", commands.change_channels)
        self.channels.setToolTip("Which inputs of the device are recorded; press for the next")
        self.count_in = self._chip(appearance, "Count-in", "count_in")
        self.metronome = self._chip(appearance, "Metronome", "metronome")
        self.punch = self._chip(appearance, "Punch", "punch")
        self.timing = self._chip(appearance, "Timing", "measure")
        self.words = ElidedLabel("", "small")
        self.close_button = button("", commands.disarm, tooltip="Put the microphone away")
        set_role(self.close_button, "icon")
        appearance.set_icon(self.close_button, "cancel", "text_2")
        self._lay_out()
        commands.changed.connect(self.refresh)
        workspace.settings_changed.connect(lambda _name: self.refresh())
        workspace.bridge.tick.connect(self._follow)
        self.meter.forgiven.connect(self._forgive)
        self._state: tuple[bool, FanstudioError | None] = (False, None)
        self.refresh()

    def _chip(self, appearance: Appearance, name: str, action_id: str, tip: str = "") -> Chip:
        made = Chip(appearance, name, self._actions[action_id].trigger)
        made.setToolTip(tip or self._actions[action_id].toolTip())
        return made

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.dot)
        row.addWidget(label("To", "small"))
        row.addWidget(self.track)
        row.addWidget(self.meter)
        chips = (self.microphone, self.channels, self.count_in, self.metronome, self.punch, self.timing)
        for part in (*chips, self.words, self.close_button):
            row.addWidget(part)
        row.setStretchFactor(self.words, 1)

    def refresh(self) -> None:
        """Show what is armed, and how recording goes."""
        armed = self._commands.armed
        self.setVisible(armed is not None)
        if armed is None or not self._workspace.is_open:
            return
        self.track.setText(_name_of(self._workspace.session, armed.track_id))
        self._show_options()
        self._show_timing()
        self._show_words()

    def _show_options(self) -> None:
        options = self._commands.options
        bars = {0: "off", 1: "1 bar", 2: "2 bars"}[options.count_in_bars]
        self.count_in.say(bars, before="Count-in")
        self.metronome.say("on" if options.metronome else "off", before="Clicks")
        self.punch.say("loop range" if options.punch else "off", before="Punch")
        self.channels.say(self._workspace.settings.text("sound_input_channels"), before="Input")

    def _show_timing(self) -> None:
        armed = self._commands.armed
        if armed is None or not armed.ready:
            self.microphone.say("Opening…" if armed and armed.problem is None else "No microphone")
            self.timing.say("", before="Timing", dot="wait")
            return
        self.microphone.say(armed.recorder.source.name[:24])
        milliseconds = 1000 * armed.round_trip() / self._workspace.session.sample_rate
        words = f"{milliseconds:.0f} ms" if armed.measured else "measure…"
        self.timing.say(words, before="Timing", dot="ok" if armed.measured else "wait")

    def _show_words(self) -> None:
        problem = self._commands.problem
        armed = self._commands.armed
        if problem is not None:
            words = " ".join(describe_error(problem))
        elif armed is not None and armed.ready and not armed.measured:
            words = f"{_UNMEASURED} {_UNHEARD}"
        else:
            words = _UNHEARD
        role = "error" if problem is not None else "small"
        if self.words.property("role") != role:
            set_role(self.words, role)
            restyle(self.words)
        self.words.setText(words)
        self.words.update()

    def _follow(self) -> None:
        armed = self._commands.armed
        if armed is None:
            return
        level = armed.level
        self.meter.show_level(level.peak if level else 0.0, clipped=bool(level and level.clipped))
        state = armed.ready, armed.problem
        if state != self._state:
            self._state = state
            self.refresh()

    def _forgive(self) -> None:
        armed = self._commands.armed
        if armed is not None and armed.level is not None:
            armed.level.forgive()


def _name_of(session: Session, track_id: str) -> str:
    return next((track.name for track in session.tracks if track.id == track_id), "")
