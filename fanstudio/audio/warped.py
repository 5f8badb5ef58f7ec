"""Warped renditions in the cache: written whole or not at all, and removed where they take too much room."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from fanstudio.audio.draft import Draft
from fanstudio.audio.rendition import RenditionFile, rendition_bytes, writing
from fanstudio.audio.samples import Readable
from fanstudio.audio.stretch import stretch
from fanstudio.errors import StorageError
from fanstudio.files import own_part
from fanstudio.jobs import Limits, RunChild, Work, run_child
from fanstudio.model.session import Source
from fanstudio.model.warp import Warp

#: Counts up whenever the same warp would sound otherwise.
_MAKE = "w2"
_CHILD_MEMORY_MB = 1_024
#: A child that needs twice the time that its result plays hangs.
_CHILD_SECONDS = 120.0
_CHILD_SECONDS_PER_SECOND = 2.0
#: What warped renditions may take of the disk before those that no session uses go.
ROOM_BYTES = 4 << 30


def warped_name(source_id: str, sample_rate: int, warp: Warp) -> str:
    """Return the file name of a warped rendition."""
    kept = "-k" if warp.keep_formants and warp.semitones else ""
    return f"{source_id}-{sample_rate}-{_MAKE}-{warp.stretch!r}-{warp.semitones!r}{kept}.f32"


def render_warped(
    work: Work,
    target: Path,
    open_source: Callable[[], Readable],
    frames: int,
    sample_rate: int,
    warp: Warp,
    in_child: RunChild = run_child,
) -> None:
    """Write a warped rendition to `target`, in a process of its own so that playback keeps its pace.

    `open_source` gives the source's samples, `(channels, frames)`, and must be picklable.

    Raises:
        AudioFileError: the source is missing or damaged.
        ChildError: the process crashed or ran over its limits.
        StorageError: the disk is full or gone.

    """
    longest = max(frames, warp.length(frames)) / sample_rate
    limits = Limits(_CHILD_MEMORY_MB, _CHILD_SECONDS + _CHILD_SECONDS_PER_SECOND * longest)
    in_child(work, write_warped, target, open_source, sample_rate, warp, limits=limits)


def write_warped(
    work: Work, target: Path, open_source: Callable[[], Readable], sample_rate: int, warp: Warp
) -> None:
    """Do `render_warped` in this process; nothing remains where it fails."""
    source = open_source()
    with writing(target, source.shape[0]) as writer:
        for block in stretch(work, source, sample_rate, warp):
            writer.write(block)


class WarpedSources:
    """The warped renditions of a pool, and the drafts that play until they are there; from any thread."""

    def __init__(self, folder: Path) -> None:
        """Keep renditions in `folder`, which is made when first written to."""
        self._folder = folder
        self._open: dict[Path, RenditionFile] = {}
        self._drafts: dict[Path, Draft] = {}
        self._rendering: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)

    def find(self, source: Source, sample_rate: int, warp: Warp) -> RenditionFile | None:
        """Return a warped source, `(channels, frames)`, if it is rendered."""
        path = self._path(source, sample_rate, warp)
        frames = warp.length(source.length)
        held = self._open.get(path)
        if held is not None and held.failed:
            self._open.pop(path, None)
        if path not in self._open and _is_whole(path, source.channels, frames):
            with contextlib.suppress(OSError):
                os.utime(path)
                self._open[path] = RenditionFile(path, source.channels, frames)
                self._open[path].name = source.name
        return self._open.get(path)

    def draft(self, plain: Readable, source: Source, sample_rate: int, warp: Warp) -> Draft:
        """Return what plays until `prepare` is done, made of the plain source."""
        path = self._path(source, sample_rate, warp)
        return self._drafts.setdefault(path, Draft(plain, source.length, sample_rate, warp))

    def prepare(
        self,
        work: Work,
        open_source: Callable[[], Readable],
        source: Source,
        sample_rate: int,
        warp: Warp,
        in_child: RunChild = run_child,
    ) -> RenditionFile:
        """Return a warped source, rendered first where the cache lacks it; raises as `render_warped` does."""
        path = self._path(source, sample_rate, warp)
        with self._rendering[path]:
            found = self.find(source, sample_rate, warp)
            if found is None:
                with own_part(path) as part:
                    render_warped(work, part, open_source, source.length, sample_rate, warp, in_child)
                found = self.find(source, sample_rate, warp)
        if found is None:
            raise StorageError("A stretched clip's cached audio is gone.", hint="Try again.")
        draft = self._drafts.pop(path, None)
        if draft is not None:
            draft.finish(found)
        return found

    def make_room(self, used: Iterable[tuple[Source, Warp]], sample_rate: int, room_bytes: int) -> None:
        """Remove the renditions that were not used for longest until the rest fits; those in use stay.

        Drafts of what is not in use go too.
        """
        keep = {self._path(source, sample_rate, warp) for source, warp in used}
        for path in self._drafts.keys() - keep:
            self._drafts.pop(path, None)
        for path in oldest_beyond(self._folder, keep, room_bytes):
            self._open.pop(path, None)
            with contextlib.suppress(OSError):
                path.unlink()

    def _path(self, source: Source, sample_rate: int, warp: Warp) -> Path:
        return self._folder / warped_name(source.id, sample_rate, warp)


def oldest_beyond(folder: Path, keep: Collection[Path], room_bytes: int) -> list[Path]:
    """Return the warped renditions to remove so that the rest fits, least recently used first."""
    found = []
    for path in folder.glob(f"*-{_MAKE[0]}[0-9]*-*.f32"):
        with contextlib.suppress(OSError):
            state = path.stat()
            found.append((state.st_mtime, state.st_size, path))
    held = sum(size for _, size, _ in found)
    gone = []
    for _, size, path in sorted(found):
        if held > room_bytes and path not in keep:
            gone.append(path)
            held -= size
    return gone


def _is_whole(path: Path, channels: int, frames: int) -> bool:
    try:
        return path.stat().st_size == rendition_bytes(channels, frames)
    except OSError:
        return False
