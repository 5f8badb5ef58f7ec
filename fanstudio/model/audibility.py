"""What of a session is heard: mutes and solos decided in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fanstudio.model.mixer import Bus, Send
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
    soloing = is_soloing(session)
    return tuple(feed for track in session.tracks for feed in _open(track, session.buses, soloing=soloing))


def is_soloing(session: Session) -> bool:
    """Tell whether only what is soloed is heard."""
    return any(track.soloed for track in session.tracks) or any(bus.soloed for bus in session.buses)


def is_audible(session: Session, track: Track) -> bool:
    """Tell whether a track is heard by any way."""
    return any(_open(track, session.buses, soloing=is_soloing(session)))


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


def _open(track: Track, buses: tuple[Bus, ...], *, soloing: bool) -> Iterator[Feed]:
    for feed in _feeds(track):
        bus = next((bus for bus in buses if bus.id == feed.bus), None)
        soloed = track.soloed or (bus is not None and bus.soloed)
        muted = track.muted or (bus is not None and bus.muted)
        if not muted and (soloed or not soloing):
            yield feed


def _feeds(track: Track) -> Iterator[Feed]:
    yield Feed(track, track.output)
    for send in track.sends:
        yield Feed(track, send.bus, send)
