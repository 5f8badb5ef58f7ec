"""What a beat net hears of a sound: a spectrum on a scale of quarter tones, and where it grows."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: The rate that the nets were trained at, and their 50 frames a second of 64 ms each.
SAMPLE_RATE: Final = 22_050
HOP: Final = 441
HOP_S: Final = HOP / SAMPLE_RATE
_WINDOW: Final = 1411
_BINS: Final = _WINDOW // 2
_BANDS_PER_OCTAVE: Final = 24
_RANGE_HZ: Final = (30.0, 17_000.0)
_TUNING_HZ: Final = 440.0


class FeatureStream:
    """Sound at `SAMPLE_RATE` in, features out: the whole song's, whatever the pieces.

    The spectrum is that of BeatNet (Heydari, Cwitkowitz and Duan, 2021): magnitudes under a Hann window,
    summed by triangles 24 an octave, log10(1 + x), and beside it how much each band grew since the frame
    before.
    """

    def __init__(self) -> None:
        """Start with silence before the song, so that frame 0 lies around its first sample."""
        self._heard = np.zeros(_WINDOW // 2, np.float32)
        self._before: Floats | None = None
        self._taken = 0
        self._given = 0
        self._window = np.hanning(_WINDOW).astype(np.float32)
        self._bank = filterbank()

    @property
    def bands(self) -> int:
        """Return how many features a frame has."""
        return 2 * int(self._bank.shape[1])

    def push(self, samples: Floats) -> Floats:
        """Take samples `(frames,)`; return what is ready, `(n, bands)`, float32."""
        self._taken += len(samples)
        self._heard = np.concatenate((self._heard, samples))
        return self._give(max(0, 1 + (len(self._heard) - _WINDOW) // HOP))

    def finish(self) -> Floats:
        """Return the frames that are left; there is one for each `HOP` samples that were begun."""
        left = -(-self._taken // HOP) - self._given
        missing = max(0, (left - 1) * HOP + _WINDOW - len(self._heard))
        self._heard = np.concatenate((self._heard, np.zeros(missing, np.float32)))
        return self._give(max(0, left))

    def _give(self, count: int) -> Floats:
        if count == 0:
            return np.zeros((0, self.bands), np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(self._heard, _WINDOW)[: count * HOP : HOP]
        spectrum = np.abs(np.fft.rfft(frames * self._window, axis=1))[:, :_BINS].astype(np.float32)
        levels = np.log10(spectrum @ self._bank + np.float32(1))
        before = levels[:1] if self._before is None else self._before
        grown = np.maximum(np.diff(levels, axis=0, prepend=before), np.float32(0))
        self._heard = self._heard[count * HOP :].copy()
        self._before = levels[-1:].copy()
        self._given += count
        return np.concatenate((levels, grown), axis=1)


def filterbank() -> Floats:
    """Return the triangles `(bins, bands)`, each of sum 1; where bins are too wide, a band is one bin."""
    low, high = (float(np.log2(bound / _TUNING_HZ)) * _BANDS_PER_OCTAVE for bound in _RANGE_HZ)
    steps = np.arange(np.ceil(low), np.floor(high) + 1)
    centres_hz = np.asarray(_TUNING_HZ * 2 ** (steps / _BANDS_PER_OCTAVE), np.float64)
    bins = np.unique(_nearest(centres_hz, SAMPLE_RATE / (2 * _BINS)))
    bank = np.zeros((_BINS, len(bins) - 2), np.float32)
    for band, (start, centre, end) in enumerate(zip(bins, bins[1:], bins[2:], strict=False)):
        bank[start:centre, band] = np.arange(centre - start) / (centre - start)
        bank[centre:end, band] = 1 - np.arange(end - centre) / (end - centre)
    return np.asarray(bank / bank.sum(axis=0), np.float32)


def _nearest(wanted_hz: NDArray[np.float64], bin_hz: float) -> NDArray[np.int64]:
    """Return the bin nearest to each frequency."""
    return np.asarray(np.clip(np.rint(wanted_hz / bin_hz), 0, _BINS - 1), np.int64)
