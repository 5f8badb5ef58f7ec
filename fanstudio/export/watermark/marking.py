"""Write a mark into audio: small gains on tiles, raised only where the music drowns a coded bit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from fanstudio.errors import WatermarkError
from fanstudio.export.watermark import tiles
from fanstudio.export.watermark.coding import CODED_BITS, MESSAGE_BITS, encode
from fanstudio.export.watermark.rates import Resampler, check_rate, recut
from fanstudio.export.watermark.shaping import Shaper
from fanstudio.export.watermark.tiles import HOP, RATE, REACH, TILE_FRAMES, TILES, Floats, Pattern
from fanstudio.jobs import Work

MIN_SECONDS: Final = 15.0

_LEAST_DB: Final = 0.25
_MOST_DB: Final = 1.6
_PROMINENCE: Final = np.float32(0.2)
_SHARES: Final = (0.5, 1.8)
_PASSES: Final = 4
#: What a pair of tiles shall add to its group's sum, after the music's own share.
_MARGIN_A_PAIR: Final = 0.7
#: Share of a tile's gain that its re-analysed energy shows; the rest leaks into its neighbours.
_SEEN: Final = 0.8
#: Eb/N0 that the marked file must offer before any codec touches it.
_LEAST_EB_N0: Final = 2.0

_FRAMES: Final = TILES * TILE_FRAMES
_BEFORE: Final = REACH * TILE_FRAMES
_HISTORY: Final = (_BEFORE + 1) * HOP
_SPAN: Final = (_BEFORE + _FRAMES + _BEFORE + 1) * HOP
_NEPER_A_DB: Final = np.float32(np.log(10) / 20)


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
    tile_marker = _TileMarker(tiles.pattern(key), encode(message))
    stream: _Stream | None = None
    for piece in recut(blocks, sample_rate):
        work.check()
        stream = stream or _Stream(tile_marker, sample_rate, piece.shape[0])
        yield from stream.feed(piece)
    _require_length(stream.frames_in / sample_rate if stream else 0.0)
    assert stream is not None
    yield from stream.finish()
    tile_marker.require_readable()


def _require_length(seconds: float) -> None:
    if seconds < MIN_SECONDS:
        raise WatermarkError(
            f"Only {seconds:.1f} s of audio: a watermark needs at least {MIN_SECONDS:.0f} s.",
            hint="Export a longer piece.",
        )


class _Stream:
    """Holds the audio back until its mark is known, and brings the mark to the audio's own rate."""

    def __init__(self, tile_marker: _TileMarker, sample_rate: int, channels: int) -> None:
        self.frames_in = 0
        self._tile_marker = tile_marker
        self._analysis = Resampler(sample_rate, RATE, channels)
        self._synthesis = Resampler(RATE, sample_rate, channels)
        self._shaper = Shaper(sample_rate, channels)
        self._held = np.zeros((channels, 0), np.float32)
        self._piece = sample_rate

    def feed(self, piece: Floats) -> Iterator[Floats]:
        self.frames_in += piece.shape[1]
        self._held = np.concatenate([self._held, piece], axis=1)
        yield from self._mark(self._tile_marker.feed(self._analysis.feed(piece)))

    def finish(self) -> Iterator[Floats]:
        yield from self._mark(self._tile_marker.feed(self._analysis.finish()))
        yield from self._mark(self._tile_marker.finish())
        yield from self._add(self._synthesis.finish())
        yield from self._add(np.zeros_like(self._held))
        yield self._shaper.finish()

    def _mark(self, deltas: Iterable[Floats]) -> Iterator[Floats]:
        for delta in deltas:
            yield from self._add(self._synthesis.feed(delta))

    def _add(self, delta: Floats) -> Iterator[Floats]:
        count = min(delta.shape[1], self._held.shape[1])
        for start in range(0, count, self._piece):
            piece = slice(start, min(start + self._piece, count))
            yield self._shaper.feed(self._held[:, piece], delta[:, piece])
        self._held = self._held[:, count:]


class _TileMarker:
    """Turns audio at `RATE` into the signal to add to it, a block of tiles at a time."""

    def __init__(self, pattern: Pattern, coded: Floats) -> None:
        self._pattern = pattern
        self._coded = coded
        self._signs = pattern.spread(coded)
        self._wanted = np.concatenate([coded, np.ones(tiles.SYNC_GROUPS, np.float32)])
        self._target = _MARGIN_A_PAIR * np.bincount(pattern.groups.ravel()).astype(np.float32)
        self._buffer: Floats | None = None
        self._overlap: Floats | None = None
        self._signal = 0.0
        self._noise = 0.0

    def feed(self, piece: Floats) -> Iterator[Floats]:
        if self._buffer is None:
            self._buffer = np.zeros((piece.shape[0], _HISTORY), np.float32)
        self._buffer = np.concatenate([self._buffer, piece], axis=1)
        while self._buffer.shape[1] >= _SPAN:
            yield self._next_block()

    def finish(self) -> Iterator[Floats]:
        assert self._buffer is not None
        while self._buffer.shape[1] > _HISTORY:
            missing = max(0, _SPAN - self._buffer.shape[1])
            left = self._buffer.shape[1] - _HISTORY
            self._buffer = np.pad(self._buffer, ((0, 0), (0, missing)))
            yield self._next_block()
            if left <= _FRAMES * HOP:
                break
        if self._overlap is not None:
            yield self._overlap

    def require_readable(self) -> None:
        """Raise WatermarkError if the file's tiles could not carry the message."""
        eb_n0 = self._signal**2 / (2 * self._noise * MESSAGE_BITS) if self._noise else 0.0
        if eb_n0 < _LEAST_EB_N0:
            raise WatermarkError(
                "The audio is too quiet or too sparse to carry a watermark.",
                hint=f"Export a piece with at least {MIN_SECONDS:.0f} s of audible music.",
            )

    def _next_block(self) -> Floats:
        assert self._buffer is not None
        spectrum = tiles.spectra(self._buffer[:, :_SPAN], HOP)
        self._buffer = self._buffer[:, _FRAMES * HOP :]
        gains = self._choose_gains(spectrum.mean(axis=0))
        return self._overlap_add(_changed(spectrum[:, _BEFORE : _BEFORE + _FRAMES], gains))

    def _choose_gains(self, spectrum: NDArray[np.complex64]) -> Floats:
        """Return the gain of each tile in neper (TILES, BANDS), least where the music already agrees."""
        energies = tiles.band_energies(tiles.power(spectrum))
        host = energies[0::2] + energies[1::2]
        weights = _shares(tiles.log_energies(host))
        bare = self._margins(host, np.zeros_like(weights))
        gain_db = np.full(len(self._wanted), _LEAST_DB, np.float32)
        for _ in range(_PASSES):
            margins = self._margins(host, self._tile_gains(gain_db, weights))
            slope = (margins - bare) / gain_db
            slope = np.maximum(slope, 0.3 * max(float(np.median(slope)), 1e-3))
            gain_db = np.clip(gain_db + (self._target - margins) / slope, _LEAST_DB, _MOST_DB)
        gains = self._tile_gains(gain_db, weights)
        self._count(host, gains)
        return gains

    def _tile_gains(self, gain_db: Floats, weights: Floats) -> Floats:
        each = np.minimum(np.repeat(gain_db[self._pattern.groups], 2, axis=0) * weights, _MOST_DB)
        gains: Floats = each * self._signs * _NEPER_A_DB
        return gains

    def _whitened(self, host: Floats, gains: Floats) -> Floats:
        marked = host.copy()
        marked[REACH:-REACH] *= np.exp(np.float32(2 * _SEEN) * gains)
        return tiles.whiten(tiles.log_energies(marked))[REACH:-REACH]

    def _margins(self, host: Floats, gains: Floats) -> Floats:
        margins: Floats = self._pattern.gather(self._whitened(host, gains)) * self._wanted
        return margins

    def _count(self, host: Floats, gains: Floats) -> None:
        whitened = self._whitened(host, gains)
        sums = self._pattern.gather(whitened)[:CODED_BITS] * self._coded
        self._signal += float(sums.sum()) / np.sqrt(CODED_BITS)
        self._noise += float((whitened**2).sum()) * (1 - tiles.SYNC_SHARE) / CODED_BITS

    def _overlap_add(self, frames: Floats) -> Floats:
        """Return the block's signal from the end of the last one; keep its last half window."""
        first, second = frames[..., :HOP], frames[..., HOP:]
        signal = np.zeros((frames.shape[0], _FRAMES + 1, HOP), np.float32)
        signal[:, :-1] += first
        signal[:, 1:] += second
        started = self._overlap is not None
        if self._overlap is not None:
            signal[:, 0] += self._overlap
        self._overlap = signal[:, -1]
        return signal[:, 0 if started else 1 : -1].reshape(frames.shape[0], -1)


def _shares(logs: Floats) -> Floats:
    """Return the share (TILES, BANDS) of its group's gain that a tile gets.

    A tile that stands out of its surroundings is heard and gets less, one below them is masked
    and gets more.
    """
    around = uniform_filter1d(uniform_filter1d(logs, 3, axis=0), 9, axis=1)
    prominence = (logs - around)[REACH:-REACH]
    shares: Floats = np.clip(np.exp(-_PROMINENCE * prominence), *_SHARES)
    return shares


def _changed(spectrum: NDArray[np.complex64], gains: Floats) -> Floats:
    """Return the windowed frames (channels, n, WINDOW) of what the gains add to the spectra."""
    edges = tiles.band_edges()
    factors = np.repeat(np.expm1(gains), np.diff(edges), axis=1)
    delta = np.zeros_like(spectrum)
    inside = slice(int(edges[0]), int(edges[-1]))
    delta[..., inside] = spectrum[..., inside] * np.repeat(factors, TILE_FRAMES, axis=0)
    frames: Floats = scipy.fft.irfft(delta, axis=-1) * tiles.window()
    return frames
