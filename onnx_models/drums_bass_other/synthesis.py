"""A small synthesiser and drum machine, each sound drawn by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, lfilter
from spectra import RATE, Samples

#: One sound of a drum kit by part: samples `(2, frames)`.
Kit = dict[str, list[Samples]]
Wave = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Note:
    """One note: seconds, MIDI pitch, velocity 0..1."""

    start: float
    length: float
    pitch: float
    velocity: float


@dataclass(frozen=True, slots=True)
class Patch:
    """The settings of a subtractive synthesiser; times in seconds."""

    shape: str
    voices: int
    detune: float
    attack: float
    release: float
    sustain: float
    fall: float
    cutoff_hz: float
    spread: float
    drive: float
    ratio: int
    depth: float

    @classmethod
    def draw(cls, rng: np.random.Generator, *, bass: bool) -> Patch:
        """Draw a sound, a darker and narrower one for a bass."""
        return cls(
            shape=str(rng.choice(["saw", "square", "sine", "triangle", "fm"], p=[0.4, 0.2, 0.15, 0.1, 0.15])),
            voices=1 if bass and rng.random() < 0.6 else int(rng.integers(1, 6)),
            detune=rng.uniform(0.02, 0.25),
            attack=rng.choice([0.003, 0.01, 0.1, 0.4], p=[0.4, 0.3, 0.2, 0.1]),
            release=rng.uniform(0.02, 0.5),
            sustain=rng.choice([0.0, 0.5, 1.0]),
            fall=rng.uniform(0.05, 0.6),
            cutoff_hz=float(np.exp(rng.uniform(np.log(150), np.log(3000 if bass else 12000)))),
            spread=0.0 if bass and rng.random() < 0.7 else rng.uniform(0, 0.9),
            drive=rng.choice([0.0, 0.0, 2.0, 6.0]),
            ratio=int(rng.integers(1, 5)),
            depth=rng.uniform(0.5, 4),
        )

    def envelope(self, note: Note, time: Wave) -> Wave:
        """Return the level of a note over time."""
        rise = np.minimum(1, time / self.attack)
        body = self.sustain + (1 - self.sustain) * np.exp(-time / self.fall)
        return rise * body * np.clip((note.length + self.release - time) / self.release, 0, 1)

    def wave(self, phase: Wave) -> Wave:
        """Return one period's shape at `phase`, in turns."""
        turn = phase % 1.0
        if self.shape == "saw":
            return 2 * turn - 1
        if self.shape == "square":
            return np.where(turn < 0.5, 1.0, -1.0)
        if self.shape == "triangle":
            return 4 * np.abs(turn - 0.5) - 1
        bend = self.depth * np.sin(2 * np.pi * self.ratio * phase) if self.shape == "fm" else 0.0
        return np.sin(2 * np.pi * phase + bend)


def play_synth(rng: np.random.Generator, notes: Sequence[Note], frames: int, *, bass: bool) -> Samples:
    """Play notes with a sound drawn for the song; `(2, frames)`."""
    patch = Patch.draw(rng, bass=bass)
    out = np.zeros((2, frames))
    for note in notes:
        start = int(note.start * RATE)
        length = min(int((note.length + patch.release) * RATE), frames - start)
        if length >= 64:
            out[:, start : start + length] += _play_note(rng, patch, note, np.arange(length) / RATE)
    pole = np.exp(-2 * np.pi * patch.cutoff_hz / RATE)
    for _ in range(2):
        out = lfilter([1 - pole], [1, -pole], out, axis=1)
    return (saturate(out, patch.drive) if patch.drive else out).astype(np.float32)


def _play_note(rng: np.random.Generator, patch: Patch, note: Note, time: Wave) -> Wave:
    level = patch.envelope(note, time) * note.velocity / patch.voices
    out = np.zeros((2, len(time)))
    for voice in range(patch.voices):
        off = voice - (patch.voices - 1) / 2
        hz = 440 * 2 ** ((note.pitch + patch.detune * off - 69) / 12)
        side = patch.spread * 2 * off / max(1, patch.voices - 1)
        out += patch.wave(hz * time + rng.random()) * level * np.array([[1 - side], [1 + side]])
    return out


def saturate(samples: Wave | Samples, drive: float) -> Wave | Samples:
    """Drive samples into a soft limit; the louder `drive`, the dirtier."""
    return np.tanh(samples / (np.abs(samples).max() + 1e-6) * drive)


def band_pass(samples: Wave, low_hz: float, high_hz: float) -> Wave:
    """Keep roughly what lies between, by two one-pole filters."""
    low_pole = np.exp(-2 * np.pi * min(high_hz, 20000) / RATE)
    high_pole = np.exp(-2 * np.pi * low_hz / RATE)
    lowered = lfilter([1 - low_pole], [1, -low_pole], samples)
    return lfilter([(1 + high_pole) / 2, -(1 + high_pole) / 2], [1, -high_pole], lowered)


def add_reverb(rng: np.random.Generator, samples: Samples, amount: float) -> Samples:
    """Add a room: decaying noise, different in each channel."""
    length = int(rng.uniform(0.3, 2.5) * RATE)
    impulse = rng.standard_normal((2, length)) * np.exp(-6 * np.arange(length) / length)
    impulse = band_pass(impulse, 200, rng.uniform(3000, 12000))
    impulse /= np.sqrt(np.sum(impulse**2, axis=1, keepdims=True))
    wet = fftconvolve(samples, impulse, axes=1)[:, : samples.shape[1]]
    return (samples + amount * wet).astype(np.float32)


class DrumMachine:
    """Makes the sounds of one electronic kit."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw from `rng`."""
        self._rng = rng

    def make(self) -> Kit:
        """Return one sound for each part, peaks at 1."""
        rng = self._rng
        waves = {
            "kick": self._kick(),
            "snare": self._snare(),
            "clap": self._clap(),
            "tom": self._tom(),
            "hat": self._metal(rng.uniform(0.012, 0.05), 0.25),
            "open": self._metal(rng.uniform(0.1, 0.3), 0.8),
            "crash": self._metal(rng.uniform(0.4, 1.0), 2.5),
        }
        return {
            part: [np.tile(wave / np.abs(wave).max(), (2, 1)).astype(np.float32)]
            for part, wave in waves.items()
        }

    def _hiss(self, low_hz: float, high_hz: float, fall_s: float, length_s: float) -> Wave:
        noise = self._rng.standard_normal(int(length_s * RATE))
        return band_pass(noise, low_hz, high_hz) * np.exp(-_seconds(length_s) / fall_s)

    def _kick(self) -> Wave:
        rng, time = self._rng, _seconds(0.6)
        speed = rng.uniform(0.01, 0.05)
        turns = rng.uniform(38, 62) * time - rng.uniform(60, 300) * speed * np.exp(-time / speed)
        body = np.tanh(np.sin(2 * np.pi * turns) * rng.uniform(1, 4)) * np.exp(-time / rng.uniform(0.06, 0.3))
        click = self._hiss(1000, 9000, 0.003, 0.02)
        body[: len(click)] += rng.uniform(0, 0.6) * click
        return body

    def _snare(self) -> Wave:
        rng, time = self._rng, _seconds(0.4)
        tone = np.sin(2 * np.pi * rng.uniform(150, 260) * time) * np.exp(-time / rng.uniform(0.03, 0.1))
        return tone * rng.uniform(0.2, 1) + self._hiss(800, 11000, rng.uniform(0.04, 0.16), 0.4)

    def _clap(self) -> Wave:
        burst = self._hiss(700, 6000, self._rng.uniform(0.05, 0.15), 0.4)
        return np.sum(
            [np.roll(burst, int(k * 0.011 * RATE)) * (0.6 if k < 3 else 1) for k in range(4)], axis=0
        )

    def _tom(self) -> Wave:
        time = _seconds(0.5)
        turns = self._rng.uniform(70, 220) * (time - 0.02 * np.exp(-time / 0.05))
        return np.sin(2 * np.pi * turns) * np.exp(-time / 0.12)

    def _metal(self, fall_s: float, length_s: float) -> Wave:
        rng, time = self._rng, _seconds(length_s)
        tones = np.sum([np.sign(np.sin(2 * np.pi * hz * time)) for hz in rng.uniform(300, 900, 6)], axis=0)
        mixed = band_pass(tones, 6500, 16000) + rng.uniform(0.5, 2) * self._hiss(6000, 17000, 1, length_s)
        return mixed * np.exp(-time / fall_s)


def _seconds(length_s: float) -> Wave:
    return np.arange(int(length_s * RATE)) / RATE
