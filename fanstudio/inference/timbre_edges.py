"""Settles the pitch where notes begin and end: there the net may miss for a moment, a hiccup to the ear."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: The first and the last so many controls of a note of this length at least are looked at.
_EDGE, _SHORTEST = 6, 10
#: No voice slides by so many semitones in 10 ms.
_LEAP = 1.0
#: Nor does it leap so far, in semitones, for so short a time.
_FAR, _LONGEST = 13.0, 20
#: What lies so near to an octave of the note was heard octaves off.
_NEAR = 1.5


def settle_edges(f0_hz: Floats, notes: list[tuple[int, int]]) -> Floats:
    """Return f0 in Hz whose `notes`, as first control and the one after the last, begin and end settled.

    Up to the last leap within 60 ms of the beginning, the pitch is what it was after that leap. Where it
    is more than an octave off, that goes for 0.2 s, and what it is octaves off is taken back. The same goes
    for the end, backwards.
    """
    settled = f0_hz.copy()
    for start, end in notes:
        if end - start >= _SHORTEST:
            note = settled[start:end]
            for edge in (note, note[::-1]):
                _settle(edge[: min(_LONGEST, len(note) // 2) + 1])
                _settle(edge[: _EDGE + 1], 0.0)
    return settled


def _settle(edge: Floats, least: float = _FAR) -> None:
    """Settle the beginning of a note in place, if any of it is off by more than `least` semitones."""
    leaps = np.flatnonzero(np.abs(12 * np.diff(np.log2(edge))) > _LEAP)
    if not len(leaps):
        return
    early, note = edge[: leaps[-1] + 1], edge[leaps[-1] + 1]
    off = 12 * np.log2(early / note)
    if np.abs(off).max() > least:
        off -= 12 * np.rint(off / 12)
        near = (np.abs(off) < _NEAR) & (least > 0)
        early[:] = note * np.where(near, np.exp2(off / 12), 1.0)
