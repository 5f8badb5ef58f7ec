"""Edits of takes: what was recorded stays with its track, and any of it can be heard."""

from __future__ import annotations

from dataclasses import replace

from fanstudio.errors import EditError
from fanstudio.model.edits import add_source
from fanstudio.model.lanes import check_frame, clean_name, lay, with_track
from fanstudio.model.session import Clip, Session, Source, Take, Track, new_id


def add_take(
    session: Session,
    track_id: str,
    source: Source,
    position: int,
    *,
    offset: int = 0,
    length: int | None = None,
    name: str = "",
) -> Session:
    """Keep a recording as the newest take of a track, and play it in its place."""
    session = add_source(session, source)
    length = source.length - offset if length is None else length
    if offset < 0 or length < 1 or offset + length > source.length:
        raise EditError("A take cannot reach beyond its recording.")
    check_frame(position, length)
    track = session.track(track_id)
    name = clean_name(name or f"Take {len(track.takes) + 1}")
    take = Take(new_id(), source.id, name, position, offset, length)
    session = with_track(session, replace(track, takes=(*track.takes, take)))
    return use_take(session, track_id, take.id)


def use_take(
    session: Session, track_id: str, take_id: str, start: int | None = None, end: int | None = None
) -> Session:
    """Play a take on its track, or its part between two timeline frames; what lay there is cut away."""
    track = session.track(track_id)
    take = _take(track, take_id)
    first = max(take.position, take.position if start is None else start)
    last = min(take.end, take.end if end is None else end)
    if first >= last:
        raise EditError("That take has nothing there.")
    offset = take.offset + first - take.position
    clip = Clip(new_id(), take.source, take.name, first, offset, last - first)
    return with_track(session, lay(track, clip))


def rename_take(session: Session, track_id: str, take_id: str, name: str) -> Session:
    """Give a take another name."""
    track = session.track(track_id)
    renamed = replace(_take(track, take_id), name=clean_name(name))
    takes = tuple(renamed if take.id == take_id else take for take in track.takes)
    return with_track(session, replace(track, takes=takes))


def remove_take(session: Session, track_id: str, take_id: str) -> Session:
    """Forget a take; clips that play it stay, and so does its source."""
    track = session.track(track_id)
    _take(track, take_id)
    takes = tuple(take for take in track.takes if take.id != take_id)
    return with_track(session, replace(track, takes=takes))


def _take(track: Track, take_id: str) -> Take:
    for take in track.takes:
        if take.id == take_id:
            return take
    raise EditError("That take is no longer there.")
