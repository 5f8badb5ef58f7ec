"""Which notes a voice meant: the pitch over time read as a line of notes that are allowed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanstudio.inference.pitch import Floats, PitchTrack
from fanstudio.model.scale import Key

#: MIDI notes that a voice can mean.
_LOWEST, _HIGHEST = 28, 96
#: What a change of note costs, in semitones of error held for one frame; 0.3 s of half a semitone.
_CHANGE = 9.0
#: What being further off than this costs does not grow: a slide through other notes is a slide.
_MOST_OFF = 1.5
#: What a note costs a frame where the melody has another, in semitones.
_NOT_THE_MELODY = 0.7
#: A run without a breath, such as a hum, is read in parts of this length: a minute.
_MOST_ENTRIES = 3750
#: A melody further from the voice than this (apart from octaves) says nothing of what was meant.
_MELODY_REACH = 2.0


@dataclass(frozen=True, slots=True)
class Aim:
    """What a voice is to agree with: a key, the melody, both, or the twelve notes.

    `tuning_cents` is how far the song's A4 lies from 440 Hz. `melody` is on the voice's own grid.
    """

    key: Key | None = None
    tuning_cents: float = 0.0
    melody: PitchTrack | None = None


def read_notes(track: PitchTrack, aim: Aim) -> Floats:
    """Return the note that was meant at each entry, as a MIDI note in the song's tuning; NaN in silence.

    The cheapest line of allowed notes is found by dynamic programming: each entry costs how far it is off,
    each change of note as much as half a semitone for 0.3 s. Where the melody has a note near the voice, in
    whatever octave, other notes cost more.
    """
    notes = np.full(len(track), np.nan, np.float32)
    sung = track.semitones - np.float32(aim.tuning_cents / 100)
    melody = _melody_notes(track, aim)
    allowed = _allowed(aim, melody)
    for first, last in voiced_runs(track):
        for start in range(first, last, _MOST_ENTRIES):
            part = slice(start, min(last, start + _MOST_ENTRIES))
            costs = _costs(sung[part], track.confidence[part], melody[part], allowed)
            notes[part] = allowed[_cheapest(costs)]
    return notes + np.float32(aim.tuning_cents / 100)


def voiced_runs(track: PitchTrack) -> list[tuple[int, int]]:
    """Return the stretches of entries in which something is sung without a break: first, and after last."""
    voiced = np.concatenate(([False], track.voiced, [False]))
    edges = np.flatnonzero(voiced[1:] != voiced[:-1])
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _melody_notes(track: PitchTrack, aim: Aim) -> Floats:
    """Return the melody's note at each entry, in the song's tuning; NaN where it has none."""
    notes = np.full(len(track), np.nan, np.float32)
    if aim.melody is not None:
        given = np.rint(aim.melody.semitones[: len(track)] - np.float32(aim.tuning_cents / 100))
        notes[: len(given)] = given
    return notes


def _allowed(aim: Aim, melody: Floats) -> NDArray[np.float32]:
    """Return the notes of the key, and those of the melody in every octave."""
    classes = set(range(12)) if aim.key is None else set(aim.key.notes)
    classes |= {int(note) % 12 for note in np.unique(melody[~np.isnan(melody)])}
    return np.array([note for note in range(_LOWEST, _HIGHEST + 1) if note % 12 in classes], np.float32)


def _costs(sung: Floats, sure: Floats, melody: Floats, allowed: Floats) -> Floats:
    """Return what each allowed note costs at each entry, `(entries, notes)`."""
    off = np.minimum(np.abs(sung[:, None] - allowed), np.float32(_MOST_OFF))
    apart = np.abs(_folded(sung - melody))
    heeded = ~np.isnan(melody) & (np.nan_to_num(apart, nan=np.inf) < _MELODY_REACH)
    other = np.abs(_folded(allowed - np.nan_to_num(melody)[:, None])) > 0.5
    off += np.where(heeded[:, None] & other, np.float32(_NOT_THE_MELODY), np.float32(0))
    costs: Floats = off * sure[:, None]
    return costs


def _folded(semitones: Floats) -> Floats:
    """Return differences without their octaves, −6…6."""
    folded: Floats = semitones - 12 * np.rint(semitones / 12)
    return folded


def _cheapest(costs: Floats) -> NDArray[np.int64]:
    """Return the index of the note at each entry on the cheapest line."""
    entries, notes = costs.shape
    came_from = np.empty((entries, notes), np.int16)
    stay = np.arange(notes, dtype=np.int16)
    total = costs[0].astype(np.float64)
    came_from[0] = stay
    for entry in range(1, entries):
        best = int(total.argmin())
        change = total[best] + _CHANGE
        came_from[entry] = np.where(total <= change, stay, best)
        total = np.minimum(total, change) + costs[entry]
    line = np.empty(entries, np.int64)
    line[-1] = int(total.argmin())
    for entry in range(entries - 1, 0, -1):
        line[entry - 1] = came_from[entry, line[entry]]
    return line
