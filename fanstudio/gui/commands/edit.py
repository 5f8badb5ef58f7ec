"""Edits of the selected clips."""

from __future__ import annotations

from fanstudio.gui.workspace import Workspace
from fanstudio.model import edits
from fanstudio.model.session import Session


class EditCommands:
    """Undo, redo, and what is done to clips."""

    def __init__(self, workspace: Workspace) -> None:
        """Edit what is open in this workspace."""
        self._workspace = workspace

    def undo(self) -> None:
        """Take the last step back."""
        self._workspace.document.undo()
        self._workspace.did.emit("undo")

    def redo(self) -> None:
        """Bring the undone step back."""
        self._workspace.document.redo()

    def split(self) -> None:
        """Cut the clip under the playhead in two; with several selected, each that it crosses."""
        now = self._workspace.situation
        crossed = [clip.id for clip in now.clips if clip.position < now.playhead < clip.end]
        if not crossed and now.clip_under_playhead:
            crossed = [now.clip_under_playhead.id]

        def cut(session: Session) -> Session:
            for clip_id in crossed:
                session = edits.split_clip(session, clip_id, now.playhead)
            return session

        self._workspace.apply("Split clip", cut)

    def duplicate(self) -> None:
        """Put a copy behind each selected clip, and select the copies."""
        chosen = self._workspace.situation.clips
        before = {clip.id for clip in self._workspace.session.clips()}

        def copy(session: Session) -> Session:
            for clip in sorted(chosen, key=lambda clip: clip.position, reverse=True):
                session = edits.duplicate_clip(session, clip.id)
            return session

        if self._workspace.apply("Duplicate clip", copy):
            ends = {clip.end for clip in chosen}
            made = (clip for clip in self._workspace.session.clips() if clip.id not in before)
            self._workspace.select_clips(clip.id for clip in made if clip.position in ends)

    def delete(self) -> None:
        """Take the selected clips off the timeline."""
        chosen = [clip.id for clip in self._workspace.situation.clips]
        label = "Delete clip" if len(chosen) == 1 else f"Delete {len(chosen)} clips"
        self._workspace.apply(label, lambda session: edits.delete_clips(session, chosen))

    def select_all(self) -> None:
        """Select every clip."""
        self._workspace.select_clips(clip.id for clip in self._workspace.session.clips())

    def mute_clips(self) -> None:
        """Mute the selected clips, or unmute them if all are muted."""
        chosen = self._workspace.situation.clips
        mute = not all(clip.muted for clip in chosen)

        def change(session: Session) -> Session:
            for clip in chosen:
                session = edits.mute_clip(session, clip.id, mute)
            return session

        self._workspace.apply("Mute clip" if mute else "Unmute clip", change)
