"""Peaks between the samples, streaming (ITU-R BS.1770-4, annex 2)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples, silence

_TAPS_PER_PHASE = 24
#: Oversampled until at least this rate, and at least twice.
_PEAK_RATE_HZ = 192_000


class Oversampled:
    """Looks between the samples of a stream, at four times the rate, from 96 kHz on at twice the rate."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Start a stream."""
        # scipy.signal takes half a second to import, which only who measures shall wait for.
        from scipy import signal

        self._upfirdn = signal.upfirdn
        self._factor = max(2, min(4, -(-_PEAK_RATE_HZ // sample_rate)))
        taps = _TAPS_PER_PHASE * self._factor + 1
        window = signal.firwin(taps, 1 / self._factor, window=("kaiser", 7.0))
        self._taps = np.asarray(window, np.float32) * np.float32(self._factor)
        self._tail = silence(channels, _TAPS_PER_PHASE)

    @property
    def delay_frames(self) -> int:
        """Return how many frames the peaks come after what they are peaks of."""
        return _TAPS_PER_PHASE // 2

    def peaks(self, block: Samples) -> Samples:
        """Return the highest absolute value from each frame up to the next, `(channels, frames)`."""
        if not block.shape[1]:
            return block
        joined = np.concatenate((self._tail, block), axis=1)
        self._tail = joined[:, -_TAPS_PER_PHASE:]
        up = self._upfirdn(self._taps, joined, up=self._factor, axis=1)
        settled = np.abs(up[:, _TAPS_PER_PHASE * self._factor : joined.shape[1] * self._factor])
        highest = settled[:, :: self._factor]
        for phase in range(1, self._factor):
            highest = np.maximum(highest, settled[:, phase :: self._factor])
        return highest


class TruePeak:
    """The highest absolute value of a stream, at and between its samples."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Start a measurement."""
        self._oversampled = Oversampled(sample_rate, channels)
        self._channels = channels
        self._highest = 0.0

    def add(self, block: Samples) -> None:
        """Take a block `(channels, frames)`."""
        if block.shape[1]:
            at_samples = np.abs(block).max()
            self._highest = max(self._highest, float(at_samples), float(self._oversampled.peaks(block).max()))

    @property
    def dbtp(self) -> float:
        """Return the peak in dB of full scale; −inf for silence."""
        return 20 * math.log10(self._highest) if self._highest > 0 else -math.inf


def decibels(factors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return factors as decibels; what is under −200 dB counts as that."""
    level: NDArray[np.float64] = 20 * np.log10(np.maximum(factors, 1e-10), dtype=np.float64)
    return level
