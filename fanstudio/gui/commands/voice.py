"""Covers: the pitch panel, tuning a voice, the song's key, and the song moved to its singer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from fanstudio.errors import FanstudioError
from fanstudio.gui.actions import clips_to_tune
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.fit_singer import FitSingerDialog
from fanstudio.gui.dialogs.key import KeyDialog
from fanstudio.gui.dialogs.tune import TuneDialog
from fanstudio.gui.pitches import PitchHearing
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.session import Clip, Stem
from fanstudio.studio import singer_range, tune
from fanstudio.studio.project import Project
from fanstudio.studio.singer_range import VoiceRange

if TYPE_CHECKING:
    from fanstudio.gui.panels.pitch import PitchPanel

_FIT = "Fit the song to my voice"


class VoiceCommands:
    """What is done to a fan's voice; `panel` is set when the window has it."""

    def __init__(self, window: QWidget, workspace: Workspace, appearance: Appearance) -> None:
        """Work on a workspace, asking on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self.hearing = PitchHearing(workspace)
        self.panel: PitchPanel | None = None

    def toggle_panel(self) -> None:
        """Show the pitch panel, or hide it."""
        assert self.panel is not None
        self.panel.show_or_hide()

    def ask_key(self) -> None:
        """Ask for the song's key, listening meanwhile."""
        KeyDialog(self._window, self._appearance, self._workspace).open()

    # ── tuning ───────────────────────────────────────────────────────────────────────────────

    def open_tune(self) -> None:
        """Ask how to tune the chosen clips."""
        clips = clips_to_tune(self._workspace.situation)
        if clips:
            TuneDialog(self._window, self._appearance, self._workspace, self, clips).open()

    def tune_clips(self, clips: Sequence[Clip], options: tune.TuneOptions) -> None:
        """Tune voices in the background; they take the clips' places as one undo step."""
        workspace, project, pitches = self._workspace, self._workspace.project, self.hearing.pitches
        ids = [clip.id for clip in clips]

        def done(tuned: dict[str, tune.Tuned]) -> None:
            for voice in tuned.values():
                self.hearing.said[voice.source.id] = _words(voice)
            tune.place_tuned(project, tuned)

        workspace.bridge.run(
            f"Tuning “{clips[0].name}”",
            lambda work: tune.tune_clips(work, project, pitches, ids, options),
            done=done,
        )

    def untune_clips(self, clips: Sequence[Clip]) -> None:
        """Let clips play their recordings again."""
        try:
            tune.untune(self._workspace.project, [clip.id for clip in clips])
        except FanstudioError as error:
            self._workspace.bridge.report("Take tuning back", error)

    # ── the singer's range ───────────────────────────────────────────────────────────────────

    def open_fit(self) -> None:
        """Hear the two ranges in the background, then ask."""
        workspace, project = self._workspace, self._workspace.project

        def done(ranges: tuple[VoiceRange | None, VoiceRange]) -> None:
            if workspace.is_open and workspace.project is project:
                drums = any(track.stem is Stem.DRUMS for track in self._workspace.session.tracks)
                FitSingerDialog(self._window, self._appearance, self, *ranges, has_drums=drums).open()

        workspace.bridge.run(_FIT, lambda work: self._hear_ranges(work, project), done=done)

    def move_song(self, semitones: int) -> None:
        """Move all but drums and recordings."""
        try:
            singer_range.fit_backing(self._workspace.project, semitones)
        except FanstudioError as error:
            self._workspace.bridge.report(_FIT, error)

    def _hear_ranges(self, work: Work, project: Project) -> tuple[VoiceRange | None, VoiceRange]:
        return singer_range.hear_ranges(work, project, self.hearing.pitches)


def _words(tuned: tune.Tuned) -> str:
    """Say what tuning did, in cents."""
    where = f"in {tuned.key}" if tuned.key else "to the nearest notes"
    return f"Tuned {where}: {tuned.off_before:.0f} cents off before, {tuned.off_after:.0f} now."
