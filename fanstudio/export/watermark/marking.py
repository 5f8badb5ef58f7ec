"""Writes a mark into a stream of audio: small gains on tiles, at the audio's own rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.resample import Resampler
from fanstudio.errors import WatermarkError
from fanstudio.export.watermark import tiles
from fanstudio.export.watermark.coding import encode
from fanstudio.export.watermark.gains import Gains
from fanstudio.export.watermark.rates import check_rate, recut
from fanstudio.export.watermark.shaping import Shaper
from fanstudio.export.watermark.tiles import BLOCK_FRAMES, HOP, RATE, REACH, TILE_FRAMES, Floats
from fanstudio.jobs import Work

MIN_SECONDS: Final = 15.0

_BEFORE: Final = REACH * TILE_FRAMES
_HISTORY_FRAMES: Final = (_BEFORE + 1) * HOP
_AHEAD_FRAMES: Final = _BEFORE * HOP


def mark(
    work: Work, blocks: Iterable[Floats], sample_rate: int, message: bytes, key: bytes
) -> Iterator[Floats]:
    """Yield the audio of `blocks`, marked with a message of 16 bytes.

    `blocks` are float32 (channels, frames), one or two channels, at any rate from 8 to 192 kHz.
    What comes out has the same length to the sample and does not depend on how the input was cut;
    about 25 s are held in memory. No sample is driven beyond full scale by the mark.

    Raises:
        WatermarkError: the audio is shorter than `MIN_SECONDS` (before anything is yielded), or so
            quiet that the mark could not be read back (at the end).

    """
    check_rate(sample_rate)
    gains = Gains(tiles.pattern(key), encode(message))
    stream: _Stream | None = None
    for piece in recut(blocks, sample_rate):
        work.check()
        stream = stream or _Stream(gains, sample_rate, piece.shape[0])
        yield from stream.feed(piece)
    seconds = stream.frames_in / sample_rate if stream else 0.0
    if stream is None or seconds < MIN_SECONDS:
        raise WatermarkError(
            f"Only {seconds:.1f} s of audio: a watermark needs at least {MIN_SECONDS:.0f} s.",
            hint="Export a longer piece.",
        )
    yield from stream.finish()
    gains.require_readable()


class _Stream:
    """Holds the audio back until its mark is known, and brings the mark to the audio's own rate."""

    def __init__(self, gains: Gains, sample_rate: int, channels: int) -> None:
        self.frames_in = 0
        self._source = _MarkSource(gains, channels)
        self._analysis = Resampler(sample_rate, RATE, channels)
        self._synthesis = Resampler(RATE, sample_rate, channels)
        self._shaper = Shaper(sample_rate, channels)
        self._held = np.zeros((channels, 0), np.float32)
        self._piece_frames = sample_rate

    def feed(self, piece: Floats) -> Iterator[Floats]:
        self.frames_in += piece.shape[1]
        self._held = np.concatenate([self._held, piece], axis=1)
        yield from self._mark(self._source.feed(self._analysis.push(piece)))

    def finish(self) -> Iterator[Floats]:
        yield from self._mark(self._source.feed(self._analysis.finish()))
        yield from self._mark(self._source.finish())
        yield from self._add(self._synthesis.finish())
        yield from self._add(np.zeros_like(self._held))
        yield self._shaper.finish()

    def _mark(self, marks: Iterable[Floats]) -> Iterator[Floats]:
        for piece in marks:
            yield from self._add(self._synthesis.push(piece))

    def _add(self, piece: Floats) -> Iterator[Floats]:
        count = min(piece.shape[1], self._held.shape[1])
        for start in range(0, count, self._piece_frames):
            part = slice(start, min(start + self._piece_frames, count))
            yield self._shaper.feed(self._held[:, part], piece[:, part])
        self._held = self._held[:, count:]


class _MarkSource:
    """Turns audio at `RATE` into the signal to add to it, a block of tiles at a time."""

    def __init__(self, gains: Gains, channels: int) -> None:
        self._gains = gains
        self._held = np.zeros((channels, _HISTORY_FRAMES), np.float32)
        # The first half window lies before the audio.
        self._overlap = np.zeros((channels, HOP), np.float32)
        self._before_audio = HOP

    def feed(self, piece: Floats) -> Iterator[Floats]:
        self._held = np.concatenate([self._held, piece], axis=1)
        while self._held.shape[1] >= _HISTORY_FRAMES + BLOCK_FRAMES + _AHEAD_FRAMES:
            yield self._next_block()

    def finish(self) -> Iterator[Floats]:
        blocks = -(-(self._held.shape[1] - _HISTORY_FRAMES) // BLOCK_FRAMES)
        self._held = np.pad(self._held, ((0, 0), (0, BLOCK_FRAMES + _AHEAD_FRAMES)))
        for _ in range(blocks):
            yield self._next_block()
        yield self._overlap

    def _next_block(self) -> Floats:
        window = self._held[:, : _HISTORY_FRAMES + BLOCK_FRAMES + _AHEAD_FRAMES]
        spectrum = tiles.spectra(window, HOP)
        energies = tiles.band_energies(tiles.power(spectrum.mean(axis=0)))
        gains = self._gains.choose(energies[0::TILE_FRAMES] + energies[1::TILE_FRAMES])
        self._held = self._held[:, BLOCK_FRAMES:]
        return self._overlap_add(_changed(spectrum[:, _BEFORE:-_BEFORE], gains))

    def _overlap_add(self, frames: Floats) -> Floats:
        """Return the block's signal from the end of the last one; keep its last half window."""
        first, second = frames[..., :HOP], frames[..., HOP:]
        signal = np.concatenate([self._overlap[:, None], second], axis=1)
        signal[:, :-1] += first
        self._overlap = signal[:, -1]
        start, self._before_audio = self._before_audio, 0
        return signal[:, :-1].reshape(frames.shape[0], -1)[:, start:]


def _changed(spectrum: NDArray[np.complex64], gains: Floats) -> Floats:
    """Return the windowed frames (channels, n, WINDOW) of what the gains add to the spectra."""
    import scipy.fft

    edges = tiles.band_edges()
    factors = np.repeat(np.expm1(gains), np.diff(edges), axis=1)
    delta = np.zeros_like(spectrum)
    inside = slice(int(edges[0]), int(edges[-1]))
    delta[..., inside] = spectrum[..., inside] * np.repeat(factors, TILE_FRAMES, axis=0)
    frames: Floats = scipy.fft.irfft(delta, axis=-1) * tiles.window()
    return frames
