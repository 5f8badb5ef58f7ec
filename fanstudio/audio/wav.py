"""Writes WAV files that depend on their samples alone: no date, no program name, RF64 beyond 4 GiB.

Layout: RIFF/WAVE (IBM/Microsoft 1991), RF64 with its reserved JUNK chunk (EBU Tech 3306).
"""

from __future__ import annotations

import struct
from pathlib import Path

_PCM, _FLOAT = 1, 3
_DS64_BYTES = 28
_HEADER_BYTES = 12 + 8 + _DS64_BYTES + 8 + 16 + 8
_MAX_RIFF_BYTES = 0xFFFFFFFF


class WavWriter:
    """A WAV file being written; `write` takes interleaved little-endian bytes."""

    def __init__(self, path: Path, sample_rate: int, channels: int, bits: int, *, floating: bool) -> None:
        """Open `path` and leave room for the header."""
        self._format = struct.pack(
            "<HHIIHH",
            _FLOAT if floating else _PCM,
            channels,
            sample_rate,
            sample_rate * channels * bits // 8,
            channels * bits // 8,
            bits,
        )
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
            self._stream.write(self._header())
        finally:
            self._stream.close()

    def _header(self) -> bytes:
        riff_bytes = _HEADER_BYTES - 8 + self._data_bytes + self._data_bytes % 2
        large = riff_bytes > _MAX_RIFF_BYTES
        frames = self._data_bytes // self._frame_bytes
        sizes = struct.pack("<QQQI", riff_bytes, self._data_bytes, frames, 0) if large else bytes(_DS64_BYTES)
        first = (b"RF64", _MAX_RIFF_BYTES) if large else (b"RIFF", riff_bytes)
        parts = (
            struct.pack("<4sI4s", *first, b"WAVE"),
            struct.pack("<4sI", b"ds64" if large else b"JUNK", _DS64_BYTES) + sizes,
            struct.pack("<4sI", b"fmt ", len(self._format)) + self._format,
            struct.pack("<4sI", b"data", _MAX_RIFF_BYTES if large else self._data_bytes),
        )
        return b"".join(parts)
