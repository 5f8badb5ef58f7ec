"""By how many octaves a line is moved to suit what plays it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: How far a line is moved at most, in octaves.
MOST_OCTAVES: Final = 4
#: The share of what can lie in the range by any shift, that must lie there for a smaller one to do.
_ENOUGH = 0.95
#: How far beyond its range an instrument plays a note that is sung, in semitones.
_BEYOND = 0.5


def fit_octave(notes: ArrayLike, lowest: float, highest: float, lengths: ArrayLike = 1.0) -> int:
    """Return the smallest shift in octaves by which notes lie in a range, or nearly; upwards of two alike.

    `notes` are MIDI notes, with fractions or without, of which each counts by its length; 0 without any.
    """
    nearest = sorted(range(-MOST_OCTAVES, MOST_OCTAVES + 1), key=lambda shift: (abs(shift), -shift))
    heard, counts = np.asarray(notes, np.float64), np.asarray(lengths, np.float64)
    held = np.array([(_within(heard + 12 * shift, lowest, highest) * counts).sum() for shift in nearest])
    return nearest[int((held >= _ENOUGH * held.max()).argmax())]


def _within(notes: NDArray[np.float64], lowest: float, highest: float) -> NDArray[np.bool_]:
    within: NDArray[np.bool_] = (notes > lowest - _BEYOND) & (notes < highest + _BEYOND)
    return within
