"""What of a session is heard: mutes and solos decided in one place."""

from __future__ import annotations

from collections.abc import Iterator

from fanstudio.model.session import Clip, Session, Track


def audible_tracks(session: Session) -> tuple[Track, ...]:
    """Return the tracks that sound: the soloed ones if there are any, without the muted ones."""
    soloing = any(track.soloed for track in session.tracks)
    return tuple(track for track in session.tracks if not track.muted and (track.soloed or not soloing))


def audible_clips(session: Session) -> Iterator[tuple[Track, Clip]]:
    """Yield every clip that sounds, however softly, with its track."""
    for track in audible_tracks(session):
        for clip in track.clips:
            if not clip.muted:
                yield track, clip


def audible_end(session: Session) -> int:
    """Return the frame after the last clip that sounds; 0 where none does."""
    return max((clip.end for _track, clip in audible_clips(session)), default=0)
