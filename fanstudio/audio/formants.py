"""Keeps a voice's formants where they are while its pitch moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.float32]

#: Seconds: an envelope has no detail that repeats within less than this, as the partials of a voice do.
_DETAIL_S = 0.0016
_ROUNDS = 12
#: Nepers below a spectrum's loudest bin at which it is held, and what a gain may be.
_FLOOR = 11.5
_MOST = 2.8


class FormantKeeper:
    """Gives gains that move a spectrum's envelope against a change of pitch.

    The envelope is the “true envelope”, a cepstrum smoothed until it touches the partials' tops: A. Röbel
    and X. Rodet, “Efficient spectral envelope estimation”, DAFx 2005.
    """

    def __init__(self, bins: int, pitch: float, sample_rate: int) -> None:
        """Take spectra of `bins` bins up to half the rate, which will be played `pitch` times as high."""
        self._size = 2 * (bins - 1)
        self._lifter = _lifter(self._size, _DETAIL_S * sample_rate)
        heard = np.minimum(np.arange(bins) * pitch, bins - 1)
        self._below = np.minimum(heard.astype(np.int64), bins - 2)
        self._share = (heard - self._below).astype(np.float32)

    def gains(self, power: Levels) -> Levels:
        """Return the factor of each bin of power spectra `(frames, bins)`."""
        top = power.max(axis=1, keepdims=True)
        level = 0.5 * np.log(np.maximum(power, top * np.exp(-2 * _FLOOR) + 1e-30))
        envelope = self._envelope(level)
        heard = envelope[:, self._below] * (1 - self._share) + envelope[:, self._below + 1] * self._share
        gains: Levels = np.exp(np.clip(heard - envelope, -_MOST, _MOST))
        return gains

    def _envelope(self, level: Levels) -> Levels:
        smooth = self._smooth(level)
        for _ in range(_ROUNDS):
            smooth = self._smooth(np.maximum(level, smooth))
        return smooth

    def _smooth(self, level: Levels) -> Levels:
        cepstrum = np.fft.irfft(level, self._size, axis=1)
        return np.fft.rfft(cepstrum * self._lifter, axis=1).real.astype(np.float32, copy=False)


def _lifter(size: int, cut: float) -> Levels:
    """Return weights of a cepstrum that fall from 1 to 0 about `cut`."""
    quefrency = np.minimum(np.arange(size), size - np.arange(size))
    ramp = np.clip((1.25 * cut - quefrency) / (0.5 * cut), 0, 1)
    weights: Levels = (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)
    return weights
