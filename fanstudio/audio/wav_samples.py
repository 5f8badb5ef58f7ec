"""Uncompressed WAV files that are read as they are: at the session's rate they need no rendition."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.containers import riff_chunks
from fanstudio.audio.file_samples import FileSamples
from fanstudio.audio.samples import Samples

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_IN_DS64 = 0xFFFFFFFF
_FORMAT: Final = struct.Struct("<HHIIHH")
#: The top of a 32-bit word is full scale, whatever the width of a sample.
_SCALE: Final = np.float32(2.0**-31)

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class WavLayout:
    """Where a WAV file's samples lie, and as what: 16, 24 or 32 bits, of an integer or a float."""

    sample_rate: int
    channels: int
    bits: int
    floating: bool
    start: int
    frames: int

    @property
    def frame_bytes(self) -> int:
        """Return the size of a frame."""
        return self.channels * self.bits // 8


def find_layout(path: Path) -> WavLayout | None:
    """Return the layout of a mono or stereo WAV file; None where it must be decoded, or is not whole."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            return _look(stream, size)
    except OSError:
        return None


def _look(stream: BinaryIO, size: int) -> WavLayout | None:
    head = stream.read(12)
    if head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
        return None
    chunks = riff_chunks(stream, size)
    places = {kind: (start, length) for kind, start, length in chunks}
    if b"fmt " not in places or [kind for kind, _, _ in chunks].count(b"data") != 1:
        return None
    start, length = places[b"data"]
    if length == _IN_DS64 and b"ds64" in places:
        stream.seek(places[b"ds64"][0] + 8)
        length = int.from_bytes(stream.read(8), "little")
    stream.seek(places[b"fmt "][0])
    layout = _parse(stream.read(min(40, places[b"fmt "][1])), start, length)
    return layout if start + length <= size else None


def _parse(fields: bytes, start: int, length: int) -> WavLayout | None:
    if len(fields) < _FORMAT.size:
        return None
    kind, channels, sample_rate, _, frame_bytes, bits = _FORMAT.unpack_from(fields)
    if kind == _EXTENSIBLE and len(fields) >= 26:
        kind = int.from_bytes(fields[24:26], "little")
    if (kind, bits) not in {(_PCM, 16), (_PCM, 24), (_PCM, 32), (_FLOAT, 32)} or channels not in (1, 2):
        return None
    layout = WavLayout(sample_rate, channels, bits, kind == _FLOAT, start, length // max(1, frame_bytes))
    whole = layout.frames > 0 and length % layout.frame_bytes == 0
    return layout if whole and frame_bytes == layout.frame_bytes else None


class WavSamples(FileSamples):
    """The samples of an uncompressed WAV file, bit for bit as a decoder gives them."""

    def __init__(self, path: Path, layout: WavLayout) -> None:
        """Open `path`, whose layout is known (`find_layout`); raise OSError where it is gone."""
        super().__init__(path, layout.channels, layout.frames)
        self.layout = layout
        self._convert = _CONVERTERS[layout.bits, layout.floating]

    def _read(self, start: int, stop: int) -> Samples:
        layout = self.layout
        # Four bytes in front: words of 24 bits are read with the byte below them.
        data = np.empty(4 + (stop - start) * layout.frame_bytes, np.uint8)
        self._fill(layout.start + start * layout.frame_bytes, data[4:].data)
        return self._convert(data, layout.channels)


def _from_16(data: Bytes, channels: int) -> Samples:
    if channels == 1:
        return data[4:].view("<i2").astype(np.float32)[None] * np.float32(2.0**-15)
    # Both sides of a frame are one word: shifts part them far faster than strides do.
    frames = data[4:].view("<i4")
    samples = np.empty((2, len(frames)), np.float32)
    side = np.left_shift(frames, 16)
    np.copyto(samples[0], side, casting="unsafe")
    np.bitwise_and(frames, -0x10000, out=side)
    np.copyto(samples[1], side, casting="unsafe")
    samples *= _SCALE
    return samples


def _from_24(data: Bytes, channels: int) -> Samples:
    words = np.ndarray(((len(data) - 4) // 3,), "<i4", data.data, 3, (3,))
    return _from_32(np.bitwise_and(words, -0x100), channels)


def _from_32(words: NDArray[np.int32], channels: int) -> Samples:
    samples = np.empty((channels, len(words) // channels), np.float32)
    np.copyto(samples, words.reshape(-1, channels).T, casting="unsafe")
    samples *= _SCALE
    return samples


def _from_floats(data: Bytes, channels: int) -> Samples:
    return np.ascontiguousarray(data[4:].view("<f4").reshape(-1, channels).T, np.float32)


_CONVERTERS: Final[dict[tuple[int, bool], Callable[[Bytes, int], Samples]]] = {
    (16, False): _from_16,
    (24, False): _from_24,
    (32, False): lambda data, channels: _from_32(data[4:].view("<i4"), channels),
    (32, True): _from_floats,
}
