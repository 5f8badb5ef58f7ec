"""Random expressive phrases for one instrument: notes, bends, swells and vibrato, by seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from instruments import Instrument

#: Bend and expression are set this often.
STEP_S = 0.01
BEND_SEMITONES = 12.0
_SCALE = (0, 2, 4, 5, 7, 9, 11)


@dataclass(frozen=True, slots=True)
class Note:
    """One note held by a finger: from `start_s` for `length_s`; bends move its pitch meanwhile."""

    start_s: float
    length_s: float
    key: int
    velocity: int


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """Notes, and two curves on a grid of `STEP_S`: bend in semitones, expression 0..1."""

    notes: tuple[Note, ...]
    bend: np.ndarray
    expression: np.ndarray

    @property
    def seconds(self) -> float:
        """Return how long it is."""
        return len(self.bend) * STEP_S


def perform(
    instrument: Instrument, seconds: float, rng: np.random.Generator, *, sung: bool = False
) -> Performance:
    """Return about `seconds` of phrases all over the range of the instrument; `sung` as a voice moves."""
    notes: list[Note] = []
    bends, swells = [], []
    now = 0.0
    while now < seconds:
        length = _phrase(instrument, now, rng, notes, bends)
        rest = rng.uniform(0.15, 0.7)
        steps = round((now + length + rest) / STEP_S) - round(now / STEP_S)
        bends[-1] = np.concatenate((bends[-1], np.zeros(steps)))[:steps]
        swells.append(_swell(steps, rng))
        now += steps * STEP_S
    played = Performance(tuple(notes), np.concatenate(bends), np.concatenate(swells))
    return _as_sung(played, rng) if sung else played


def _as_sung(played: Performance, rng: np.random.Generator) -> Performance:
    """Return a performance with a voice's unsteady pitch, and its loudness that dips at each syllable."""
    steps = len(played.bend)
    jitter = np.convolve(rng.normal(0, 1, steps), np.hanning(9) / np.sqrt(3), "same") * 0.12
    scoops, dips = np.zeros(steps), np.ones(steps)
    for note in played.notes:
        start = round(note.start_s / STEP_S)
        length = min(round(rng.uniform(6, 20)), steps - start)
        fall = np.linspace(1, 0, max(1, length))
        scoops[start : start + length] -= rng.uniform(0, 1.5) * fall[:length] ** 2
        for at in rng.uniform(0, note.length_s, int(rng.poisson(1.5 * note.length_s))):
            dip = start + round(at / STEP_S) + np.arange(12)
            dips[dip[dip < steps]] *= (1 - rng.uniform(0.2, 0.8) * np.hanning(12))[dip < steps]
    shake = 1 + np.convolve(rng.normal(0, 1, steps), np.hanning(7) / np.sqrt(2.5), "same") * 0.08
    expression = np.clip(played.expression * dips * shake, 0.05, 1.0)
    return Performance(played.notes, played.bend + jitter + scoops, expression)


def _phrase(
    instrument: Instrument, start_s: float, rng: np.random.Generator, notes: list, bends: list
) -> float:
    """Add the notes of one phrase and its bend; return its length in seconds."""
    count = int(rng.integers(3, 12))
    key = float(rng.uniform(instrument.lowest + 2, instrument.highest - 2))
    tonic = int(rng.integers(12))
    pace = np.exp(rng.uniform(np.log(0.16), np.log(0.9)))
    slurred, detached = rng.uniform(0, 0.7), rng.uniform(0, 0.4)
    velocity = rng.uniform(45, 118)
    at, curve, held = 0.0, [], None
    for _ in range(count):
        length = max(instrument.shortest_s, float(pace * np.exp(rng.normal(0, 0.45))))
        if rng.random() < 0.12:
            length += rng.uniform(0.6, 2.2)
        key = _next_key(instrument, key, tonic, rng)
        target = int(key)
        steps = max(4, round(length / STEP_S))
        if held is not None and rng.random() < slurred and abs(target - held.key) <= 4:
            held = Note(held.start_s, held.length_s + steps * STEP_S, held.key, held.velocity)
            notes[-1] = held
            came_from = curve[-1][-1]
        else:
            gap = rng.uniform(0.02, 0.12) if rng.random() < detached else -0.03
            loud = int(np.clip(velocity + rng.normal(0, 8), 30, 127))
            held = Note(start_s + at, max(0.08, steps * STEP_S - gap), target, loud)
            notes.append(held)
            came_from = rng.uniform(-1.5, 0) if rng.random() < 0.15 else 0.0
        curve.append(_bend(steps, came_from, target - held.key, rng))
        at += steps * STEP_S
    bends.append(np.concatenate(curve))
    return at


def _next_key(instrument: Instrument, key: float, tonic: int, rng: np.random.Generator) -> int:
    step = rng.choice([1, 2, 3, 4, 5, 7, 12], p=[0.22, 0.34, 0.16, 0.11, 0.09, 0.06, 0.02])
    wanted = round(key + step * rng.choice([-1, 1]))
    if not instrument.lowest <= wanted <= instrument.highest:
        wanted = round(2 * key - wanted)
    wanted = int(np.clip(wanted, instrument.lowest, instrument.highest))
    if (wanted - tonic) % 12 in _SCALE or wanted in (instrument.lowest, instrument.highest):
        return wanted
    return wanted - 1


def _bend(steps: int, came_from: float, wanted: float, rng: np.random.Generator) -> np.ndarray:
    """Return a note's bend: a glide from the last one, drift, and vibrato that comes in late."""
    time_s = np.arange(steps) * STEP_S
    glide_s = rng.uniform(0.02, 0.18)
    glide = 0.5 - 0.5 * np.cos(np.pi * np.clip(time_s / glide_s, 0, 1))
    depth = rng.choice([0.0, rng.uniform(0.05, 0.6)], p=[0.4, 0.6])
    late = np.clip((time_s - rng.uniform(0.05, 0.4)) / 0.3, 0, 1)
    vibrato = depth * late * np.sin(2 * np.pi * rng.uniform(4.3, 6.8) * time_s + rng.uniform(0, 6.3))
    drift = rng.normal(0, 0.08) * np.sin(2 * np.pi * rng.uniform(0.2, 1.0) * time_s)
    return came_from + (wanted - came_from) * glide + vibrato + drift


def _swell(steps: int, rng: np.random.Generator) -> np.ndarray:
    """Return expression over one phrase: a smooth random curve, at times with quick accents."""
    knots = int(max(2, steps * STEP_S / rng.uniform(0.25, 1.6)))
    heights = np.clip(rng.uniform(0.55, 0.95) + rng.normal(0, 0.2, knots), 0.25, 1.0)
    return np.interp(np.linspace(0, knots - 1, steps), np.arange(knots), heights)
