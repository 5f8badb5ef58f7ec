"""Masks of drums, bass and other by rule of thumb: what is sudden, what is steady and low, and the rest.

Medians of the spectrogram along time and along frequency tell steady tones from sudden noise (Fitzgerald,
*Harmonic/percussive separation using median filtering*, DAFx 2010).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.inference.windows import Stft

RATE = 44_100
STEMS = ("drums", "bass", "other")
STFT = Stft(4096, 1024)
_MEDIAN_LENGTH = 31
#: A bin is the drums' as far as its sudden part outweighs this much of its steady one.
_STEADY_WEIGHT = 0.5
_EXCESS_BELOW_HZ = 120.0
_BASS_BELOW_HZ = 250.0
_TINY = 1e-20


def share(magnitude: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the masks `(batch, 3, channels, frames, bins)` of magnitudes `(batch, channels, frames, bins)`.

    The three are drums, bass and other; they sum to one. Frequency tells nothing about a kick drum, for
    a bass note has as few bins; so below 120 Hz whatever exceeds the steady part is the drums'.
    """
    hz = np.arange(magnitude.shape[-1]) * (RATE / STFT.n_fft)
    steady = _median(magnitude.swapaxes(-1, -2)).swapaxes(-1, -2)
    sudden = _median(magnitude) + np.float32(_TINY)
    excess = 1 - np.minimum(steady / (magnitude + np.float32(_TINY)), 1) ** 2
    drums = np.where(hz < _EXCESS_BELOW_HZ, excess, sudden / (_STEADY_WEIGHT * steady + sudden))
    bass = np.where(hz < _BASS_BELOW_HZ, 1 - drums, np.float32(0))
    return np.stack([drums, bass, 1 - drums - bass], axis=1)


def _median(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return running medians along the last axis, mirrored at its ends.

    One long row is what SciPy filters fast; the mirrored ends keep its neighbours apart.
    """
    from scipy.ndimage import median_filter

    half = _MEDIAN_LENGTH // 2
    padded = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(half, half)], mode="symmetric")
    filtered: NDArray[np.float32] = median_filter(padded.ravel(), _MEDIAN_LENGTH)
    return filtered.reshape(padded.shape)[..., half:-half]
