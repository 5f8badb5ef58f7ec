"""Renditions: planar float32 files without a header, each channel whole, one after the other."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fanstudio.audio.file_samples import FileSamples
from fanstudio.audio.samples import Samples
from fanstudio.files import storage_error

_COPY_BYTES = 1 << 22


class RenditionWriter:
    """Writes a rendition of unknown length: the first channel in place, others beside it till the end."""

    def __init__(self, path: Path, channels: int) -> None:
        """Open `path` and, for a second channel, `path` + ".1"; both are replaced."""
        self._lanes = [path, *(path.with_name(f"{path.name}.{n}") for n in range(1, channels))]
        self._streams = [lane.open("wb") for lane in self._lanes]
        self.frames = 0

    def write(self, block: Samples) -> None:
        """Append a block `(channels, frames)`."""
        for stream, channel in zip(self._streams, block, strict=True):
            stream.write(np.ascontiguousarray(channel, "<f4").data)
        self.frames += block.shape[1]

    def close(self) -> None:
        """Join the channels into one file."""
        first, *others = self._streams
        for stream in others:
            stream.close()
        for lane in self._lanes[1:]:
            with lane.open("rb") as channel:
                shutil.copyfileobj(channel, first, _COPY_BYTES)
            lane.unlink()
        first.close()

    def discard(self) -> None:
        """Remove what was written."""
        for stream, lane in zip(self._streams, self._lanes, strict=True):
            with contextlib.suppress(OSError):  # what is buffered still does not fit
                stream.close()
            lane.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(path: Path, channels: int) -> Iterator[RenditionWriter]:
    """Yield a writer of a rendition that is closed in the end; nothing remains where that fails.

    Raises:
        StorageError: the disk is full or gone.

    """
    try:
        writer = RenditionWriter(path, channels)
    except OSError as error:
        raise storage_error(error, path.parent) from error
    try:
        yield writer
        writer.close()
    except OSError as error:
        writer.discard()
        raise storage_error(error, path.parent) from error
    except BaseException:
        writer.discard()
        raise


def rendition_bytes(channels: int, frames: int) -> int:
    """Return the size of a rendition's file."""
    return channels * frames * 4


class RenditionFile(FileSamples):
    """A rendition, read in slices."""

    def _read(self, start: int, stop: int) -> Samples:
        samples = np.empty((self.shape[0], stop - start), "<f4")
        for number, channel in enumerate(samples):
            self._fill((number * self.shape[1] + start) * 4, channel.data.cast("B"))
        return samples
