"""What bands play: beats, bass lines, chords and the instruments for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from synthesis import Note

#: Part of the kit, seconds, velocity.
Hit = tuple[str, float, float]

PROGRESSIONS = (
    (0, 5, 3, 4),
    (0, 3, 4, 4),
    (5, 3, 0, 4),
    (0, 4, 5, 3),
    (0, 0, 3, 4),
    (1, 4, 0, 0),
    (5, 4, 3, 4),
    (0, 6, 3, 0),
)
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10))
#: General MIDI programs: keys, organs, guitars, strings, choirs, brass, reeds, pipes, leads, pads.
PROGRAMS = (
    *(
        0,
        2,
        4,
        5,
        6,
        7,
        11,
        12,
        16,
        17,
        18,
        19,
        21,
        24,
        25,
        26,
        27,
        28,
        29,
        30,
        40,
        46,
        48,
        49,
        50,
        52,
        53,
        54,
    ),
    *(
        56,
        57,
        60,
        61,
        62,
        63,
        65,
        66,
        68,
        71,
        73,
        75,
        80,
        81,
        82,
        84,
        87,
        88,
        89,
        90,
        91,
        94,
        95,
        98,
        104,
        106,
    ),
)
BASS_PROGRAMS = (32, 33, 33, 34, 35, 36, 37, 38, 39, 39)
BASS_STYLES = ("kick", "eighths", "long", "offbeat", "walk", "random")
DRUM_KEYS = {
    "kick": (35, 36),
    "snare": (38, 40),
    "hat": (42, 44),
    "open": (46,),
    "clap": (39,),
    "crash": (49, 57),
    "ride": (51, 59),
    "tom": (41, 45, 48),
}
#: Sixteen steps a bar: the chance of a hit, in ninths.
_BEATS = {
    "rock": {"kick": "9000000090200000", "snare": "0000900000009001", "hat": "9090909090909090"},
    "house": {
        "kick": "9000900090009000",
        "clap": "0000900000009000",
        "open": "0090009000900090",
        "hat": "4343434343434343",
    },
    "trap": {
        "kick": "9002000300900020",
        "clap": "0000000090000000",
        "hat": "9595959595959999",
        "open": "0000001000000020",
    },
    "break": {
        "kick": "9090000002900000",
        "snare": "0000900309009020",
        "hat": "9090909090909090",
        "ride": "1010101010101010",
    },
    "ballad": {"kick": "9000000050000000", "snare": "0000000090000000", "hat": "9000900090009000"},
    "march": {"kick": "9000000090000000", "snare": "3030933030309333", "crash": "1000000000000000"},
    "latin": {
        "kick": "9009009090090090",
        "tom": "0309030900390093",
        "hat": "9393939393939393",
        "snare": "0009000900090000",
    },
}


def draw_drums(rng: np.random.Generator, beat_s: float, bars: int) -> list[Hit]:
    """Draw a beat with fills, crashes and bars of rest."""
    chances = _draw_beat(rng)
    swing = rng.uniform(0, 0.3) if rng.random() < 0.3 else 0.0
    rests = set(rng.choice(bars, rng.integers(0, max(1, bars // 4)), replace=False))
    hits: list[Hit] = []
    for bar in range(bars):
        if bar in rests:
            continue
        start = bar * 4 * beat_s
        if bar % 4 == 0 and rng.random() < 0.4:
            hits.append(("crash", start, rng.uniform(0.5, 1)))
        fill = bar % 4 == 3 and rng.random() < 0.3
        for part, row in chances.items():
            for step, chance in enumerate(row[:12] if fill else row):
                if rng.random() < chance:
                    late = rng.uniform(0, 0.01) + swing * (step % 2) / 4 * beat_s
                    hits.append((part, start + step / 4 * beat_s + late, rng.uniform(0.5, 1)))
        for step in range(12, 16) if fill else ():
            hits.append((str(rng.choice(["tom", "snare"])), start + step / 4 * beat_s, rng.uniform(0.5, 1)))
    return hits


def _draw_beat(rng: np.random.Generator) -> dict[str, list[float]]:
    """Return the chance of a hit by part and step: a known beat with steps changed, parts left out."""
    beat = {part: [int(c) / 9 for c in row] for part, row in _BEATS[rng.choice(list(_BEATS))].items()}
    for row in beat.values():
        for _ in range(rng.integers(0, 4)):
            row[rng.integers(16)] = rng.integers(0, 10) / 9
    kept = {part: row for part, row in beat.items() if part == "kick" or rng.random() < 0.9}
    return {part: _settle(rng, row) if rng.random() < 0.7 else row for part, row in kept.items()}


def _settle(rng: np.random.Generator, row: list[float]) -> list[float]:
    """Decide once for the song which steps are hit."""
    return [float(rng.random() < chance) for chance in row]


def draw_bass_bar(
    rng: np.random.Generator, style: str, start: float, beat_s: float, root: int, kicks: Sequence[float]
) -> list[Note]:
    """Draw one bar of a bass line."""
    velocity = rng.uniform(0.6, 1)

    def note(beats: float, length: float, pitch: int = root) -> Note:
        return Note(start + beats * beat_s, length * beat_s, pitch, velocity)

    if style == "kick":
        beats = [(time - start) / beat_s for time in kicks if start <= time < start + 4 * beat_s]
        return [note(beat, rng.uniform(0.3, 1)) for beat in beats]
    if style == "long":
        return [note(0, 4 * rng.uniform(0.7, 1))]
    if style == "offbeat":
        return [note(beat + 0.5, 0.4) for beat in range(4)]
    if style == "walk":
        return [note(beat, 0.9, root + int(rng.choice([0, 2, 3, 5, 7, -2, 12]))) for beat in range(4)]
    if style == "eighths":
        return [note(k / 2, rng.uniform(0.25, 0.5), root + 12 * int(rng.random() < 0.15)) for k in range(8)]
    steps = [step for step in range(16) if rng.random() < 0.35]
    leaps = [0, 0, 0, 7, 12, 10]
    return [note(step / 4, rng.uniform(0.2, 1), root + int(rng.choice(leaps))) for step in steps]


def play_chord(
    style: str, chord: Sequence[int], start: float, beat_s: float, velocity: float, rhythm: Sequence[int]
) -> list[Note]:
    """Return one bar of a chord as a pad, arpeggio, strummed or in a rhythm of sixteenths."""
    if style == "pad":
        return [Note(start, 4 * beat_s, pitch, velocity) for pitch in chord]
    if style == "arp":
        pitches = [chord[step % 3] + 12 * (step % 5 == 4) for step in range(16)]
        return [Note(start + k * beat_s / 4, beat_s / 3, pitch, velocity) for k, pitch in enumerate(pitches)]
    if style == "strum":
        strings = list(enumerate([chord[0] - 12, *chord, chord[0] + 12]))
        times = [
            (start + k * beat_s / 2 + string * 0.012, pitch) for k in range(8) for string, pitch in strings
        ]
        return [Note(time, beat_s / 2, pitch, velocity) for time, pitch in times]
    return [
        Note(start + step * beat_s / 4, beat_s / 2, pitch, velocity) for step in rhythm for pitch in chord
    ]
