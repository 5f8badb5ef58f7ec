"""Takes back leaps of an octave that last only for a moment: no voice sings them."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

#: Shorter leaps are the tracker's, longer ones the singer's.
_MOMENT_S = 0.09
#: Sung sound is searched so far on either side for what the pitch was before and after.
_REACH_S = 0.25
_NEAR_SEMITONES = 1.5


def mend_octaves(f0_hz: NDArray[np.float32], hop_s: float) -> NDArray[np.float32]:
    """Return f0 in Hz, 0 where nothing is sung, with moments an octave off moved onto their neighbours.

    A run between two leaps of 12 semitones (± 1.5) is a moment where it is shorter than 90 ms and what is
    sung before and after it lies an octave from it on the same side.
    """
    mended = f0_hz.copy()
    notes = _notes(f0_hz)
    reach = max(1, round(_REACH_S / hop_s))
    for start, end in _runs(notes):
        if (end - start) * hop_s > _MOMENT_S:
            continue
        own = float(np.median(notes[start:end]))
        before = _near(notes[max(0, start - reach) : start])
        after = _near(notes[end : end + reach][::-1])
        if before is None or after is None:
            continue
        octaves = round((before - own) / 12)
        off = (before - own - 12 * octaves, after - own - 12 * octaves)
        if octaves and max(map(abs, off)) < _NEAR_SEMITONES:
            mended[start:end] *= np.float32(2.0**octaves)
    return mended


def _notes(f0_hz: NDArray[np.float32]) -> NDArray[np.float64]:
    notes = np.full(len(f0_hz), np.nan)
    voiced = f0_hz > 0
    notes[voiced] = 12 * np.log2(f0_hz[voiced])
    return notes


def _runs(notes: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the stretches of sung frames within which no two neighbours are half an octave apart."""
    voiced = ~np.isnan(notes)
    leaps = np.abs(np.diff(np.where(voiced, notes, 0.0))) > 6
    borders = np.flatnonzero(np.concatenate(([True], (voiced[1:] != voiced[:-1]) | leaps, [True])))
    pairs = itertools.pairwise(borders)
    return [(int(start), int(end)) for start, end in pairs if voiced[start]]


def _near(notes: NDArray[np.float64]) -> float | None:
    """Return the last sung note, or None."""
    sung = notes[~np.isnan(notes)]
    return float(sung[-1]) if len(sung) else None
