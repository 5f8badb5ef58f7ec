"""Instruments and drums of the General MIDI soundfont, played note by note."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import tinysoundfont
from dsp import SAMPLE_RATE, Samples

SOUNDFONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
DRUMS = 128
_BLOCK = 16


@dataclass(frozen=True, slots=True)
class Note:
    """A note: when it is struck and let go, in seconds, its key and how hard it is struck (0–1)."""

    start_s: float
    end_s: float
    key: int
    force: float


def play(program: int, notes: Iterable[Note], length_s: float, *, bank: int = 0) -> Samples:
    """Play notes on one program; stereo, as long as asked."""
    synth = tinysoundfont.Synth(gain=-12, samplerate=SAMPLE_RATE)
    synth.program_select(0, synth.sfload(SOUNDFONT), bank, program, bank == DRUMS)
    events = sorted(
        (round(at * SAMPLE_RATE / _BLOCK) * _BLOCK, struck, note.key, round(127 * note.force))
        for note in notes
        for at, struck in ((note.start_s, True), (note.end_s, False))
    )
    blocks, played = [], 0
    for frame, struck, key, velocity in events:
        if frame > played:
            blocks.append(_generate(synth, frame - played))
            played = frame
        if struck:
            synth.noteon(0, key, velocity)
        else:
            synth.noteoff(0, key)
    blocks.append(_generate(synth, round(length_s * SAMPLE_RATE) - played))
    return np.concatenate(blocks, axis=1)


def stroke(program: int, key: int, force: float, ring_s: float) -> Samples:
    """Play one stroke of a drum kit."""
    return play(program, [Note(0.0, ring_s, key, force)], ring_s + 0.1, bank=DRUMS)


def _generate(synth: tinysoundfont.Synth, frames: int) -> Samples:
    return np.frombuffer(synth.generate(frames), np.float32).reshape(-1, 2).T.astype(np.float64)
