"""Songs that are made up: chords, a bass line, drums and parts above them, each stem by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import patterns
import sounds
from patterns import Hit
from spectra import RATE, Samples
from synthesis import DrumMachine, Kit, Note, add_reverb, play_synth, saturate

SECONDS = 24.0
_STEM_RMS = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """What all parts of a song share; `kicks` in seconds."""

    beat_s: float
    key: int
    scale: tuple[int, ...]
    degrees: tuple[int, ...]
    bars: int
    kicks: tuple[float, ...]

    def chord(self, bar: int) -> list[int]:
        """Return the pitches of the triad of a bar, counted from the key in octave 0."""
        degree = self.degrees[bar % len(self.degrees)]
        return [self.pitch(degree + step) for step in (0, 2, 4)]

    def pitch(self, degree: int) -> int:
        """Return the pitch of a degree of the scale."""
        return self.key + self.scale[degree % 7] + 12 * (degree // 7)


def make_song(rng: np.random.Generator, kits: list[Kit]) -> dict[str, Samples]:
    """Return the stems drums, bass and other of a song, `(2, frames)` at equal levels."""
    frames = int(SECONDS * RATE)
    beat_s = 60 / rng.uniform(72, 172)
    bars = int(SECONDS / beat_s / 4) + 1
    hits = patterns.draw_drums(rng, beat_s, bars)
    plan = Plan(
        beat_s,
        int(rng.integers(0, 12)),
        patterns.SCALES[rng.integers(len(patterns.SCALES))],
        patterns.PROGRESSIONS[rng.integers(len(patterns.PROGRESSIONS))],
        bars,
        tuple(time for part, time, _ in hits if part == "kick"),
    )
    duck = _draw_ducking(rng, plan, frames) if rng.random() < 0.35 else np.float32(1)
    stems = {
        "drums": _play_drums(rng, kits, hits, frames),
        "bass": _play_bass(rng, plan, frames) * duck,
        "other": _play_above(rng, plan, frames) * duck,
    }
    return {name: stem * np.float32(_STEM_RMS / (_rms(stem) + 1e-6)) for name, stem in stems.items()}


def _rms(stem: Samples) -> float:
    return float(np.sqrt(np.mean(stem**2)))


def _draw_ducking(rng: np.random.Generator, plan: Plan, frames: int) -> Samples:
    """Return the gain of a compressor that each kick opens, as in dance music."""
    depth, fall_s = rng.uniform(0.3, 0.95), rng.uniform(0.08, 0.3)
    shape = (1 - depth * np.exp(-np.arange(int(3 * fall_s * RATE)) / RATE / fall_s)).astype(np.float32)
    gain = np.ones(frames, np.float32)
    for kick in plan.kicks:
        cut = gain[int(kick * RATE) :][: len(shape)]
        np.minimum(cut, shape[: len(cut)], out=cut)
    return gain


def _play_drums(rng: np.random.Generator, kits: list[Kit], hits: list[Hit], frames: int) -> Samples:
    kind = rng.random()
    if kind < 0.25:
        fonts = sounds.SOUNDFONTS + sounds.DRUM_SOUNDFONTS
        keys = {part: int(rng.choice(choice)) for part, choice in patterns.DRUM_KEYS.items()}
        notes = [Note(time, 0.2, keys[part], velocity) for part, time, velocity in hits]
        played = sounds.play_soundfont(fonts[rng.integers(len(fonts))], sounds.DRUMS, notes, frames)
    else:
        kit = DrumMachine(rng).make() if kind < 0.55 else kits[rng.integers(len(kits))]
        played = sounds.play_kit(rng, kit, hits, frames)
    if rng.random() < 0.4:
        played = add_reverb(rng, played, rng.uniform(0.02, 0.4))
    return saturate(played, rng.uniform(1, 5)) if rng.random() < 0.3 else played


def _play_bass(rng: np.random.Generator, plan: Plan, frames: int) -> Samples:
    low = 28 + int(rng.integers(0, 12))
    style = str(rng.choice(list(patterns.BASS_STYLES)))
    notes: list[Note] = []
    for bar in range(plan.bars):
        root = low + (plan.chord(bar)[0] - low) % 12
        notes += patterns.draw_bass_bar(rng, style, bar * 4 * plan.beat_s, plan.beat_s, root, plan.kicks)
    if rng.random() < 0.55:
        played = play_synth(rng, notes, frames, bass=True)
    else:
        font = sounds.SOUNDFONTS[rng.integers(len(sounds.SOUNDFONTS))]
        played = sounds.play_soundfont(font, int(rng.choice(patterns.BASS_PROGRAMS)), notes, frames)
    return saturate(played, rng.uniform(1, 6)) if rng.random() < 0.25 else played


def _play_above(rng: np.random.Generator, plan: Plan, frames: int) -> Samples:
    out = np.zeros((2, frames), np.float32)
    for _ in range(rng.integers(1, 5)):
        played = _play_part(rng, plan, frames)
        level = 10 ** (rng.uniform(-10, 0) / 20) / (_rms(played) + 1e-6)
        pan = rng.uniform(-0.7, 0.7)
        out += played * (np.array([[1 - pan], [1 + pan]]) * level).astype(np.float32)
    return out


def _play_part(rng: np.random.Generator, plan: Plan, frames: int) -> Samples:
    notes = _draw_part(rng, plan)
    if rng.random() < 0.45:
        played = play_synth(rng, notes, frames, bass=False)
    else:
        font = sounds.SOUNDFONTS[rng.integers(len(sounds.SOUNDFONTS))]
        played = sounds.play_soundfont(font, int(rng.choice(patterns.PROGRAMS)), notes, frames)
    if rng.random() < 0.4:
        delay = int(plan.beat_s * rng.choice([0.5, 0.75, 1]) * RATE)
        echo = np.zeros_like(played)
        echo[:, delay:] = played[::-1, :-delay] * np.float32(rng.uniform(0.2, 0.5))
        played = played + echo
    return add_reverb(rng, played, rng.uniform(0.1, 0.8)) if rng.random() < 0.5 else played


def _draw_part(rng: np.random.Generator, plan: Plan) -> list[Note]:
    style = str(rng.choice(["pad", "arp", "comp", "lead", "strum"]))
    octave = 12 * int(rng.integers(3, 6)) + (12 if style in ("lead", "arp") else 0)
    rhythm = [step for step in range(16) if rng.random() < 0.4] or [0]
    notes: list[Note] = []
    degree = 0
    for bar in range(plan.bars):
        start = bar * 4 * plan.beat_s
        if style != "lead":
            chord = [pitch + octave for pitch in plan.chord(bar)]
            notes += patterns.play_chord(style, chord, start, plan.beat_s, rng.uniform(0.5, 0.9), rhythm)
            continue
        for step in rhythm:
            degree = int(np.clip(degree + rng.integers(-2, 3), -4, 7))
            length = plan.beat_s * rng.uniform(0.3, 1.2)
            notes.append(Note(start + step * plan.beat_s / 4, length, plan.pitch(degree) + octave, 0.7))
    return notes
