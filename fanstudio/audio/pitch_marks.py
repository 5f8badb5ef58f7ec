"""Marks each period of a sung stretch, so that periods can be moved without a seam."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples

Floats = NDArray[np.float64]

#: A period may differ from what the pitch says by this part of it.
_SLACK = 0.2
_LEAST_PERIODS = 2


def mark_periods(mono: Samples, f0_hz: Floats, sample_rate: int) -> Floats:
    """Return the places of successive periods in a voiced stretch, in samples with fractions, ascending.

    `mono` `(frames,)` is voiced throughout, at `f0_hz` for each sample. The first mark is set on the
    highest peak of the loudest place; from there each period is found where the sound correlates best
    with the period before it, set between samples by a parabola (the method of Praat's "cc" pitch marks;
    Boersma). Fewer than two marks mean that there is no period to be found.
    """
    if len(mono) < _LEAST_PERIODS * sample_rate / f0_hz.min():
        return np.zeros(0)
    periods = sample_rate / f0_hz
    start = _loudest_peak(mono, periods)
    ahead = _follow(mono, periods, start, 1)
    back = _follow(mono, periods, start, -1)
    return np.array([*back[::-1], start, *ahead])


def _loudest_peak(mono: Samples, periods: Floats) -> float:
    """Return where the sound is furthest from zero in the loudest place."""
    width = max(2, int(np.median(periods)))
    power = np.convolve(np.square(mono, dtype=np.float64), np.ones(width), "same")
    centre = int(power[width:-width].argmax()) + width if len(mono) > 3 * width else len(mono) // 2
    low = max(0, centre - width // 2)
    return float(low + np.abs(mono[low : centre + width // 2 + 1]).argmax())


def _follow(mono: Samples, periods: Floats, start: float, direction: int) -> list[float]:
    """Return the marks from `start` on in one direction, until the stretch ends."""
    marks: list[float] = []
    at = start
    while True:
        here = round(at)
        period = periods[min(max(here, 0), len(periods) - 1)]
        step = _best_step(mono, here, period, direction)
        if step is None:
            return marks
        at += direction * step
        marks.append(at)


def _best_step(mono: Samples, here: int, period: float, direction: int) -> float | None:
    """Return how far the next period is, or None where the stretch ends before it."""
    half = max(2, round(period / 2))
    slack = max(2, round(period * _SLACK))
    centre = here + direction * round(period)
    low, high = centre - half - slack, centre + half + slack + 1
    if low < 0 or high > len(mono) or here < half or here + half + 1 > len(mono):
        return None
    pattern = mono[here - half : here + half + 1]
    area = mono[low:high]
    products = np.correlate(area, pattern, "valid")
    energy = np.convolve(np.square(area), np.ones(len(pattern), np.float32), "valid")
    fits = products / np.sqrt(np.maximum(energy, 1e-12))
    best = int(fits.argmax())
    lag = best - slack + (_vertex(*fits[best - 1 : best + 2]) if 0 < best < len(fits) - 1 else 0.0)
    return round(period) + direction * lag


def _vertex(before: float, here: float, after: float) -> float:
    """Return where between −½ and ½ the parabola through three values is highest."""
    bend = before - 2 * here + after
    return float(0.5 * (before - after) / bend) if bend < 0 else 0.0
