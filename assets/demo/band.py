"""The band: drums from recorded samples, bass and chords from a soundfont, played from the score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import score
import soundfile
import tinysoundfont
from mix import resample, stereo
from numpy.typing import NDArray
from score import SAMPLE_RATE, frame_of, midi_key

Samples = NDArray[np.float64]

KIT = Path("/usr/share/hydrogen/data/drumkits/rumpf_kit_z01_h2")
SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
BLOCK = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the kit: its recording, its level at full force and how long it may ring."""

    file: str
    gain: float
    ring_s: float
    pan: float = 0.0


@dataclass(frozen=True, slots=True)
class Note:
    """A note of an instrument: when it is struck and released, its key and its velocity."""

    start: int
    end: int
    key: int
    velocity: int


PIECES = {
    "kick": Piece("beats_06-46.flac", 1.0, 0.35),
    "snare": Piece("beats_01-21.flac", 0.62, 0.30),
    "clap": Piece("beats_01-26.flac", 0.34, 0.25, -0.15),
    "hat": Piece("beats_09-10.flac", 0.42, 0.09),
    "open_hat": Piece("beats_05-12.flac", 0.24, 0.22, -0.2),
    "crash": Piece("beats_03-12.flac", 0.24, 0.95),
}


def play_drums() -> Samples:
    """Play the kit through the whole song; stereo, in a narrow picture."""
    track = np.zeros((2, score.LENGTH_FRAMES))
    recordings = {name: _recording(piece) for name, piece in PIECES.items()}
    for bar, pattern in enumerate(score.DRUM_BARS):
        for name, strokes in score.DRUMS[pattern].items():
            for step, force in enumerate(strokes):
                if force != ".":
                    _strike(track, frame_of(bar, step), recordings[name], int(force) / 9)
        if bar in score.CRASH_BARS:
            _strike(track, frame_of(bar), recordings["crash"], 0.8)
    return track


def _recording(piece: Piece) -> Samples:
    """Read a recording, cut its silent start, and let it ring no longer than asked."""
    samples, rate = soundfile.read(KIT / piece.file, dtype="float64")
    samples = resample(samples, rate, SAMPLE_RATE)
    start = int(np.argmax(np.abs(samples) > 0.02 * np.abs(samples).max()))
    samples = samples[start : start + round(piece.ring_s * SAMPLE_RATE)]
    fade = np.minimum(1, np.arange(samples.size, 0, -1) / (0.4 * samples.size))
    return stereo(piece.gain * samples * fade**2 / np.abs(samples).max(), piece.pan)


def _strike(track: Samples, start: int, recording: Samples, force: float) -> None:
    end = min(start + recording.shape[1], track.shape[1])
    track[:, start:end] += force**1.4 * recording[:, : end - start]


def play_instrument(program: int, notes: Iterable[Note]) -> Samples:
    """Play notes on one General MIDI program of the soundfont; stereo, peaks at 1."""
    synth = tinysoundfont.Synth(gain=-12, samplerate=SAMPLE_RATE)
    synth.program_select(0, synth.sfload(str(SOUNDFONT)), 0, program)
    events = sorted(
        event
        for note in notes
        for event in ((note.start, 1, note.key, note.velocity), (note.end, 0, note.key, 0))
    )
    blocks, played = [], 0
    for frame, is_start, key, velocity in events:
        at = frame // BLOCK * BLOCK
        if at > played:
            blocks.append(_generate(synth, at - played))
            played = at
        if is_start:
            synth.noteon(0, key, velocity)
        else:
            synth.noteoff(0, key)
    blocks.append(_generate(synth, score.LENGTH_FRAMES - played))
    track = np.concatenate(blocks, axis=1)
    return track / np.abs(track).max()


def _generate(synth: tinysoundfont.Synth, frames: int) -> Samples:
    return np.frombuffer(synth.generate(frames), np.float32).reshape(-1, 2).T.astype(np.float64)


def _pattern_of(bar: int) -> str:
    if bar >= score.LAST_BAR:
        return "last"
    return "chorus" if bar >= score.CHORUS_BAR else "verse"


def bass_notes() -> list[Note]:
    """Return the bass line: it follows the chords' roots from the verse on."""
    notes = []
    for bar in range(score.VERSE_BAR, len(score.PROGRESSION)):
        root = midi_key(score.CHORDS[score.PROGRESSION[bar]][0])
        offsets = {"r": 0, "o": 12, "f": 7}
        for step, length, mark in _struck(score.BASS[_pattern_of(bar)]):
            start = frame_of(bar, step)
            notes.append(Note(start, _release(bar, step, length), root + offsets[mark], 100))
    return notes


def _struck(pattern: str) -> list[tuple[int, int, str]]:
    """Return (step, length in steps, mark) of each stroke of a pattern."""
    struck = []
    for step, mark in enumerate(pattern):
        if mark not in ".-":
            length = 1 + len(pattern[step + 1 :]) - len(pattern[step + 1 :].lstrip("-"))
            struck.append((step, length, mark))
    return struck


def _release(bar: int, step: int, length: int) -> int:
    """Return where a note ends: a little early; the last bar rings a bar longer."""
    ring = score.STEPS_PER_BAR / 2 if bar >= score.LAST_BAR else -0.25
    return frame_of(bar, step + length + ring)


def stab_notes() -> list[Note]:
    """Return the chords of the electric piano."""
    return [
        Note(frame_of(bar, step), _release(bar, step, length), midi_key(note), 84 - 4 * place)
        for bar, chord in enumerate(score.PROGRESSION)
        for step, length, _ in _struck(score.CHORD_STABS[_pattern_of(bar)])
        for place, note in enumerate(score.CHORDS[chord][1])
    ]


def pad_notes() -> list[Note]:
    """Return the held chords under the chorus and the ending."""
    return [
        Note(frame_of(bar), _release(bar, 0, score.STEPS_PER_BAR), midi_key(note), 76)
        for bar, chord in enumerate(score.PROGRESSION)
        if bar >= score.CHORUS_BAR
        for note in score.CHORDS[chord][1]
    ]


def arpeggio_notes() -> list[Note]:
    """Return the plucked figure of the intro and the chorus."""
    bars = (*range(score.VERSE_BAR), *range(score.CHORUS_BAR, score.LAST_BAR))
    notes = []
    for bar in bars:
        chord = score.CHORDS[score.PROGRESSION[bar]][1]
        for step, mark in enumerate(score.ARPEGGIO):
            if mark != ".":
                key = midi_key(chord[int(mark)]) + 12
                notes.append(
                    Note(frame_of(bar, step), frame_of(bar, step + 1.5), key, 70 + 8 * (step % 4 == 0))
                )
    return notes
