"""Writes WAV files that depend on their samples alone: no date, no program name, RF64 beyond 4 GiB.

Layout: RIFF/WAVE (IBM/Microsoft 1991), RF64 with its reserved JUNK chunk (EBU Tech 3306).
"""

from __future__ import annotations

import contextlib
import errno
import os
import struct
from pathlib import Path

import numpy as np

from fanstudio.audio.samples import Samples
from fanstudio.errors import StorageError
from fanstudio.files import try_lock

_PCM, _FLOAT = 1, 3
_DS64_BYTES = 28
_FORMAT_BYTES = 16
_FORMAT_AT = 12 + 8 + _DS64_BYTES + 8
_HEADER_BYTES = 12 + 8 + _DS64_BYTES + 8 + 16 + 8
_MAX_RIFF_BYTES = 0xFFFFFFFF


class WavWriter:
    """A WAV file being written; `write` takes interleaved little-endian bytes."""

    def __init__(self, path: Path, sample_rate: int, channels: int, bits: int, *, floating: bool) -> None:
        """Open `path` and leave room for the header."""
        self._format = _pack_format(sample_rate, channels, bits, floating=floating)
        self._frame_bytes = channels * bits // 8
        self._data_bytes = 0
        self._stream = path.open("wb")
        self._stream.write(bytes(_HEADER_BYTES))

    def write(self, data: bytes | memoryview) -> None:
        """Append whole frames."""
        self._stream.write(data)
        self._data_bytes += len(data)

    def close(self) -> None:
        """Write the header and close the file."""
        if self._stream.closed:
            return
        try:
            if self._data_bytes % 2:
                self._stream.write(b"\0")
            self._stream.seek(0)
            self._stream.write(_pack_header(self._format, self._frame_bytes, self._data_bytes))
        finally:
            self._stream.close()


class PlacedWav:
    """A float32 WAV of known length whose frames come in any order; what is not written is silence."""

    def __init__(self, path: Path, sample_rate: int, channels: int, frames: int) -> None:
        """Make `path`, whole and silent; raise OSError where the disk does not take it."""
        self._channels = channels
        data_bytes = frames * channels * 4
        format_ = _pack_format(sample_rate, channels, 32, floating=True)
        self._stream = path.open("wb", buffering=0)
        try:
            self._stream.write(_pack_header(format_, channels * 4, data_bytes))
            self._stream.truncate(_HEADER_BYTES + data_bytes)
        except OSError:
            self._stream.close()
            raise

    def write(self, frame: int, block: Samples) -> None:
        """Write a block `(channels, frames)` from `frame` on; raise OSError where the disk is full."""
        self._stream.seek(_HEADER_BYTES + frame * self._channels * 4)
        left = memoryview(np.ascontiguousarray(block.T, "<f4").tobytes())
        while left:
            left = left[self._stream.write(left) :]

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


class GrowingWav:
    """A float32 WAV that is being recorded: whole up to the last `flush`, whatever happens then.

    It is locked among processes for as long as it is open (`files.try_lock`), so that no one takes it
    for a leftover.
    """

    def __init__(self, path: Path, sample_rate: int, channels: int) -> None:
        """Make `path`, which must not be there; raise OSError where the disk does not take it."""
        self._format = _pack_format(sample_rate, channels, 32, floating=True)
        self._frame_bytes = channels * 4
        self.frames = 0
        self._stream = path.open("xb", buffering=0)
        with contextlib.suppress(StorageError):
            try_lock(self._stream)
        try:
            self.flush()
        except OSError:
            self._stream.close()
            raise

    def write(self, block: Samples) -> None:
        """Append a block `(channels, frames)`; raise OSError where the disk is full, what fitted stays."""
        left = memoryview(np.ascontiguousarray(block.T, "<f4").tobytes())
        start = end = self._end()
        self._stream.seek(start)
        try:
            while left:
                taken = self._stream.write(left)
                left, end = left[taken:], end + taken
        finally:
            self.frames = (end - _HEADER_BYTES) // self._frame_bytes

    def flush(self) -> None:
        """Write a header that says how much is there."""
        self._stream.seek(0)
        self._stream.write(_pack_header(self._format, self._frame_bytes, self.frames * self._frame_bytes))

    def sync(self) -> None:
        """Flush, and bring everything to the disk."""
        self.flush()
        os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Cut off half a frame, write the header and close the file, as far as the disk lets us."""
        if self._stream.closed:
            return
        with contextlib.suppress(OSError):
            self._stream.truncate(self._end())
            self.sync()
        self._stream.close()

    def _end(self) -> int:
        return _HEADER_BYTES + self.frames * self._frame_bytes


def repair_growing(path: Path) -> int:
    """Let the header of what a `GrowingWav` left count all that is there; return how many frames.

    Raises OSError where the file cannot be read or written, or is not one of ours.
    """
    with path.open("r+b", buffering=0) as stream:
        header = stream.read(_HEADER_BYTES)
        format_ = header[_FORMAT_AT : _FORMAT_AT + _FORMAT_BYTES]
        if len(header) != _HEADER_BYTES or header[:4] not in (b"RIFF", b"RF64") or format_[:2] != b"\3\0":
            raise OSError(errno.EINVAL, "not a recording", str(path))
        frame_bytes = max(1, struct.unpack_from("<H", format_, 12)[0])
        frames: int = (path.stat().st_size - _HEADER_BYTES) // frame_bytes
        stream.truncate(_HEADER_BYTES + frames * frame_bytes)
        stream.seek(0)
        stream.write(_pack_header(format_, frame_bytes, frames * frame_bytes))
    return frames


def read_growing(path: Path, channels: int, start: int, most: int) -> Samples:
    """Return what is there of a `GrowingWav` from frame `start` on, `(channels, frames)`, `most` at once.

    Raises OSError where the file is gone.
    """
    with path.open("rb", buffering=0) as stream:
        stream.seek(_HEADER_BYTES + start * channels * 4)
        data = stream.read(most * channels * 4)
    whole = len(data) // (channels * 4) * channels
    return np.frombuffer(data, "<f4", whole).reshape(-1, channels).T


def read_placed(path: Path, channels: int, start: int, frames: int) -> Samples:
    """Return frames of a file that a `PlacedWav` writes, `(channels, frames)`.

    Raises OSError where the file is gone, or does not reach so far. It is opened for this one read, so
    that it can be renamed at any time, on Windows too.
    """
    with path.open("rb", buffering=0) as stream:
        stream.seek(_HEADER_BYTES + start * channels * 4)
        data = stream.read(frames * channels * 4)
    if len(data) != frames * channels * 4:
        raise OSError(errno.EIO, "the file is cut short", str(path))
    return np.frombuffer(data, "<f4").reshape(-1, channels).T


def _pack_format(sample_rate: int, channels: int, bits: int, *, floating: bool) -> bytes:
    frame_bytes = channels * bits // 8
    kind = _FLOAT if floating else _PCM
    return struct.pack("<HHIIHH", kind, channels, sample_rate, sample_rate * frame_bytes, frame_bytes, bits)


def _pack_header(format_: bytes, frame_bytes: int, data_bytes: int) -> bytes:
    riff_bytes = _HEADER_BYTES - 8 + data_bytes + data_bytes % 2
    large = riff_bytes > _MAX_RIFF_BYTES
    sizes = struct.pack("<QQQI", riff_bytes, data_bytes, data_bytes // frame_bytes, 0)
    first = (b"RF64", _MAX_RIFF_BYTES) if large else (b"RIFF", riff_bytes)
    parts = (
        struct.pack("<4sI4s", *first, b"WAVE"),
        struct.pack("<4sI", b"ds64" if large else b"JUNK", _DS64_BYTES)
        + (sizes if large else bytes(_DS64_BYTES)),
        struct.pack("<4sI", b"fmt ", len(format_)) + format_,
        struct.pack("<4sI", b"data", _MAX_RIFF_BYTES if large else data_bytes),
    )
    return b"".join(parts)
