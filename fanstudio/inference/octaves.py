"""Takes back what no voice sings: leaps of an octave that last for a moment, and notes too short for one."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

#: Shorter leaps are the tracker's, longer ones the singer's.
_MOMENT_S = 0.25
#: No note is shorter.
_SHORTEST_S = 0.04
#: Sung sound is searched so far on either side for what the pitch was before and after.
_REACH_S = 0.25
_NEAR_SEMITONES = 1.5


def mend_octaves(f0_hz: NDArray[np.float32], hop_s: float) -> NDArray[np.float32]:
    """Return f0 in Hz, 0 where nothing is sung, with moments an octave off moved onto their neighbours.

    A run between two leaps of 12 semitones (± 1.5) is a moment where it is shorter than 0.25 s and what is
    sung before and after it lies an octave from it on the same side. Other runs below 40 ms go.
    """
    mended = f0_hz.copy()
    notes = _notes(f0_hz)
    reach = max(1, round(_REACH_S / hop_s))
    for start, end in _runs(notes):
        seconds = (end - start) * hop_s
        if seconds > _MOMENT_S:
            continue
        before, after = notes[max(0, start - reach) : start], notes[end : end + reach][::-1]
        octaves = _octaves_off(float(np.median(notes[start:end])), _last(before), _last(after))
        if octaves:
            mended[start:end] *= np.float32(2.0**octaves)
        elif seconds < _SHORTEST_S:
            mended[start:end] = 0
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


def _octaves_off(own: float, before: float | None, after: float | None) -> int:
    """Return by how many octaves a run is to be moved to lie between its neighbours."""
    if before is None or after is None:
        return 0
    octaves = round((before - own) / 12)
    off = max(abs(neighbour - own - 12 * octaves) for neighbour in (before, after))
    return octaves if off < _NEAR_SEMITONES else 0


def _last(notes: NDArray[np.float64]) -> float | None:
    """Return the last sung note, or None."""
    sung = notes[~np.isnan(notes)]
    return float(sung[-1]) if len(sung) else None
