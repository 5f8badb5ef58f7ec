"""The most likely line of beats through what a net told of each moment."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.jobs import Work

Floats = NDArray[np.float32]

#: The decoder's frames a second.
FPS: Final = 100
#: Gaps between beats that are thought of, in frames: 40 to 240 beats a minute, finer where beats are fast.
GAPS: Final = np.array([*range(25, 60), *range(60, 100, 2), *range(100, 151, 3)])
#: What is so near to a beat, in frames, belongs to it.
_NEAR = 7
#: No moment is less or more likely a beat than this.
_LEAST, _MOST = 0.02, 0.98
#: How much a tempo resists change from beat to beat.
_STEADINESS = 100.0
#: From one beat to the next, a gap becomes one of so many of the list's neighbours on either side.
_REACH = 10
#: How much what lies between beats counts, for its frames are counted one by one.
_BETWEEN = 0.4
#: How much a second with a tempo that does not fit at all costs.
_FIT_WEIGHT = 2.0
#: No beat depends on another that is nearer.
_BLOCK = int(GAPS[0])
_LONGEST = int(GAPS[-1])
_FIRST = 255


def find_line(work: Work, likely: Floats, fits: NDArray[np.float64], fit_frames: int) -> NDArray[np.int64]:
    """Return the frames of the beats, ascending, that explain best how likely each frame is a beat.

    `likely` has 0..1 for each of `FPS` frames a second, and `fits` how well each of `GAPS` fits each stretch
    of `fit_frames` frames. This is the bar-pointer model of Whiteley, Cemgil
    and Godsill (2006) as Krebs, Böck and Widmer (2015) simplify it: a tempo may turn at beats only, and the
    less likely the more it does; what lies between two beats is summed up, so that its states are beats
    and the gap before them. A line may begin and end anywhere. It takes a byte for each frame and gap.

    Raises:
        Cancelled: within a tenth of a second.

    """
    lattice = _Lattice(likely, fits, fit_frames)
    for start in range(0, len(likely), _BLOCK):
        if start % (100 * _BLOCK) == 0:
            work.report(start / len(likely))
        lattice.advance(np.arange(start, min(len(likely), start + _BLOCK)))
    return lattice.trace()


class _Lattice:
    """Scores of lines that end with a beat at a frame, after a gap."""

    def __init__(self, likely: Floats, fits: NDArray[np.float64], fit_frames: int) -> None:
        held = np.clip(likely, _LEAST, _MOST).astype(np.float64)
        self._on = np.log(held)
        silent = np.concatenate(([0.0], np.cumsum(_BETWEEN * (np.log1p(-held) - np.log1p(-_LEAST)))))
        frames = np.arange(len(likely))
        self._fits, self._fit_frames = (fits - 1) * (_FIT_WEIGHT / FPS) * GAPS, fit_frames
        #: What no beat costs from the song's start to shortly before a frame, and to shortly after it.
        self._until = silent[np.maximum(frames - _NEAR, 0)]
        self._since = silent[np.minimum(frames + _NEAR + 1, len(likely))]
        self._turn = _turns()
        #: For the last frames: the best score of a line that goes on from a beat there with a gap.
        self._onward = np.full((_LONGEST, len(GAPS)), -np.inf)
        self._best_gap = np.zeros((_LONGEST, len(GAPS)), np.uint8)
        #: The gap before the one that ends at a frame; `_FIRST` where the line begins there.
        self._before = np.zeros((len(likely), len(GAPS)), np.uint8)
        self._end = (-np.inf, 0, 0)

    def advance(self, frames: NDArray[np.int64]) -> None:
        """Score the beats at the next frames, `_BLOCK` at most."""
        back = _LONGEST + np.arange(len(frames))[:, None] - GAPS[None, :]
        gap = np.arange(len(GAPS))
        fits = self._fits[np.minimum(frames // self._fit_frames, len(self._fits) - 1)]
        going = self._onward[back, gap] + self._until[frames, None] + fits
        beginning = self._until[frames, None]
        scores = np.maximum(going, beginning) + self._on[frames, None]
        self._before[frames] = np.where(going >= beginning, self._best_gap[back, gap], _FIRST)
        self._note_end(frames, scores)
        ends = np.pad(scores - self._since[frames, None], ((0, 0), (_REACH, _REACH)), constant_values=-np.inf)
        turns = np.lib.stride_tricks.sliding_window_view(ends, 2 * _REACH + 1, axis=1) + self._turn
        best = turns.argmax(axis=2)
        onward = np.take_along_axis(turns, best[:, :, None], axis=2)[:, :, 0]
        best += gap - _REACH
        self._onward = np.concatenate((self._onward[len(frames) :], onward))
        self._best_gap = np.concatenate((self._best_gap[len(frames) :], best.astype(np.uint8)))

    def trace(self) -> NDArray[np.int64]:
        """Return the beats of the best line."""
        _, frame, gap = self._end
        line = []
        while np.isfinite(self._end[0]):
            line.append(frame)
            before = int(self._before[frame, gap])
            if before == _FIRST:
                break
            frame, gap = frame - int(GAPS[gap]), before
        return np.array(line[::-1], np.int64)

    def _note_end(self, frames: NDArray[np.int64], scores: NDArray[np.float64]) -> None:
        ends = scores - self._since[frames, None]
        place = np.unravel_index(ends.argmax(), ends.shape)
        if ends[place] > self._end[0]:
            self._end = (float(ends[place]), int(frames[place[0]]), int(place[1]))


def _turns() -> NDArray[np.float64]:
    """Return how likely a gap (row) follows each of its neighbours in the list: exp(-100 |log ratio|)."""
    wide = np.pad(np.log(GAPS), _REACH, mode="edge")
    before = np.lib.stride_tricks.sliding_window_view(wide, 2 * _REACH + 1)
    return np.asarray(-_STEADINESS * np.abs(np.log(GAPS)[:, None] - before))
