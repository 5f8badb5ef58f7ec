"""Warped renditions in the cache: written whole or not at all, and removed where they take too much room."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from fanstudio.audio.rendition import RenditionWriter
from fanstudio.audio.samples import Readable
from fanstudio.audio.stretch import stretch
from fanstudio.files import storage_error
from fanstudio.jobs import Limits, Work, run_child
from fanstudio.model.warp import Warp

#: Counts up whenever the same warp would sound otherwise.
_MAKE = "w1"
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
    work: Work, target: Path, open_source: Callable[[], Readable], frames: int, sample_rate: int, warp: Warp
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
    run_child(work, write_warped, target, open_source, sample_rate, warp, limits=limits)


def write_warped(
    work: Work, target: Path, open_source: Callable[[], Readable], sample_rate: int, warp: Warp
) -> None:
    """Do `render_warped` in this process; nothing remains where it fails."""
    source = open_source()
    with _writing(target, source.shape[0]) as writer:
        for block in stretch(work, source, sample_rate, warp):
            writer.write(block)


@contextlib.contextmanager
def _writing(target: Path, channels: int) -> Iterator[RenditionWriter]:
    try:
        writer = RenditionWriter(target, channels)
    except OSError as error:
        raise storage_error(error, target.parent) from error
    try:
        yield writer
        writer.close()
    except OSError as error:
        writer.discard()
        raise storage_error(error, target.parent) from error
    except BaseException:
        writer.discard()
        raise


def note_use(rendition: Path) -> None:
    """Remember that a rendition was used just now."""
    with contextlib.suppress(OSError):
        os.utime(rendition)


def make_room(folder: Path, keep: Collection[Path], room_bytes: int = ROOM_BYTES) -> None:
    """Remove the warped renditions that were not used for longest until the rest fits; `keep` stays."""
    found = []
    for path in folder.glob(f"*-{_MAKE[0]}[0-9]*-*.f32"):
        with contextlib.suppress(OSError):
            state = path.stat()
            found.append((state.st_mtime, state.st_size, path))
    held = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if held <= room_bytes:
            return
        if path not in keep:
            with contextlib.suppress(OSError):
                path.unlink()
                held -= size
