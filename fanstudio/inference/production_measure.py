"""Measures a record's production, hearing at most two minutes of it, in the same memory at any length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.gating import GatedMean, Steps, Weighting, loudness_of
from fanstudio.audio.samples import Readable, Samples, padded
from fanstudio.audio.true_peak import Oversampled
from fanstudio.errors import InputError
from fanstudio.inference.production_features import BANDS_HZ, Features
from fanstudio.jobs import Work

Levels = NDArray[np.float64]

#: Less tells nothing of a production.
SHORTEST_S: Final = 1.0
_STRETCH_S: Final = 6.0
_STRETCHES: Final = 20
_HOP_S: Final = 0.02
_HOPS_PER_WINDOW: Final = 4
#: A frame that is so far under the loud ones is a pause.
_GATE_DB: Final = 40.0
_QUIET: Final = 1e-12
_SILENT_DB: Final = -80.0
#: From a peak of samples to one between them it is hardly ever further.
_BETWEEN: Final = 1.35
#: The sides of a mono record, and of one without a middle.
_SIDE_DB: Final = (-40.0, 20.0)
_STEEPEST_DB: Final = 40.0


def measure(work: Work, sound: Readable, rate: int) -> Features:
    """Return the production of a record `(channels, frames)`; of a long one, twenty stretches of six seconds.

    Raises:
        InputError: it is shorter than a second, or silent.
        AudioFileError: its samples cannot be read.
        Cancelled: within a second.

    """
    ear = _Ear(rate, min(2, sound.shape[0]))
    places = stretches(sound.shape[1], rate)
    for number, (start, stop) in enumerate(places):
        work.report(number / len(places), "Hearing how it sounds")
        ear.hear(padded(sound, start, stop)[:2])
    return ear.features()


def measure_blocks(blocks: Iterable[Samples], rate: int) -> Features:
    """Return the production of what some blocks `(channels, frames)` of about six seconds hold, each alone.

    Raises:
        InputError: they are silent, or shorter than a second in all.

    """
    ear: _Ear | None = None
    for block in blocks:
        ear = ear or _Ear(rate, len(block))
        ear.hear(block)
    return (ear or _Ear(rate, 1)).features()


def stretches(frames: int, rate: int) -> tuple[tuple[int, int], ...]:
    """Return what of a record is heard, (start, stop) each: all of it, or evenly spread stretches."""
    length = round(_STRETCH_S * rate)
    if frames > _STRETCHES * length:
        starts = np.linspace(0, frames - length, _STRETCHES).astype(int).tolist()
        return tuple((start, start + length) for start in starts)
    edges = np.linspace(0, frames, max(1, round(frames / length)) + 1).astype(int).tolist()
    return tuple(pairwise(edges))


def band_weights(bins: int, rate: int) -> Levels:
    """Return how much each bin of a spectrum counts in each band, `(bins, bands)`, by triangles."""
    octaves = np.log2(np.maximum(np.linspace(0, rate / 2, bins), BANDS_HZ[0] / 4) / 1000)
    middles = np.log2(np.array(BANDS_HZ) / 1000)
    weights = np.maximum(0.0, 1 - np.abs(octaves[:, None] - middles[None]) * 3)
    weights[octaves > middles[-1], -1] = 1.0
    return np.asarray(weights, np.float64)


class _Ear:
    """Hears stretches of a record and remembers the levels of its frames."""

    def __init__(self, rate: int, channels: int) -> None:
        from scipy import fft

        self._rfft = fft.rfft
        self._rate, self._channels = rate, channels
        self._hop = max(1, round(rate * _HOP_S))
        size = self._hop * _HOPS_PER_WINDOW
        self._window = np.hanning(size + 1)[:size].astype(np.float32)
        self._weights = band_weights(size // 2 + 1, rate) * (2 / np.square(self._window).sum() / size)
        self._middle: list[Levels] = []
        self._side: list[Levels] = []
        self._levels: list[Levels] = []
        self._crests: list[Levels] = []
        self._steps: list[Levels] = []
        self._falls: list[Levels] = []
        self._highest = 0.0
        self._heard = 0

    def hear(self, block: Samples) -> None:
        """Take a stretch `(channels, frames)`; what is shorter than a few frames is not heard."""
        self._heard += block.shape[1]
        if block.shape[1] < 2 * len(self._window):
            return
        middle, side = _middle_and_side(block)
        bands = self._bands(middle)
        self._middle.append(bands)
        self._side.append(self._bands(side) if len(block) > 1 else np.zeros_like(bands))
        self._falls.append(_changes(bands))
        self._frames(block)
        energies = Weighting(self._rate, len(block)).energies(block)
        self._steps.append(Steps(self._rate).push(energies[None])[0])
        self._hear_peak(block)

    def features(self) -> Features:
        """Return what was heard; InputError where that was silent or too short."""
        if self._heard < SHORTEST_S * self._rate:
            raise InputError(
                f"{self._heard / self._rate:.1f} s are too short to tell how a record sounds.",
                hint="Use a second or more.",
            )
        mean = GatedMean(self._rate)
        steps = np.concatenate(self._steps)
        mean.add_steps(steps[None])
        loudness = mean.lufs()[0]
        if not np.isfinite(loudness) or loudness < _SILENT_DB:
            raise _silent()
        level = np.concatenate(self._levels)
        heard = level > np.quantile(level, 0.95) - _GATE_DB
        return Features(
            loudness_lufs=loudness,
            true_peak_dbtp=_db(self._highest**2),
            limit_hz=self._rate * 0.46,
            bands=_rows(self._band_rows(heard, loudness)),
            dynamics=tuple(
                self._dynamics(level[heard], np.concatenate(self._crests)[heard], steps, loudness)
            ),
        )

    def _band_rows(self, heard: NDArray[np.bool_], loudness: float) -> Levels:
        power, sides = np.concatenate(self._middle), np.concatenate(self._side)
        mean = power.mean(axis=0)
        levels = np.quantile(_decibels(power[heard]), (0.1, 0.3, 0.5, 0.7, 0.9, 0.97), axis=0)
        changes = np.concatenate(self._falls)
        moves = np.quantile(changes, (0.1, 0.25, 0.75, 0.9), axis=0)
        side = np.clip(_decibels(sides.mean(axis=0)) - _decibels(mean), *_SIDE_DB)
        against = _decibels(mean + sides.mean(axis=0))[None] - loudness
        return np.concatenate((against, levels - loudness, moves, side[None]))

    def _dynamics(self, level: Levels, crests: Levels, steps: Levels, loudness: float) -> Iterator[float]:
        yield _db(self._highest**2) - loudness
        yield from np.quantile(crests, (0.1, 0.5, 0.9)).tolist()
        yield from (np.quantile(level, (0.1, 0.5, 0.9, 0.99)) - loudness).tolist()
        short = np.convolve(steps, np.full(4, 0.25), "valid")
        lufs = np.array([loudness_of(max(energy, _QUIET)) for energy in short])
        lufs = lufs[lufs > lufs.max() - _GATE_DB]
        yield from (np.quantile(lufs, (0.1, 0.5, 0.95)) - loudness).tolist()

    def _bands(self, sound: Samples) -> Levels:
        """Return the power of each frame in each band, `(frames, bands)`."""
        windows = np.lib.stride_tricks.sliding_window_view(sound, len(self._window))[:: 2 * self._hop]
        spectra = self._rfft(windows * self._window)
        power: Levels = (np.square(spectra.real) + np.square(spectra.imag)) @ self._weights
        return power

    def _frames(self, block: Samples) -> None:
        """Note level, and peak over level, of each frame of `_bands`."""
        count = (block.shape[1] - len(self._window)) // (2 * self._hop) + 1
        start = self._hop
        cut = block[:, start : start + count * 2 * self._hop].reshape(len(block), count, -1)
        power = np.square(cut).mean(axis=2, dtype=np.float64).max(axis=0)
        peak = np.abs(cut).max(axis=(0, 2)).astype(np.float64)
        self._levels.append(_decibels(power))
        self._crests.append(_decibels(np.square(peak)) - _decibels(power))

    def _hear_peak(self, block: Samples) -> None:
        """Look between the samples of those tenths of a second where the highest peak may be."""
        size = max(1, self._rate // 10)
        for start in range(0, block.shape[1], size):
            piece = block[:, start : start + size]
            at_samples = float(np.abs(piece).max())
            if at_samples * _BETWEEN > self._highest:
                ahead = np.pad(block[:, max(0, start - 32) : start + size + 32], ((0, 0), (32, 32)))
                between = float(Oversampled(self._rate, len(block)).peaks(ahead).max())
                self._highest = max(self._highest, at_samples, between)


def _middle_and_side(block: Samples) -> tuple[Samples, Samples]:
    if len(block) == 1:
        return block[0], block[0]
    half = np.float32(0.5)
    return (block[0] + block[1]) * half, (block[0] - block[1]) * half


def _changes(bands: Levels) -> Levels:
    """Return by how many dB each band changes from frame to frame; 0 where there is little of it."""
    levels = _decibels(bands)
    loud = levels[:-1] > levels.max(axis=0, keepdims=True) - _GATE_DB
    changes: Levels = np.where(loud, np.clip(np.diff(levels, axis=0), -_STEEPEST_DB, _STEEPEST_DB), 0.0)
    return changes


def _rows(values: Levels) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values.tolist())


def _decibels(power: Levels) -> Levels:
    decibels: Levels = 10 * np.log10(np.maximum(power, _QUIET))
    return decibels


def _db(power: float) -> float:
    return float(10 * np.log10(max(power, _QUIET)))


def _silent() -> InputError:
    return InputError("There is only silence to hear.", hint="Use a record that sounds.")
