"""Speed and pitch of the selected clips, and of the whole song."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.fit_tempo import FitTempoDialog
from fanstudio.gui.workspace import Workspace
from fanstudio.model.warp_edits import transpose, warp_clips
from fanstudio.studio.warp import unwarp


class WarpCommands:
    """Stretches and transposes what is open in a workspace."""

    def __init__(self, window: QWidget, workspace: Workspace, appearance: Appearance) -> None:
        """Edit this workspace, asking on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance

    def ask_tempo(self) -> None:
        """Ask for the tempo of the selected clips, and stretch them to the session's."""
        FitTempoDialog(self._window, self._appearance, self._workspace).open()

    def pitch_up(self) -> None:
        """Raise the selected clips by a semitone."""
        self._move_clips("Raise pitch", 1.0)

    def pitch_down(self) -> None:
        """Lower the selected clips by a semitone."""
        self._move_clips("Lower pitch", -1.0)

    def unwarp(self) -> None:
        """Play the selected clips as their sources are."""
        chosen = self._chosen()
        self._workspace.apply("Original speed and pitch", lambda session: unwarp(session, chosen))

    def song_up(self) -> None:
        """Raise every track but the drums by a semitone."""
        self._move_song("Song a semitone higher", 1.0)

    def song_down(self) -> None:
        """Lower every track but the drums by a semitone."""
        self._move_song("Song a semitone lower", -1.0)

    def _chosen(self) -> list[str]:
        return [clip.id for clip in self._workspace.situation.clips]

    def _move_clips(self, label: str, semitones: float) -> None:
        chosen = self._chosen()
        self._workspace.apply(
            label,
            lambda session: warp_clips(
                session, chosen, lambda warp: replace(warp, semitones=warp.semitones + semitones)
            ),
        )

    def _move_song(self, label: str, semitones: float) -> None:
        tracks = [track.id for track in self._workspace.session.tracks]
        self._workspace.apply(label, lambda session: transpose(session, tracks, semitones))
