"""Measures how well notes are heard: F-scores on phrases of known notes, clean and with bleed, a row each.

    python judge.py [--bleed -15] [--seeds 2]

Phrases are played by FluidSynth on the soundfont FluidR3 (Debian package `fluid-soundfont-gm`) in a room;
bleed is the voice and the drums of the demo song, so many dB below. A note is right with its key, and its
beginning within 50 ms; 100 ms where the attack is slow. Needs fanstudio itself.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass

import numpy as np
import soundfile
from numpy.typing import NDArray

from fanstudio.audio.played_note import PlayedNote
from fanstudio.inference.note_net import NoteNet
from fanstudio.inference.transcribe import transcribe
from fanstudio.jobs import Work
from fanstudio.paths import shipped

sys.path.insert(0, str(shipped("assets") / "instruments"))
from performance import SAMPLE_RATE, Timed, play

_FONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
_FAST_S, _SLOW_S = 0.05, 0.1

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """A program of the soundfont and its range; no range is chords."""

    name: str
    program: int
    notes: tuple[int, int] | None = None
    within_s: float = _FAST_S


ROWS = (
    Row("piano, melody", 1, (50, 86)),
    Row("steel guitar, melody", 25, (43, 79)),
    Row("upright bass", 32, (30, 52)),
    Row("clarinet", 71, (52, 84), _SLOW_S),
    Row("violin", 40, (58, 88), _SLOW_S),
    Row("piano, chords", 0),
    Row("nylon guitar, chords", 24),
    Row("electric piano, chords", 5),
    Row("vibraphone, chords", 11),
    Row("string ensemble, chords", 49, None, _SLOW_S),
)


def main() -> None:
    """Print a row for each instrument."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bleed", type=float, default=None, help="dB below the phrase")
    parser.add_argument("--seeds", type=int, default=2)
    wanted = parser.parse_args()
    net, took_s, length_s = NoteNet(threads=1), 0.0, 0.0
    totals = []
    for row in ROWS:
        scores = []
        for seed in range(wanted.seeds):
            notes = phrase(np.random.default_rng(seed + 100 * row.program), row.notes)
            sound = heard_as(row, notes, wanted.bleed)
            began = time.process_time()
            heard = transcribe(Work(), sound, SAMPLE_RATE, net)
            took_s += time.process_time() - began
            length_s += sound.shape[1] / SAMPLE_RATE
            scores.append(score(heard, notes, row.within_s))
        mean = np.mean(scores, axis=0)
        totals.append(mean)
        sys.stdout.write(f"| {row.name} | {mean[0]:.2f} | {mean[1]:.2f} | {mean[2]:.2f} |\n")
    mean = np.mean(totals, axis=0)
    sys.stdout.write(f"| mean | {mean[0]:.2f} | {mean[1]:.2f} | {mean[2]:.2f} |\n")
    sys.stdout.write(f"{length_s / took_s:.0f} × real time, in processor time\n")


def phrase(rng: np.random.Generator, notes: tuple[int, int] | None) -> list[Timed]:
    """Return a melody within a range, or chords with a melody over some of them."""
    found, start = [], 0.2
    key = int(rng.integers(*notes)) if notes else 0
    for _ in range(40 if notes else 16):
        force = int(rng.integers(60, 115))
        length = 0.25 * int(rng.integers(1, 5)) if notes else float(rng.choice((0.5, 1.0)))
        if notes:
            keys = [key]
            key = int(np.clip(key + rng.integers(-7, 8), *notes))
        else:
            root, third = int(rng.integers(45, 61)), int(rng.integers(3, 5))
            keys = [root, root + third, root + 7, *([root + 12 + third] if rng.random() < 0.5 else [])]
        found += [Timed(start, start + 0.95 * length, key_now, force) for key_now in keys]
        start += length
    return found


def heard_as(row: Row, notes: list[Timed], bleed_db: float | None) -> NDArray[np.float32]:
    """Return what a phrase sounds like."""
    sound = play(row.program, notes, notes[-1].end_s + 1.0, soundfont=_FONT, room=True)
    if bleed_db is not None:
        other = bleed(sound.shape[1])
        sound = sound + other * np.sqrt(np.square(sound).mean() / np.square(other).mean()) * 10 ** (
            bleed_db / 20
        )
    return sound.astype(np.float32)


def bleed(frames: int) -> Samples:
    """Return the demo song's voice and drums."""
    parts = []
    for stem in ("vocals", "drums"):
        samples, rate = soundfile.read(shipped("assets") / "demo" / "stems" / f"{stem}.flac", always_2d=True)
        assert rate == SAMPLE_RATE
        parts.append(np.resize(samples[5 * rate :], (frames, 2)).T)
    return np.sum(parts, axis=0)


def score(heard: tuple[PlayedNote, ...], played: list[Timed], within_s: float) -> tuple[float, float, float]:
    """Return F-score, precision and recall; each note counts once."""
    left = list(played)
    for note in heard:
        near = [row for row in left if row.key == note.note and abs(row.start_s - note.start_s) <= within_s]
        if near:
            left.remove(min(near, key=lambda row: abs(row.start_s - note.start_s)))
    right = len(played) - len(left)
    precision, recall = right / max(1, len(heard)), right / len(played)
    return 2 * precision * recall / max(1e-9, precision + recall), precision, recall


if __name__ == "__main__":
    main()
