"""Covers: the pitch panel, tuning a voice, the song's key, and the song moved to its singer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from fanstudio.errors import FanstudioError
from fanstudio.gui.actions import clips_to_tune
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.fit_singer import FitSingerDialog
from fanstudio.gui.dialogs.tune import TuneDialog
from fanstudio.gui.pitches import PitchHearing
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.session import Clip
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
        #: What tuning did, in words, by the id of what came of it.
        self.said = self.hearing.said

    def toggle_panel(self) -> None:
        """Show the pitch panel, or hide it."""
        assert self.panel is not None
        self.panel.show_or_hide()

    # ── tuning ───────────────────────────────────────────────────────────────────────────────

    def open_tune(self) -> None:
        """Ask how to tune the clip."""
        clips = clips_to_tune(self._workspace.situation)
        if clips:
            TuneDialog(self._window, self._appearance, self._workspace, self, clips[0]).open()

    def tune_clip(self, clip: Clip, options: tune.TuneOptions) -> None:
        """Tune a clip's voice in the background; it takes the clip's place as one undo step."""
        workspace, project, pitches = self._workspace, self._workspace.project, self.hearing.pitches

        def done(tuned: tune.Tuned) -> None:
            self.said[tuned.source.id] = _words(tuned)
            tune.place_tuned(project, clip.id, tuned)

        workspace.bridge.run(
            f"Tuning “{clip.name}”",
            lambda work: tune.tune_clip(work, project, pitches, clip.id, options),
            done=done,
        )

    def untune(self) -> None:
        """Let the tuned clips play their recordings again."""
        for clip in self._workspace.situation.clips:
            self.untune_clip(clip)

    def untune_clip(self, clip: Clip) -> None:
        """Let a clip play its recording again."""
        session = self._workspace.session
        if not tune.is_tuned(session.source(session.clip(clip.id)[1].source)):
            return
        try:
            tune.untune(self._workspace.project, clip.id)
        except FanstudioError as error:
            self._workspace.bridge.report("Take tuning back", error)

    # ── the singer's range ───────────────────────────────────────────────────────────────────

    def open_fit(self) -> None:
        """Hear the two ranges in the background, then ask."""
        workspace, project = self._workspace, self._workspace.project

        def done(ranges: tuple[VoiceRange | None, VoiceRange]) -> None:
            if workspace.is_open and workspace.project is project:
                FitSingerDialog(self._window, self._appearance, self, *ranges).open()

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
