"""How well each tempo fits what repeats in a song, stretch by stretch."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Seconds from one stretch to the next, and of the song around it by which a stretch is judged.
STEP_S: Final = 4.0
_SPAN_S = 16.0
#: A tempo shows after so many of its beats.
_BEATS = (1, 2, 4, 8)
#: A pulse stands out of so many seconds on either side.
_LOCAL_S = 0.5
#: Where people tap along most, and how widely they differ, in octaves.
_USUAL_BPM, _SPREAD_OCTAVES = 115.0, 0.7
_TINY = 1e-9


def tempo_fits(pulse: NDArray[np.float32], fps: float, gaps_s: Values) -> Values:
    """Return how well beats of each gap fit, 0..1, `(stretches, gaps)`; stretch k is from k · `STEP_S` on.

    `pulse` is how much begins at each of `fps` frames a second. A gap fits where the pulse resembles itself
    1, 2, 4 and 8 gaps later; the whole song counts as much as the stretch, and usual tempi more than others.
    """
    span, step, local = (round(seconds * fps) for seconds in (_SPAN_S, STEP_S, _LOCAL_S))
    around = np.convolve(pulse, np.full(2 * local + 1, 1 / (2 * local + 1)), "full")[
        local : local + len(pulse)
    ]
    standing = np.pad(np.maximum(pulse - around, 0), ((span - step) // 2, span))
    stretches = range(0, max(1, len(pulse)), step)
    fits = np.stack([_comb(standing[start : start + span], fps, gaps_s) for start in stretches])
    whole = fits.mean(axis=0)
    return np.asarray((fits + whole / max(_TINY, float(whole.max()))) / 2 * _usual(gaps_s))


def _comb(pulse: Values, fps: float, gaps_s: Values) -> Values:
    """Return how much a pulse resembles itself after each gap, 1 for the best."""
    pulse = pulse - pulse.mean()
    alike = np.fft.irfft(np.abs(np.fft.rfft(pulse, 2 * len(pulse))) ** 2)[: len(pulse)]
    if alike[0] < _TINY:
        return np.zeros(len(gaps_s))
    overlap = np.maximum(len(pulse) - np.arange(len(pulse)), len(pulse) // 2)
    alike /= alike[0] * overlap / len(pulse)
    # Beats a frame early or late are still alike.
    alike = np.maximum(alike, np.maximum(np.roll(alike, 1), np.roll(alike, -1)))
    lags = gaps_s[:, None] * np.array(_BEATS) * fps
    fits = np.nanmean(np.interp(lags, np.arange(len(alike)), alike, right=np.nan), axis=1).clip(0)
    return np.asarray(fits / max(_TINY, float(fits.max())))


def _usual(gaps_s: Values) -> Values:
    return np.asarray(np.exp(-0.5 * (np.log2(60 / gaps_s / _USUAL_BPM) / _SPREAD_OCTAVES) ** 2))
