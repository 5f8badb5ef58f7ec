"""Recording: arming a track, recording on it, its takes, and the round trip."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from fanstudio.audio.both_ways import Microphone
from fanstudio.errors import FanstudioError
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.round_trip import RoundTripDialog
from fanstudio.gui.dialogs.takes import TakesDialog
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.session import Session, Stem
from fanstudio.studio import recordings
from fanstudio.studio.arm import Armed
from fanstudio.studio.project import Project
from fanstudio.studio.record import LiveRecording, RecordOptions
from fanstudio.studio.recordings import Kept

#: What a first recording is laid on.
NEW_TRACK = "My voice"
_COUNT_INS = (0, 1, 2)
_CHANNELS = {"1": (1,), "2": (2,), "1+2": (1, 2)}
_KEPT = "What was recorded until then is on its track."
_LATER = "What was recorded is in the project's folder, and is brought back when the project is opened."


class RecordCommands(QObject):
    """Holds what is armed and what is recorded; `changed` tells when either is another."""

    changed = Signal()

    def __init__(self, window: QWidget, workspace: Workspace, appearance: Appearance) -> None:
        """Record into what is open in this workspace, asking on top of `window`."""
        super().__init__(window)
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self.armed: Armed | None = None
        self.live: LiveRecording | None = None
        #: Whether only the loop range is recorded.
        self.punch = False
        self._waits = False
        self._keeping = False
        #: The session as it was when the track to record on had been added.
        self._track_added: Session | None = None
        workspace.closing.connect(self._let_go)
        workspace.opened.connect(self._bring_back)
        workspace.session_changed.connect(self._check_track)
        workspace.settings_changed.connect(self._setting_changed)
        workspace.bridge.tick.connect(self._follow)

    # ── what actions call ────────────────────────────────────────────────────────────────────

    def toggle(self) -> None:
        """Record on the armed track, or on a fitting one; or stop recording."""
        if self.live is not None:
            self._finish()
        elif self._waits:
            self._waits = False
        elif not self._keeping:
            if self.armed is None:
                self._arm(self._fitting_track())
            elif not self.armed.ready and self.armed.problem is not None:
                self.set_armed(self.armed.track_id, on=True)
            self._waits = True
            self._follow()
        self.changed.emit()

    def arm(self) -> None:
        """Arm the selected track, or a fitting one; disarm where one is armed."""
        chosen = self._workspace.selected_track
        self.set_armed(chosen or self._fitting_track(), self.armed is None or self.armed.track_id != chosen)

    def set_armed(self, track_id: str, on: bool) -> None:
        """Arm a track, in place of another, or disarm it; not while it is recorded on."""
        if self.live is None:
            self._disarm()
            if on:
                self._arm(track_id)
        self.changed.emit()

    def disarm(self) -> None:
        """Let go of the microphone, unless it is recorded."""
        if self.armed is not None:
            self.set_armed(self.armed.track_id, on=False)

    def toggle_metronome(self) -> None:
        """Turn the clicks beside a recording on or off."""
        on = not self._workspace.settings.get("record_metronome")
        self._workspace.set_setting("record_metronome", on)
        self.changed.emit()

    def change_count_in(self) -> None:
        """Count in for one bar more, or for none after two."""
        bars = self.options.count_in_bars
        following = _COUNT_INS[(_COUNT_INS.index(bars) + 1) % len(_COUNT_INS)]
        self._workspace.set_setting("count_in_bars", following)
        self.changed.emit()

    def change_channels(self) -> None:
        """Record the next input of the device, or two of them."""
        names = tuple(_CHANNELS)
        at = names.index(self._workspace.settings.text("sound_input_channels"))
        self._workspace.set_setting("sound_input_channels", names[(at + 1) % len(names)])
        self.changed.emit()

    def toggle_punch(self) -> None:
        """Record within the loop range only, or from the playhead on."""
        self.punch = not self.punch
        self.changed.emit()

    def measure(self) -> None:
        """Open the guide that measures the round trip; it arms a track if none is."""
        if self.live is not None or not self._workspace.is_open:
            return
        if self.armed is None:
            self._arm(self._fitting_track())
            self.changed.emit()
        if self.armed is not None:
            self._workspace.transport.stop()
            dialog = RoundTripDialog(self._window, self._appearance, self._workspace, self.armed)
            dialog.finished.connect(self.changed)
            dialog.open()

    def show_takes(self) -> None:
        """Show the takes of the selected track, or of the only one that has any."""
        track_id = self._workspace.selected_track
        session = self._workspace.session
        with_takes = [track.id for track in session.tracks if track.takes]
        if track_id not in with_takes and with_takes:
            track_id = with_takes[-1]
        if track_id is not None:
            TakesDialog(self._window, self._appearance, self._workspace, track_id).open()

    # ── what panels ask ──────────────────────────────────────────────────────────────────────

    @property
    def options(self) -> RecordOptions:
        """Return how the next recording goes."""
        settings = self._workspace.settings
        bars = settings.get("count_in_bars")
        assert isinstance(bars, int)
        return RecordOptions(bars, bool(settings.get("record_metronome")), self.punch)

    @property
    def problem(self) -> FanstudioError | None:
        """Return why nothing can be recorded, or None."""
        return self.armed.problem if self.armed is not None else None

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _fitting_track(self) -> str:
        """Return the track to record on: the selected one if it is empty or has takes, else one that has.

        Where there is none, one is added.
        """
        session, chosen = self._workspace.session, self._workspace.selected_track
        for track in (*(t for t in session.tracks if t.id == chosen), *reversed(session.tracks)):
            if track.takes or (track.id == chosen and not track.clips) or _is_new(session, track.id):
                return track.id
        self._workspace.apply("Add track", lambda now: edits.add_track(now, NEW_TRACK, Stem.VOCALS))
        self._track_added = self._workspace.session
        return self._workspace.session.tracks[-1].id

    def _arm(self, track_id: str) -> None:
        workspace = self._workspace
        microphone = Microphone(
            workspace.settings.text("sound_input"), _CHANNELS[workspace.settings.text("sound_input_channels")]
        )
        self.armed = Armed(workspace.project, workspace.transport, workspace.settings, track_id, microphone)

    def _disarm(self, *, plays_on: bool = True) -> None:
        self._waits = False
        armed, self.armed = self.armed, None
        if armed is not None:
            armed.close(plays_on=plays_on)

    def _follow(self) -> None:
        """Begin once the microphone is open, and end what ended by itself."""
        if self.live is not None:
            if self.live.over:
                self._finish()
        elif self._waits and self.armed is not None:
            if self.armed.problem is not None:
                self._waits = False
                self._workspace.bridge.report("Recording", self.armed.problem)
                self.changed.emit()
            elif self.armed.ready:
                self._waits = False
                self._begin(self.armed)

    def _begin(self, armed: Armed) -> None:
        try:
            live = LiveRecording(armed, self.options)
            live.begin()
        except FanstudioError as error:
            self._workspace.bridge.report("Recording", error)
        else:
            self.live = live
            self._workspace.recording = True
        self._workspace.transport_changed.emit()
        self.changed.emit()

    def _finish(self) -> None:
        live, self.live = self.live, None
        assert live is not None
        problem = live.problem
        live.stop()
        self._workspace.recording = False
        self._keeping = True
        self._workspace.bridge.run(
            "Keeping the recording",
            live.keep,
            done=partial(self._place, live, problem),
            failed=self._not_kept,
            safe=_LATER,
        )
        self._workspace.transport_changed.emit()
        self.changed.emit()

    def _place(self, live: LiveRecording, problem: FanstudioError | None, kept: Kept | None) -> None:
        self._keeping = False
        if kept is not None and self._is_open(live.project):
            live.place(kept, after=self._track_added)
        if problem is not None:
            self._workspace.bridge.report("The recording ended", problem, _KEPT if kept else "")
        self.changed.emit()

    def _not_kept(self, _error: BaseException) -> bool:
        self._keeping = False
        self.changed.emit()
        return False

    def _let_go(self) -> None:
        """Stop for good: the project is closed. A recording under way is found when it is opened again."""
        if self.live is not None:
            self.live.stop()
        self.live = None
        self._workspace.recording = self._keeping = False
        self._disarm(plays_on=False)
        self.changed.emit()

    def _check_track(self) -> None:
        """Disarm a track that is gone."""
        if self.armed is None or self.live is not None:
            return
        if all(track.id != self.armed.track_id for track in self._workspace.session.tracks):
            self._disarm()
        self.changed.emit()

    def _setting_changed(self, name: str) -> None:
        if name in ("sound_input", "sound_input_channels") and self.armed is not None and self.live is None:
            self.set_armed(self.armed.track_id, on=True)

    def _bring_back(self) -> None:
        """Make takes of recordings that a crash cut off."""
        project = self._workspace.project
        for part in recordings.unfinished(project.pool):
            self._workspace.bridge.run(
                "Bringing back a recording",
                partial(_recover, project, part),
                done=partial(self._show_brought_back, project),
                safe=_LATER,
            )

    def _show_brought_back(self, project: Project, kept: Kept | None) -> None:
        if kept is not None and self._is_open(project):
            recordings.place(project, kept, "Bring back a recording")
            self._workspace.bridge.noted.emit(
                "A recording was brought back",
                f"fanstudio ended before it was kept. It is on “{kept.note.track_name}” now.",
            )

    def _is_open(self, project: Project) -> bool:
        """Tell whether a project is still open; what was recorded into another waits in its folder."""
        return self._workspace.is_open and self._workspace.project is project


def _recover(project: Project, part: Path, work: Work) -> Kept | None:
    return recordings.recover(work, project, part)


def _is_new(session: Session, track_id: str) -> bool:
    track = session.track(track_id)
    return track.name == NEW_TRACK and not track.clips
