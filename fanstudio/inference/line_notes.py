"""One voice read as notes: which, how their pitch moves, and how loud they are meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from fanstudio.audio.played_note import CURVE_HOP_S, PlayedNote
from fanstudio.inference.notes import Aim, read_notes, voiced_runs
from fanstudio.inference.pitch import Floats, PitchTrack

#: A shorter note belongs to the one before it, in seconds.
_SHORTEST_S = 0.07
#: Where the level rises by so much within so short a time, the same note begins again.
_AGAIN_DB, _AGAIN_S = 9.0, 0.06
_FURTHEST = 2.0
_SOFTEST, _LOUD = 0.2, 0.85


def notes_of_voice(track: PitchTrack, aim: Aim | None = None) -> tuple[PlayedNote, ...]:
    """Return the notes of one voice, each with the bends and the strength with which it was sung.

    `aim` tells which notes can be meant; without it they are the twelve in the voice's own tuning.
    """
    if not track.voiced.any():
        return ()
    line = read_notes(track, aim or Aim(tuning_cents=voice_tuning_cents(track)))
    loud_db = float(np.percentile(track.level_db[track.voiced], 90))
    return tuple(_note(track, line, first, last, loud_db) for first, last in _stretches(track, line))


def voice_tuning_cents(track: PitchTrack) -> float:
    """Return how far what is sung lies above A4 = 440 Hz on the mean, −50..50."""
    turns = np.exp(2j * np.pi * track.semitones[track.voiced].astype(np.float64))
    return float(np.angle(turns.mean()) / (2 * np.pi) * 100) if len(turns) else 0.0


def _stretches(track: PitchTrack, line: Floats) -> Iterator[tuple[int, int]]:
    """Yield the entries of each note: first, and after last."""
    shortest = max(1, round(_SHORTEST_S / track.hop_s))
    for first, last in voiced_runs(track):
        changes = np.flatnonzero(np.diff(line[first:last]) != 0) + 1
        edges = np.unique(np.concatenate(([0], changes, _struck_again(track, first, last), [last - first])))
        kept = [0]
        for edge in edges[1:-1].tolist():
            if edge - kept[-1] >= shortest and last - first - edge >= shortest:
                kept.append(edge)
        kept.append(last - first)
        for start, end in pairwise(kept):
            if end - start >= shortest:
                yield first + start, first + end


def _struck_again(track: PitchTrack, first: int, last: int) -> Floats:
    """Return where in a run the level leaps up, as it does where a note is struck again."""
    reach = max(1, round(_AGAIN_S / track.hop_s))
    level = track.level_db[first:last]
    rise = np.zeros(len(level), np.float32)
    rise[reach:] = level[reach:] - level[:-reach]
    tops = (rise >= _AGAIN_DB) & (rise >= np.roll(rise, 1)) & (rise > np.roll(rise, -1))
    tops[: 2 * reach] = False
    return np.maximum(np.flatnonzero(tops) - reach // 2, 0)


def _note(track: PitchTrack, line: Floats, first: int, last: int, loud_db: float) -> PlayedNote:
    note = round(float(np.median(line[first:last])))
    level = track.level_db[first:last]
    top_db = float(level.max())
    times = np.arange(max(1, round((last - first) * track.hop_s / CURVE_HOP_S))) * CURVE_HOP_S
    entries = np.arange(last - first) * track.hop_s
    bends = np.interp(times, entries, track.semitones[first:last] - note)
    expression = np.interp(times, entries, 10 ** ((level - top_db) / 20))
    return PlayedNote(
        start_s=first * track.hop_s,
        length_s=(last - first) * track.hop_s,
        note=note,
        velocity=float(np.clip(_LOUD * 10 ** ((top_db - loud_db) / 40), _SOFTEST, 1.0)),
        bends=np.clip(bends, -_FURTHEST, _FURTHEST).astype(np.float32),
        expression=expression.astype(np.float32),
    )
