"""Phrases of known notes, played on the sampled instruments; and how well notes that were heard agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.instrument import Tones
from fanstudio.audio.notes_player import play
from fanstudio.audio.played_note import PlayedNote
from fanstudio.jobs import Work
from fanstudio.studio.sampled import find_instrument


def play_on(
    instrument_id: str, notes: Iterable[PlayedNote], length_s: float, rate: int = 44_100
) -> NDArray[np.float32]:
    """Return notes as an instrument plays them, `(2, frames)`."""
    tones = Tones(find_instrument(instrument_id), rate)
    return np.concatenate(list(play(Work(), notes, tones, round(length_s * rate))), axis=1)


def line(keys: Sequence[int], beat_s: float = 0.4, velocity: float = 0.8) -> list[PlayedNote]:
    """Return notes one after the other, from 0.2 s on."""
    return [PlayedNote(0.2 + beat_s * n, 0.9 * beat_s, key, velocity) for n, key in enumerate(keys)]


def random_line(rng: np.random.Generator, lowest: int, highest: int, notes: int = 32) -> list[PlayedNote]:
    """Return a melody in steps and leaps, of eighths to halves."""
    found, start, key = [], 0.2, int(rng.integers(lowest, highest))
    for _ in range(notes):
        length = 0.25 * int(rng.integers(1, 4))
        found.append(PlayedNote(start, 0.95 * length, key, float(rng.uniform(0.5, 0.95))))
        start += length
        key = int(np.clip(key + rng.integers(-7, 8), lowest, highest))
    return found


def random_chords(rng: np.random.Generator, chords: int = 14) -> list[PlayedNote]:
    """Return triads, some with a melody over them."""
    found, start = [], 0.2
    for _ in range(chords):
        root, third = int(rng.integers(45, 61)), int(rng.integers(3, 5))
        length, velocity = float(rng.choice([0.5, 1.0])), float(rng.uniform(0.5, 0.9))
        found += [PlayedNote(start, 0.95 * length, root + step, velocity) for step in (0, third, 7)]
        if rng.random() < 0.5:
            found.append(PlayedNote(start, 0.45 * length, root + 12 + third, velocity))
        start += length
    return found


@dataclass(frozen=True)
class Score:
    """How many notes were found and right, and how late they are on the median, in seconds."""

    precision: float
    recall: float
    late_s: float

    @property
    def f(self) -> float:
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


def compare_notes(heard: Sequence[PlayedNote], played: Sequence[PlayedNote], within_s: float = 0.05) -> Score:
    """Compare by key and beginning, each note once."""
    left, late = list(played), []
    for note in heard:
        near = [
            other
            for other in left
            if other.note == note.note and abs(other.start_s - note.start_s) <= within_s
        ]
        if near:
            best = min(near, key=lambda other: abs(other.start_s - note.start_s))
            left.remove(best)
            late.append(note.start_s - best.start_s)
    found = len(late)
    return Score(
        found / max(1, len(heard)), found / max(1, len(played)), float(np.median(late)) if late else 0.0
    )
