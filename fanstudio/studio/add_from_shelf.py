"""Adding from the shelf: an item comes into the pool, fitted to the session's tempo, and lies on a bar."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.pattern import Pattern
from fanstudio.model.pattern_edits import place_clip
from fanstudio.model.session import Clip, Session, Source, Track, new_id
from fanstudio.model.timebase import snap_to_bar, snap_to_beat
from fanstudio.model.warp import Warp
from fanstudio.studio import drum_grid
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.project import Project
from fanstudio.studio.shelf import check_recording, session_tempo, stretch_to
from fanstudio.studio.shelf_table import ShelfItem

#: A stretched loop ends with other phases than it begins with: fades this long keep repeats from clicking.
_SEAM_S = (0.0015, 0.004)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An item that is in the pool and waits to be placed; `words` say what was done to it."""

    item: ShelfItem
    source: Source
    warp: Warp | None
    pattern: Pattern | None
    words: str


def fetch(work: Work, project: Project, machine: DrumMachine, item: ShelfItem, frame: int) -> Fetched:
    """Bring an item into the pool, for a place on the timeline; the session changes in `place` only.

    Raises:
        AudioFileError: its file is missing or damaged.
        StorageError: the disk is full or gone.

    """
    session = project.document.session
    bpm = session_tempo(session, frame)
    if item.pattern is not None:
        pattern = replace(item.pattern, bpm=bpm or item.pattern.bpm)
        made = drum_grid.render(work, project, machine, pattern, item.name)
        return Fetched(item, made.source, None, made.pattern, f"Played at {_number(pattern.bpm)} bpm")
    assert item.recording is not None
    check_recording(item.recording, item.name)
    source = project.pool.import_file(
        work, item.recording.path, session.sample_rate, item.origin, stem=item.stem
    )
    by = stretch_to(item, bpm)
    warp = None if by == 1.0 else Warp(stretch=by)
    return Fetched(item, replace(source, name=item.name), warp, None, _words(item, bpm, warp))


def place(project: Project, fetched: Fetched, frame: int, track_id: str | None = None) -> str:
    """Lay what was fetched on the bar nearest to a frame, as one undo step; return the clip's id.

    One-shots keep to beats. Where the track has no room, or none is named, it lies on one of its name that
    has, else on a new one: nothing is covered. An empty session without a tempo takes the loop's.
    """
    clip_id = new_id()
    project.document.apply(
        f"Add “{fetched.item.name}”", lambda session: _placed(session, fetched, frame, track_id, clip_id)
    )
    return clip_id


def _placed(session: Session, fetched: Fetched, frame: int, track_id: str | None, clip_id: str) -> Session:
    item, source = fetched.item, fetched.source
    if item.bpm is not None and not session.tempo and not session.length:
        session = edits.set_tempo(session, item.bpm)
    snap = snap_to_bar if item.bpm is not None else snap_to_beat
    position = snap(session, frame) if session.tempo else max(0, frame)
    length = source.length if fetched.warp is None else fetched.warp.length(source.length)
    clip = Clip(
        clip_id, source.id, item.name, position, 0, length, warp=fetched.warp, pattern=fetched.pattern
    )
    if fetched.warp is not None:
        fade_in, fade_out = (min(round(fade * session.sample_rate), length // 2) for fade in _SEAM_S)
        clip = replace(clip, fade_in=fade_in, fade_out=fade_out)
    if track_id is None or not _has_room(session.track(track_id), clip):
        session, track_id = _lane(session, item, clip)
    return place_clip(session, track_id, clip, source)


def _lane(session: Session, item: ShelfItem, clip: Clip) -> tuple[Session, str]:
    for track in session.tracks:
        if track.name == item.name and _has_room(track, clip):
            return session, track.id
    session = edits.add_track(session, item.name, item.stem)
    return session, session.tracks[-1].id


def _has_room(track: Track, clip: Clip) -> bool:
    return all(other.end <= clip.position or clip.end <= other.position for other in track.clips)


def _words(item: ShelfItem, bpm: float | None, warp: Warp | None) -> str:
    if item.bpm is None:
        return "Added as it is"
    if bpm is None:
        return f"Added at its own {_number(item.bpm)} bpm"
    if warp is None:
        return f"Added, at {_number(bpm)} bpm as it was made"
    return f"Fitted to {_number(bpm)} bpm (it was made at {_number(item.bpm)})"


def _number(bpm: float) -> str:
    return f"{bpm:.1f}".removesuffix(".0")
