"""A line of beats that leaves a song's tempo only where the song does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.inference.beat_decoder import GAPS, Floats, find_line
from fanstudio.jobs import Work

#: Gaps so near to another, as a natural logarithm, are of one tempo.
_NEAR = 0.06
#: A song that has its main tempo for less than the first part changes it; for more than the second, keeps it.
_LEAST_SHARE, _MOST_SHARE = 0.3, 0.9
#: Beats of one tempo must be nearly as likely as those of a line that is free, and span nearly as much.
_AS_LIKELY, _AS_LONG = 0.85, 0.95
#: What a second of a tempo that is not to be costs, in `fits`.
_NEVER = -50.0


def find_steady_line(
    work: Work, likely: Floats, fits: NDArray[np.float64], fit_frames: int
) -> NDArray[np.int64]:
    """Do `find_line`; where it left the tempo that fits the song best, keep to that if the song does.

    Nets lose the beat for a while, and a free line then follows whatever else repeats.

    Raises:
        Cancelled: within a tenth of a second.

    """
    line = find_line(work.part(0.0, 0.5), likely, fits, fit_frames)
    main = int(GAPS[fits.mean(axis=0).argmax()])
    gaps = np.diff(line)
    share = float(gaps[_is_near(gaps, main)].sum()) / max(1, int(gaps.sum()))
    if not _LEAST_SHARE <= share <= _MOST_SHARE:
        return line
    kept = np.where(_is_near(GAPS, main), fits, _NEVER)
    steady = find_line(work.part(0.5, 1.0), likely, kept, fit_frames)
    as_long = np.ptp(steady) >= _AS_LONG * np.ptp(line)
    as_likely = likely[steady].mean() >= _AS_LIKELY * likely[line].mean()
    return steady if as_long and as_likely else line


def _is_near(gaps: NDArray[np.int64], main: int) -> NDArray[np.bool_]:
    return np.asarray(np.abs(np.log(gaps / main)) < _NEAR)
