"""Songs whose beats are known: the shelf's kits and patterns on any line of beats, with bass and chords."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from fanstudio import paths
from fanstudio.audio.kit import read_sound
from fanstudio.audio.samples import Samples

RATE = 22_050
STEPS = 4
#: Patterns beside the shelf's: what they sound like is in the names; steps are sixteenths.
OWN: dict[str, tuple[str, int, dict[str, str]]] = {
    "dnb": (
        "garage",
        4,
        {"kick": "9.........8.....", "snare": "....9.......9...", "hat": "7.5.7.5.7.5.7.5."},
    ),
    "punk": (
        "garage",
        4,
        {"kick": "9...6.9.9...6...", "snare": "....9.......9...", "hat": "8.8.8.8.8.8.8.8."},
    ),
    "waltz": ("garage", 3, {"kick": "9...........", "snare": "....5...5...", "hat": "6...6...6..."}),
    "slow": (
        "garage",
        4,
        {"kick": "9......5.9......", "snare": "........9.......", "hat": "7...6...7...6..."},
    ),
}


@dataclass(frozen=True, slots=True)
class BeatSong:
    """A song and where its beats and bars begin, in seconds."""

    name: str
    samples: Samples
    beats_s: np.ndarray
    downbeats_s: np.ndarray
    beats_per_bar: int


def steady(bpm: float, beats: int, start_s: float = 0.3) -> np.ndarray:
    """Return beats at one tempo."""
    return start_s + np.arange(beats) * 60 / bpm


def changing(tempi: Sequence[float], beats_each: int, start_s: float = 0.3) -> np.ndarray:
    """Return beats that keep each tempo for so many beats."""
    gaps = np.repeat(60 / np.array(tempi, float), beats_each)
    return start_s + np.concatenate(([0.0], np.cumsum(gaps)[:-1]))


def swaying(bpm: float, beats: int, depth: float, period_beats: float, start_s: float = 0.3) -> np.ndarray:
    """Return beats whose tempo goes up and down by `depth` (0.1 is ten percent)."""
    tempo = bpm * (1 + depth * np.sin(2 * np.pi * np.arange(beats) / period_beats))
    return start_s + np.concatenate(([0.0], np.cumsum(60 / tempo)[:-1]))


def drum_song(pattern: str, beats_s: np.ndarray, *, tune: bool = True, drums: bool = True) -> BeatSong:
    """Play a pattern along a line of beats, with bass and chords unless `tune` is False."""
    kit, per_bar, rows = _pattern(pattern)
    length = int((beats_s[-1] + 2.0) * RATE)
    mix = np.zeros((2, length), np.float32)
    if drums:
        for sound, steps in rows.items():
            _strike(mix, beats_s, _sound(kit, sound), steps)
    if tune:
        _accompany(mix, beats_s, per_bar)
    mix *= 0.9 / max(1e-9, float(np.abs(mix).max()))
    return BeatSong(pattern, mix, beats_s, beats_s[::per_bar], per_bar)


def f_measure(
    found: Sequence[float] | np.ndarray, true: Sequence[float] | np.ndarray, within_s: float = 0.07
) -> float:
    """Return the F-measure of beats: each true one may be met once, within 70 ms, as the field counts.

    Both must be ascending; true beats of the first five seconds count too.
    """
    hits, at = 0, 0
    found = np.asarray(found, float)
    for beat in np.asarray(true, float):
        while at < len(found) and found[at] < beat - within_s:
            at += 1
        if at < len(found) and found[at] <= beat + within_s:
            hits, at = hits + 1, at + 1
    return 2 * hits / max(1, len(found) + len(true))


@cache
def _table() -> dict[str, dict]:
    text = (paths.shipped("assets") / "loops" / "patterns.toml").read_text()
    return {row["id"]: row for row in tomllib.loads(text)["pattern"]}


def _pattern(name: str) -> tuple[str, int, dict[str, str]]:
    if name in OWN:
        return OWN[name]
    row = _table()[name]
    steps = 16 * row.get("bars", 1)
    return row["kit"], 4, {sound: line.ljust(steps, ".") for sound, line in row["rows"].items()}


@cache
def _sound(kit: str, sound: str) -> Samples:
    path: Path = paths.shipped("assets") / "loops" / "kits" / kit / f"{sound}.flac"
    return read_sound(path, RATE)


def _strike(mix: Samples, beats_s: np.ndarray, sound: Samples, steps: str) -> None:
    places = np.arange(len(beats_s) * STEPS) / STEPS
    gaps = np.append(np.diff(beats_s), beats_s[-1] - beats_s[-2])
    for number, place in enumerate(places):
        force = steps[number % len(steps)]
        if force != ".":
            beat = int(place)
            start = int((beats_s[beat] + (place - beat) * gaps[beat]) * RATE)
            end = min(mix.shape[1], start + sound.shape[1])
            mix[:, start:end] += sound[:, : end - start] * np.float32((int(force) / 9) ** 1.4)


def _accompany(mix: Samples, beats_s: np.ndarray, per_bar: int) -> None:
    roots = (45, 41, 48, 43)
    for bar, first in enumerate(range(0, len(beats_s) - per_bar, per_bar)):
        root = roots[bar % 4]
        start, end = beats_s[first], beats_s[first + per_bar]
        for note in (root + 12, root + 19, root + 24 + (3 if bar % 4 == 0 else 4) - 12):
            _play(mix, note, start, end, 0.05)
        for beat in range(first, first + per_bar):
            _play(mix, root - 12, beats_s[beat], beats_s[beat + 1], 0.16)


def _play(mix: Samples, note: int, start_s: float, end_s: float, level: float) -> None:
    start, end = int(start_s * RATE), min(mix.shape[1], int(end_s * RATE))
    t = np.arange(end - start) / RATE
    hz = 440 * 2 ** ((note - 69) / 12)
    tone = sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, 7))
    envelope = np.minimum(1, t / 0.005) * np.exp(-1.5 * t) * np.minimum(1, (t[-1] - t + 1e-3) / 0.02)
    mix[:, start:end] += (level * tone * envelope).astype(np.float32)
