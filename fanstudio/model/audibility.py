"""What of a session is heard: mutes and solos decided in one place."""

from __future__ import annotations

from collections.abc import Iterator

from fanstudio.model.session import MIN_GAIN_DB, Clip, Session, Track


def audible_tracks(session: Session) -> tuple[Track, ...]:
    """Return the tracks that sound: the soloed ones if there are any, without the muted ones."""
    soloing = any(track.soloed for track in session.tracks)
    return tuple(track for track in session.tracks if not track.muted and (track.soloed or not soloing))


def is_silent(gain_db: float) -> bool:
    """Tell whether a gain is at the bottom of its range, which stands for silence."""
    return gain_db <= MIN_GAIN_DB


def audible_clips(session: Session) -> Iterator[tuple[Track, Clip]]:
    """Yield every clip that sounds, with its track."""
    for track in audible_tracks(session):
        if is_silent(track.gain_db):
            continue
        for clip in track.clips:
            if not clip.muted and not is_silent(clip.gain_db):
                yield track, clip
