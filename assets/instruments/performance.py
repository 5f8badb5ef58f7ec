"""Plays a soundfont note by note through FluidSynth, by a MIDI file of our own."""

from __future__ import annotations

import struct
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

SOUNDFONT = "/usr/share/sounds/sf2/MuseScore_General_Full.sf2"
SAMPLE_RATE = 44_100
Samples = NDArray[np.float64]
_TICKS_PER_S = 1000
_BANK, _VOLUME, _PAN = 0, 7, 10


@dataclass(frozen=True, slots=True)
class Stroke:
    """A key, how hard it is struck (1–127), how long it is held, and the seconds until the next one."""

    key: int
    force: int
    held_s: float
    apart_s: float


@dataclass(frozen=True, slots=True)
class Timed:
    """A key that is struck and let go, in seconds, and how hard (1–127)."""

    start_s: float
    end_s: float
    key: int
    force: int


def perform(program: int, bank: int, strokes: Sequence[Stroke]) -> Iterator[Samples]:
    """Yield each stroke on one program, stereo, from its very beginning; without reverb and chorus."""
    notes, at = [], 0.0
    for stroke in strokes:
        notes.append(Timed(at, at + stroke.held_s, stroke.key, stroke.force))
        at += stroke.apart_s
    played = play(program, notes, at, bank=bank)
    at = 0.0
    for stroke in strokes:
        start, end = (round(place * SAMPLE_RATE) for place in (at, at + stroke.apart_s))
        yield played[:, start:end]
        at += stroke.apart_s


def play(
    program: int,
    notes: Sequence[Timed],
    length_s: float,
    *,
    bank: int = 0,
    soundfont: str = SOUNDFONT,
    room: bool = False,
) -> Samples:
    """Return notes on one program, stereo; in a `room` or dry."""
    with tempfile.TemporaryDirectory() as folder:
        midi, sound = Path(folder, "notes.mid"), Path(folder, "notes.wav")
        midi.write_bytes(_midi(program, bank, notes, length_s))
        dry = () if room else ("-R0", "-C0")
        command = ("fluidsynth", "-ni", "-q", *dry, "-g1.0", "-Twav", "-Ofloat", f"-r{SAMPLE_RATE}")
        options = ("-o", "synth.dynamic-sample-loading=1", "-F", str(sound), soundfont, str(midi))
        subprocess.run((*command, *options), check=True, capture_output=True)
        played, _ = soundfile.read(sound, dtype="float64", always_2d=True)
    return np.asarray(played.T)


def _midi(program: int, bank: int, notes: Sequence[Timed], length_s: float) -> bytes:
    """Return a MIDI file of one track; a tick is a millisecond."""
    events = [(0, 0, bytes((0xB0, _BANK, bank))), (0, 1, bytes((0xC0, program)))]
    events += [(0, 2, bytes((0xB0, _VOLUME, 127))), (0, 3, bytes((0xB0, _PAN, 64)))]
    for note in notes:
        events.append((round(note.start_s * _TICKS_PER_S), 5, bytes((0x90, note.key, note.force))))
        events.append((round(note.end_s * _TICKS_PER_S), 4, bytes((0x80, note.key, 0))))
    events.append((round(length_s * _TICKS_PER_S), 6, b"\xff\x2f\x00"))
    track = b"\x00\xff\x51\x03" + (1_000_000).to_bytes(3, "big")
    before = 0
    for tick, _, message in sorted(events):
        track += _variable(tick - before) + message
        before = tick
    head = struct.pack(">4sIHHH", b"MThd", 6, 0, 1, _TICKS_PER_S)
    return head + struct.pack(">4sI", b"MTrk", len(track)) + track


def _variable(number: int) -> bytes:
    """Return a number in groups of seven bits, as MIDI files write times."""
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(0x80 | number & 0x7F)
    return bytes(reversed(groups))
