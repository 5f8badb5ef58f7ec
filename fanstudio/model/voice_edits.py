"""Edits for covers: a tuned voice in a clip's place, the song's key, the backing moved to the singer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fanstudio.errors import EditError
from fanstudio.model.edits import add_source
from fanstudio.model.lanes import with_clip
from fanstudio.model.pattern_edits import drop_unused
from fanstudio.model.scale import parse_key
from fanstudio.model.session import Session, Source
from fanstudio.model.warp_edits import transpose


def put_in_place(session: Session, clip_id: str, source: Source) -> Session:
    """Let a clip play another source, which is as long as its own, in the same place.

    The one before goes from the session where nothing needs it any more.

    Raises:
        EditError: the clip is gone, or the source is too short for it.

    """
    _, clip = session.clip(clip_id)
    if source.length < session.source(clip.source).length:
        raise EditError(f"“{source.name}” is shorter than what the clip plays.")
    session = with_clip(add_source(session, source), replace(clip, source=source.id))
    return drop_unused(session, {clip.source} - {source.id})


def set_key(session: Session, text: str) -> Session:
    """Set the song's key, as "A minor"; an empty text forgets it.

    Raises:
        EditError: the text spells no key.

    """
    key = parse_key(text)
    return replace(session, key="" if key is None else str(key))


def move_backing(session: Session, track_ids: Iterable[str], semitones: int) -> Session:
    """Move tracks by semitones, all but drums, and the song's key with them.

    Raises:
        EditError: a track is gone, or a clip would be moved too far.

    """
    moved = transpose(session, track_ids, semitones)
    try:
        key = parse_key(session.key)
    except EditError:
        return moved
    return moved if key is None else replace(moved, key=str(key.moved(semitones)))
