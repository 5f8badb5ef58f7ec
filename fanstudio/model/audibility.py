"""What of a session is heard: mutes and solos decided in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fanstudio.model.mixer import Send
from fanstudio.model.session import Clip, Session, Track


@dataclass(frozen=True, slots=True)
class Feed:
    """A way by which a track is heard: its output, or a send; `bus` is empty for the master."""

    track: Track
    bus: str
    send: Send | None = None


def open_feeds(session: Session) -> tuple[Feed, ...]:
    """Return the ways that sound goes, track by track, the output before the sends.

    A muted track or bus is silent whatever is soloed. Where something is, only that is heard: a soloed
    track by all its ways, a soloed bus with all that feeds it. Buses themselves are never shut by solo.
    """
    muted = {bus.id for bus in session.buses if bus.muted}
    soloed = {bus.id for bus in session.buses if bus.soloed}
    soloing = bool(soloed) or any(track.soloed for track in session.tracks)
    return tuple(
        feed
        for track in session.tracks
        if not track.muted
        for feed in _feeds(track)
        if feed.bus not in muted and (track.soloed or feed.bus in soloed or not soloing)
    )


def audible_tracks(session: Session) -> tuple[Track, ...]:
    """Return the tracks that sound by any way."""
    heard = {feed.track.id for feed in open_feeds(session)}
    return tuple(track for track in session.tracks if track.id in heard)


def audible_clips(session: Session) -> Iterator[tuple[Track, Clip]]:
    """Yield every clip that sounds, however softly, with its track."""
    for track in audible_tracks(session):
        for clip in track.clips:
            if not clip.muted:
                yield track, clip


def audible_end(session: Session) -> int:
    """Return the frame after the last clip that sounds; 0 where none does."""
    return max((clip.end for _track, clip in audible_clips(session)), default=0)


def _feeds(track: Track) -> Iterator[Feed]:
    yield Feed(track, track.output)
    for send in track.sends:
        yield Feed(track, send.bus, send)
