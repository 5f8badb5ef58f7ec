"""Edits of tracks, and the one-click mixes that stems allow."""

from __future__ import annotations

from collections.abc import Callable

from fanstudio.gui.workspace import Workspace
from fanstudio.model import edits, mixer_edits
from fanstudio.model.session import Session, Stem, Track


class TrackCommands:
    """What is done to the selected track, or to one that is named."""

    def __init__(self, workspace: Workspace) -> None:
        """Edit what is open in this workspace."""
        self._workspace = workspace

    def add(self) -> None:
        """Add an empty track below the others, and select it."""
        count = len(self._workspace.session.tracks) + 1
        if self._workspace.apply("Add track", lambda session: edits.add_track(session, f"Track {count}")):
            self._workspace.select_track(self._workspace.session.tracks[-1].id)

    def mute(self) -> None:
        """Mute or unmute the selected track."""
        self.set_muted(self._selected.id, not self._selected.muted)

    def solo(self) -> None:
        """Solo or unsolo the selected track."""
        self.set_soloed(self._selected.id, not self._selected.soloed)

    def set_muted(self, track_id: str, muted: bool) -> None:
        """Mute or unmute a track."""
        label = "Mute track" if muted else "Unmute track"
        self._workspace.apply(label, lambda session: edits.mute_track(session, track_id, muted))

    def set_soloed(self, track_id: str, soloed: bool) -> None:
        """Solo or unsolo a track."""
        label = "Solo track" if soloed else "Unsolo track"
        self._workspace.apply(label, lambda session: edits.solo_track(session, track_id, soloed))

    def rename(self, track_id: str, name: str) -> None:
        """Give a track another name."""
        self._workspace.apply("Rename track", lambda session: edits.rename_track(session, track_id, name))

    def set_gain(self, track_id: str, gain_db: float) -> None:
        """Set a track's gain in dB."""
        self._workspace.apply("Set gain", lambda session: edits.set_track_gain(session, track_id, gain_db))

    def set_pan(self, track_id: str, pan: float) -> None:
        """Set a track's pan, −1 to 1."""
        self._workspace.apply("Set pan", lambda session: edits.set_pan(session, track_id, pan))

    def remove(self) -> None:
        """Remove the selected track and its clips."""
        chosen = self._selected.id
        self._workspace.apply("Delete track", lambda session: edits.remove_track(session, chosen))

    def move_up(self) -> None:
        """Move the selected track one place up."""
        self._move(-1)

    def move_down(self) -> None:
        """Move the selected track one place down."""
        self._move(1)

    def instrumental(self) -> None:
        """Mute the song's vocals and sound everything else, also what the fan sang."""
        self._mix("Instrumental", lambda track: track.stem is Stem.VOCALS and not track.takes)

    def a_cappella(self) -> None:
        """Sound the vocals and mute every other stem."""
        self._mix("A cappella", lambda track: track.stem is not Stem.VOCALS)

    @property
    def _selected(self) -> Track:
        return self._workspace.session.track(self._workspace.selected_track or "")

    def _move(self, by: int) -> None:
        chosen = self._selected
        index = self._workspace.session.tracks.index(chosen) + by
        if 0 <= index < len(self._workspace.session.tracks):
            self._workspace.apply("Move track", lambda session: edits.move_track(session, chosen.id, index))

    def _mix(self, label: str, mutes: Callable[[Track], bool]) -> None:
        def change(session: Session) -> Session:
            for track in session.tracks:
                session = edits.solo_track(session, track.id, False)
                session = edits.mute_track(session, track.id, mutes(track))
            for bus in session.buses:
                session = mixer_edits.solo_bus(session, bus.id, False)
            return session

        self._workspace.apply(label, change)
