"""Notes fitted to an instrument: into its range by octaves, with the bends and strengths that it can give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fanstudio.audio.instrument import Instrument
from fanstudio.audio.played_note import PlayedNote

#: A song's tuning within this, in semitones, is none.
_IN_TUNE = 0.04


def fit_notes(notes: Sequence[PlayedNote], instrument: Instrument, octave: int) -> list[PlayedNote]:
    """Return the notes moved by octaves, those outside the range by more, as the instrument can play them.

    Where its pitch cannot slide, all are played in the song's tuning; where its notes die away by
    themselves, their strength does not change meanwhile.
    """
    tuning = song_tuning(notes)
    return [_fitted(note, instrument, octave, tuning) for note in notes]


def song_tuning(notes: Sequence[PlayedNote]) -> float:
    """Return how far the notes lie above A4 = 440 Hz on the mean, in semitones; 0 where it is little."""
    middles = [float(np.median(note.bends)) for note in notes if note.bends is not None and len(note.bends)]
    middle = float(np.median(middles)) if middles else 0.0
    return middle if abs(middle) > _IN_TUNE else 0.0


def _fitted(note: PlayedNote, instrument: Instrument, octave: int, tuning: float) -> PlayedNote:
    moved = note.note + 12 * octave
    while moved < instrument.lowest:
        moved += 12
    while moved > instrument.highest:
        moved -= 12
    bends = note.bends if instrument.bends else np.full(1, tuning, np.float32)
    if bends is not None and not bends.any():
        bends = None
    expression = note.expression if instrument.sustained else None
    return replace(note, note=max(0, moved), bends=bends, expression=expression)
