"""Which beats begin a bar, and how many beats a bar has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: No beat is less or more likely to begin a bar than this.
_LEAST, _MOST = 0.04, 0.96
#: What it costs that a bar is cut short or that one begins late: a song does it rarely.
_SLIP = -8.0
#: By so much a beat bars of three must explain the song better than bars of four.
_RARER = 0.06


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """How many beats a bar has, and the numbers of the beats that begin one, int64, ascending."""

    beats_per_bar: int
    starts: NDArray[np.int64]


def count_bars(first: NDArray[np.float64]) -> Bars:
    """Return the bars of beats that begin a bar as likely (0..1) as `first` says of each.

    A line of places in the bar is found for bars of three and of four beats (Viterbi); one kind of bar
    rules the whole song, but where a bar is cut short, the count begins again.
    """
    if not len(first):
        return Bars(4, np.zeros(0, np.int64))
    held = np.clip(first, _LEAST, _MOST)
    (three, threes), (four, fours) = (_best_line(held, beats) for beats in (3, 4))
    if three - four > _RARER * len(first):
        return Bars(3, np.flatnonzero(threes == 0))
    return Bars(4, np.flatnonzero(fours == 0))


def _best_line(first: NDArray[np.float64], beats: int) -> tuple[float, NDArray[np.int64]]:
    """Return the best line's score, and the place in its bar of each beat, 0 for the first."""
    begins, goes_on = np.log(first), np.log1p(-first)
    scores = np.zeros(beats)
    came_from = np.zeros((len(first), beats), np.int64)
    places = np.arange(beats)
    for beat in range(len(first)):
        came_from[beat] = (places - 1) % beats
        before = scores[came_from[beat]] if beat else scores
        slipped = int(scores.argmax())
        if beat and scores[slipped] + _SLIP > before[0]:
            before = before.copy()
            before[0] = scores[slipped] + _SLIP
            came_from[beat, 0] = slipped
        scores = before + np.where(places == 0, begins[beat], goes_on[beat])
    line = np.zeros(len(first), np.int64)
    line[-1] = scores.argmax()
    for beat in range(len(first) - 1, 0, -1):
        line[beat - 1] = came_from[beat, line[beat]]
    return float(scores.max()), line
