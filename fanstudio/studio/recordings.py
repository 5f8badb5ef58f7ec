"""Recordings that are not takes yet: part files in the pool, each with a note of where it belongs.

A recording that a crash, a full disk or a device cut off stays there until it has become a take.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from fanstudio.audio.placement import Pass
from fanstudio.audio.pool import Pool
from fanstudio.audio.wav import repair_growing
from fanstudio.errors import AudioFileError, EditError, StorageError
from fanstudio.files import storage_error, try_lock, write_whole
from fanstudio.jobs import Work
from fanstudio.model import edits, take_edits
from fanstudio.model.lanes import clean_name
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import MAX_FRAMES, Session, Source, Stem, new_id
from fanstudio.studio.project import Project

_PREFIX, _SUFFIX = ".recording-", ".wav"
#: Shorter passes are slips of the finger.
_SHORTEST_S = 0.1


@dataclass(frozen=True, slots=True)
class Note:
    """Where a recording belongs: its track, by id and as it was, and its passes as far as they are known."""

    track: str
    track_name: str
    stem: str
    start: int
    passes: tuple[Pass, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording that is in the pool, what of it lies where, and its part file, which stays until then."""

    source: Source
    note: Note
    passes: tuple[Pass, ...]
    part: Path


def new_part(pool: Pool) -> Path:
    """Return a path in the pool's folder for a recording; the folder is there then.

    Raises:
        StorageError: it cannot be made.

    """
    try:
        pool.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, pool.folder) from error
    return pool.folder / f"{_PREFIX}{new_id()}{_SUFFIX}"


def write_note(part: Path, note: Note) -> None:
    """Keep a note beside a part file; on a full disk the one before stays."""
    with contextlib.suppress(StorageError):
        write_whole(part.with_suffix(".json"), json.dumps(asdict(note)).encode())


def unfinished(pool: Pool) -> tuple[Path, ...]:
    """Return the part files that no one writes any more, oldest first."""
    parts = pool.folder.glob(f"{_PREFIX}*{_SUFFIX}")
    return tuple(sorted((part for part in parts if _is_abandoned(part)), key=_age))


def recover(work: Work, project: Project, part: Path) -> Kept | None:
    """Bring an unfinished recording into the pool; None where nothing was recorded, and it is gone then.

    Raises:
        StorageError: the disk is full or gone; the recording stays.

    """
    try:
        frames = repair_growing(part)
    except OSError as error:
        raise storage_error(error, part.parent) from error
    note = _read_note(part)
    if not frames:
        discard(part)
        return None
    *whole, last = note.passes or (Pass(note.start, 0, 0),)
    return keep(work, project, part, note, (*whole, replace(last, length=MAX_FRAMES)))


def keep(work: Work, project: Project, part: Path, note: Note, passes: Sequence[Pass]) -> Kept | None:
    """Bring a closed recording into the pool; None where it is too short to be one, and it is gone then.

    Until it is placed it is found by `unfinished`, whatever comes between.

    Raises:
        AudioFileError: the file was damaged; it lies beside the pool's files, and is not found any more.
        StorageError: the disk is full or gone; the recording stays and is found by `unfinished`.

    """
    copy = project.pool.new_part()
    rate = project.document.session.sample_rate
    _link(part, copy)
    origin = Origin(Basis.RECORDED, note.track_name)
    try:
        source = project.pool.adopt(work, copy, note.track_name, rate, origin, Stem(note.stem))
    except AudioFileError:
        _set_aside(part)
        raise
    fitting = tuple(_fit(passed, source.length) for passed in passes)
    lasting = tuple(passed for passed in fitting if passed.length >= _SHORTEST_S * rate)
    if not lasting:
        discard(part)
        return None
    return Kept(source, note, lasting, part)


def place(project: Project, kept: Kept, label: str, *, after: Session | None = None) -> None:
    """Lay a recording's passes on its track, as one undo step of its own; its part file goes.

    With `after`, as `Document.apply` has it, that is the step in which its track was added.
    """
    project.document.end_interaction()
    project.document.apply(label, lambda session: lay_takes(session, kept), after=after)
    discard(kept.part)


def discard(part: Path) -> None:
    """Forget a recording and its note."""
    for path in (part, part.with_suffix(".json")):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def lay_takes(session: Session, kept: Kept) -> Session:
    """Return the session with each pass as a take on its track; the newest is heard.

    Where the track is gone, a new one of its name takes them.
    """
    note = kept.note
    track_id = note.track
    try:
        session.track(track_id)
    except EditError:
        session = edits.add_track(session, note.track_name, Stem(note.stem))
        track_id = session.tracks[-1].id
    for passed in kept.passes:
        session = take_edits.add_take(
            session, track_id, kept.source, passed.position, offset=passed.offset, length=passed.length
        )
    return session


def _set_aside(part: Path) -> None:
    """Keep a part that is no sound out of the way, for whoever may rescue it."""
    with contextlib.suppress(OSError):
        part.rename(part.with_name(f"damaged-{part.name.removeprefix('.')}"))


def _fit(passed: Pass, length: int) -> Pass:
    """Return a pass held within its recording."""
    return replace(passed, length=max(0, min(passed.length, length - passed.offset)))


def _link(part: Path, copy: Path) -> None:
    """Give a file a second name, so that what takes that one away leaves the recording."""
    try:
        try:
            os.link(part, copy)
        except OSError:
            shutil.copyfile(part, copy)
    except OSError as error:
        copy.unlink(missing_ok=True)
        raise storage_error(error, copy) from error


def _is_abandoned(part: Path) -> bool:
    try:
        with part.open("rb") as stream:
            return try_lock(stream)
    except (OSError, StorageError):
        return False


def _age(part: Path) -> float:
    try:
        return part.stat().st_mtime
    except OSError:
        return 0.0


def _read_note(part: Path) -> Note:
    """Return a part's note; what it lacks, or has wrong, is the start of the song on a new track."""
    try:
        stored = json.loads(part.with_suffix(".json").read_bytes())
        return _checked(stored)
    except (OSError, ValueError, TypeError, KeyError, RecursionError, EditError):
        return Note("", "Recording", Stem.VOCALS.value, 0)


def _checked(stored: Mapping[str, Any]) -> Note:
    rows = stored["passes"]
    passes = tuple(Pass(*(_frame(row[key]) for key in ("position", "offset", "length"))) for row in rows)
    name = clean_name(str(stored["track_name"]))
    return Note(str(stored["track"]), name, Stem(stored["stem"]).value, _frame(stored["start"]), passes)


def _frame(value: object) -> int:
    if type(value) is not int or not 0 <= value <= MAX_FRAMES:
        raise ValueError(value)
    return value
