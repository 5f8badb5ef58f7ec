"""Integrated loudness and true peak, streaming (ITU-R BS.1770-4, annexes 1 and 2).

The K-weighting filters are those of the standard at 48 kHz, designed anew for other rates from the
analogue parameters that its coefficients imply (as libebur128 does).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples

_STEP_S = 0.1
_STEPS_PER_BLOCK = 4
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_OFFSET_LUFS = -0.691
_TAPS_PER_PHASE = 24
#: Oversampled until at least this rate.
_PEAK_RATE_HZ = 192_000
_SILENCE_DB = -math.inf


class LoudnessMeter:
    """Measures a stream of blocks; memory grows by a few bytes a tenth of a second."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Start a measurement."""
        # scipy.signal takes half a second to import, which only who measures shall wait for.
        from scipy import signal

        self._filter = signal.sosfilt
        self._sections = k_weighting(sample_rate)
        self._state = np.zeros((len(self._sections), channels, 2))
        self._step_frames = round(sample_rate * _STEP_S)
        self._rest = np.zeros((channels, 0))
        self._energies: list[NDArray[np.float64]] = []
        self._peak = _TruePeak(sample_rate, channels)

    def add(self, block: Samples) -> None:
        """Take a block `(channels, frames)`."""
        if not block.shape[1]:
            return
        self._peak.add(block)
        weighted, self._state = self._filter(self._sections, block, axis=1, zi=self._state)
        pending = np.concatenate((self._rest, np.square(weighted)), axis=1)
        steps = pending.shape[1] // self._step_frames
        whole = pending[:, : steps * self._step_frames]
        self._rest = pending[:, steps * self._step_frames :]
        if steps:
            sums = whole.reshape(whole.shape[0], steps, self._step_frames).sum(axis=2)
            self._energies.append(sums.sum(axis=0) / self._step_frames)

    @property
    def integrated_lufs(self) -> float:
        """Return the loudness of all that was added; −inf for silence or less than 0.4 s."""
        steps = np.concatenate(self._energies) if self._energies else np.zeros(0)
        if len(steps) < _STEPS_PER_BLOCK:
            return _SILENCE_DB
        blocks = np.convolve(steps, np.ones(_STEPS_PER_BLOCK), mode="valid") / _STEPS_PER_BLOCK
        loud = blocks[blocks > _energy(_ABSOLUTE_GATE_LUFS)]
        if not loud.size:
            return _SILENCE_DB
        gated = loud[loud > _energy(_lufs(float(loud.mean())) + _RELATIVE_GATE_LU)]
        return _lufs(float(gated.mean()))

    @property
    def true_peak_dbtp(self) -> float:
        """Return the highest peak between and at the samples; −inf for silence."""
        peak = self._peak.value
        return 20 * math.log10(peak) if peak > 0 else _SILENCE_DB

    def gain_to(self, target_lufs: float, ceiling_dbtp: float) -> float:
        """Return the gain in dB that reaches the target, or less where the ceiling stands before it.

        Silence needs none: 0 dB.
        """
        loudness = self.integrated_lufs
        if not math.isfinite(loudness):
            return 0.0
        return min(target_lufs - loudness, ceiling_dbtp - self.true_peak_dbtp)


def k_weighting(sample_rate: int) -> NDArray[np.float64]:
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


class _TruePeak:
    """The highest absolute value after oversampling, block after block."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        from scipy import signal

        self.value = 0.0
        self._oversample = signal.upfirdn
        self._factor = max(1, min(4, -(-_PEAK_RATE_HZ // sample_rate)))
        taps = _TAPS_PER_PHASE * self._factor + 1
        window = signal.firwin(taps, 1 / self._factor, window=("kaiser", 7.0)) if self._factor > 1 else [1.0]
        self._taps = np.asarray(window, np.float32) * np.float32(self._factor)
        self._tail = np.zeros((channels, _TAPS_PER_PHASE), np.float32)

    def add(self, block: Samples) -> None:
        self.value = max(self.value, float(np.abs(block).max()))
        if self._factor == 1:
            return
        joined = np.concatenate((self._tail, block), axis=1)
        self._tail = joined[:, -_TAPS_PER_PHASE:]
        up = self._oversample(self._taps, joined, up=self._factor, axis=1)
        settled = up[:, _TAPS_PER_PHASE * self._factor : joined.shape[1] * self._factor]
        self.value = max(self.value, float(np.abs(settled).max()))


def _lufs(energy: float) -> float:
    return _OFFSET_LUFS + 10 * math.log10(energy)


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_LUFS) / 10))
