"""K-weighting and gating of ITU-R BS.1770-4, streaming, in memory that does not grow.

The filters are those of the standard at 48 kHz, designed anew for other rates from the analogue
parameters that its coefficients imply (as libebur128 does). Gated blocks are kept as a histogram of
0.01 LU that holds each bin's exact energy, so that only the one bin at the relative gate is rounded.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples

Energies = NDArray[np.float64]

_STEP_S: Final = 0.1
_STEPS_PER_BLOCK: Final = 4
_ABSOLUTE_GATE_LUFS: Final = -70.0
_RELATIVE_GATE_LU: Final = -10.0
_OFFSET_LUFS: Final = -0.691
_BINS_PER_LU: Final = 100
#: Up to +40 LUFS; what is louder counts in the last bin, with its own energy.
_BINS: Final = 110 * _BINS_PER_LU


class Weighting:
    """The K-weighting of a stream."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Start a stream."""
        from scipy import signal

        self._filter = signal.sosfilt
        self._sections = k_weighting(sample_rate)
        self._state = np.zeros((len(self._sections), channels, 2))

    def energies(self, block: Samples) -> Energies:
        """Return the weighted energy of each frame, all channels together."""
        weighted, self._state = self._filter(self._sections, block, axis=1, zi=self._state)
        energies: Energies = np.square(weighted).sum(axis=0)
        return energies


class Steps:
    """The mean energy of every whole 0.1 s of one stream, or of several variants of it."""

    def __init__(self, sample_rate: int, variants: int = 1) -> None:
        """Start a stream."""
        self._frames = round(sample_rate * _STEP_S)
        self._rest = np.zeros((variants, 0))

    def push(self, energies: Energies) -> Energies:
        """Take the weighted energies `(variants, frames)` and return those of finished steps."""
        pending = np.concatenate((self._rest, energies), axis=1)
        whole = pending.shape[1] // self._frames * self._frames
        self._rest = pending[:, whole:].copy()
        steps: Energies = pending[:, :whole].reshape(len(pending), -1, self._frames).mean(axis=2)
        return steps


class GatedMean:
    """The integrated loudness of one stream, or of several variants of it side by side."""

    def __init__(self, sample_rate: int, variants: int = 1) -> None:
        """Start a measurement."""
        self._pending = Steps(sample_rate, variants)
        self._steps = np.zeros((variants, 0))
        self._counts = np.zeros((variants, _BINS))
        self._sums = np.zeros((variants, _BINS))

    def add(self, energies: Energies) -> None:
        """Take the weighted energies `(variants, frames)` of the next frames."""
        self.add_steps(self._pending.push(energies))

    def add_steps(self, steps: Energies) -> None:
        """Take the next steps `(variants, n)`, where the caller makes them."""
        steps = np.concatenate((self._steps, steps), axis=1)
        self._steps = steps[:, -(_STEPS_PER_BLOCK - 1) :]
        if steps.shape[1] < _STEPS_PER_BLOCK:
            return
        windows = np.lib.stride_tricks.sliding_window_view(steps, _STEPS_PER_BLOCK, axis=1)
        blocks = windows.mean(axis=2)
        variant, place = np.nonzero(blocks > _energy(_ABSOLUTE_GATE_LUFS))
        loud = blocks[variant, place]
        bins = (_OFFSET_LUFS + 10 * np.log10(loud) - _ABSOLUTE_GATE_LUFS) * _BINS_PER_LU
        at = variant, np.clip(bins.astype(np.int64), 0, _BINS - 1)
        np.add.at(self._counts, at, 1)
        np.add.at(self._sums, at, loud)

    def lufs(self) -> tuple[float, ...]:
        """Return each variant's loudness; −inf for silence or less than 0.4 s."""
        return tuple(_gated(counts, sums) for counts, sums in zip(self._counts, self._sums, strict=True))


def k_weighting(sample_rate: int) -> Energies:
    """Return the second-order sections of the K-weighting: a high shelf, then a high pass."""
    shelf = _shelf(sample_rate, 1681.974450955533, 3.999843853973347, 0.7071752369554196)
    high_pass = _high_pass(sample_rate, 38.13547087602444, 0.5003270373238773)
    return np.array((shelf, high_pass))


def _shelf(sample_rate: int, corner_hz: float, gain_db: float, quality: float) -> tuple[float, ...]:
    k = math.tan(math.pi * corner_hz / sample_rate)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    norm = 1 + k / quality + k * k
    return (
        (high + band * k / quality + k * k) / norm,
        2 * (k * k - high) / norm,
        (high - band * k / quality + k * k) / norm,
        1.0,
        2 * (k * k - 1) / norm,
        (1 - k / quality + k * k) / norm,
    )


def _high_pass(sample_rate: int, corner_hz: float, quality: float) -> tuple[float, ...]:
    k = math.tan(math.pi * corner_hz / sample_rate)
    norm = 1 + k / quality + k * k
    return 1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / quality + k * k) / norm


def _gated(counts: Energies, sums: Energies) -> float:
    if not counts.any():
        return -math.inf
    gate = loudness_of(sums.sum() / counts.sum()) + _RELATIVE_GATE_LU
    first = min(_BINS - 1, max(0, math.ceil((gate - _ABSOLUTE_GATE_LUFS) * _BINS_PER_LU)))
    return loudness_of(sums[first:].sum() / counts[first:].sum())


def loudness_of(energy: float) -> float:
    """Return the LUFS of a mean weighted energy; −inf for none."""
    return _OFFSET_LUFS + 10 * math.log10(energy) if energy > 0 else -math.inf


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_LUFS) / 10))
