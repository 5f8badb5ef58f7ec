"""Whether beats are counted at the right level, or the foot would tap twice as fast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Between these tempi half of the beats may have been missed; drum and bass is faster than any slow song.
_SLOWEST_BPM, _FASTEST_BPM = 78.0, 105.0
#: Halfway between beats, bass drums strike as hard as on them, and the net heard something there.
_AS_LOW, _HEARD = 0.8, 0.08
#: Fewer beats tell nothing.
_LEAST_BEATS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What was heard at each of `fps` frames a second: how likely is a beat, how much low sound begins."""

    fps: float
    likely: NDArray[np.float32]
    lows: NDArray[np.float32]

    def likely_at(self, times_s: Values) -> Values:
        """Return how likely a beat is within 40 ms of times."""
        return _loudest(self.likely, times_s * self.fps)

    def lows_at(self, times_s: Values) -> Values:
        """Return how much low sound begins within 40 ms of times."""
        return _loudest(self.lows, times_s * self.fps)


def settle_level(beats_s: Values, heard: Heard) -> Values:
    """Return beats, or twice as many where the music has them: nets halve fast songs."""
    if len(beats_s) < _LEAST_BEATS:
        return beats_s
    bpm = 60 / float(np.median(np.diff(beats_s)))
    between = _between(beats_s)
    lows = np.mean(heard.lows_at(between)) / max(1e-9, float(np.mean(heard.lows_at(beats_s))))
    missed = lows >= _AS_LOW and np.mean(heard.likely_at(between)) >= _HEARD
    if not (_SLOWEST_BPM <= bpm <= _FASTEST_BPM and missed):
        return beats_s
    return np.sort(np.concatenate((beats_s, between)))


def confidence(beats_s: Values, heard: Heard) -> float:
    """Return how sure a line of beats is, 0..1.

    That is how likely its beats are, less where beats lie between them, or where every second one
    is less likely than the others: then double or half the tempo fits nearly as well.
    """
    if len(beats_s) < 2:
        return 0.0
    likely = heard.likely_at(beats_s)
    between = float(np.mean(heard.likely_at(_between(beats_s))))
    turns = abs(float(likely[::2].mean() - likely[1::2].mean()))
    return float(np.clip(likely.mean() * (1 - max(between, turns)), 0, 1))


def _between(beats_s: Values) -> Values:
    return np.asarray((beats_s[1:] + beats_s[:-1]) / 2)


def _loudest(values: NDArray[np.float32], at: Values) -> Values:
    """Return the greatest of five values around each place."""
    index = np.rint(at).astype(np.int64)[:, None] + np.arange(-2, 3)
    return np.asarray(values[np.clip(index, 0, len(values) - 1)].max(axis=1), np.float64)
