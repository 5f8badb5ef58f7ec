"""Synthesised voices: harmonics added up under a moving filter, so that nothing folds back."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from dsp import SAMPLE_RATE, Samples, seconds, stereo
from soundfont import Note

_TOP_HZ = 16_000
_RELEASE_S = 0.03


def hertz(key: float) -> float:
    """Return the frequency of a MIDI key."""
    return float(440 * 2 ** ((key - 69) / 12))


def saw(key: float, length_s: float, cutoff_hz: Samples | float, resonance: float = 0.7) -> Samples:
    """Return a saw under a low pass of 12 dB an octave, whose cutoff may move from frame to frame."""
    time = seconds(length_s)
    ground = hertz(key)
    voice = np.zeros(time.size)
    for number in range(1, int(_TOP_HZ / ground) + 1):
        ratio = (number * ground / np.asarray(cutoff_hz)) ** 2
        passed = 1 / np.sqrt((1 - ratio) ** 2 + ratio / resonance**2)
        voice += passed / number * np.sin(2 * np.pi * number * ground * time)
    return voice


def sweep(time: Samples, low_hz: float, high_hz: float, decay_s: float) -> Samples:
    """Return a cutoff that falls from high to low."""
    return low_hz + (high_hz - low_hz) * np.exp(-time / decay_s)


def acid(note: Note) -> Samples:
    """Return a resonant bass whose filter opens with force."""
    time = seconds(note.end_s - note.start_s + _RELEASE_S)
    cutoff = sweep(time, 180, 500 + 2_600 * note.force**2, 0.12)
    voice = np.tanh(1.2 * saw(note.key, time.size / SAMPLE_RATE, cutoff, 4.5))
    return stereo(voice * _gate(time, 0.003))


def sub(note: Note) -> Samples:
    """Return a sine with some of its octave, slightly driven."""
    time = seconds(note.end_s - note.start_s + 0.05)
    ground = hertz(note.key)
    voice = np.sin(2 * np.pi * ground * time) + 0.25 * np.sin(4 * np.pi * ground * time)
    return stereo(np.tanh(1.5 * voice) * _gate(time, 0.006, 0.05))


def roll(note: Note) -> Samples:
    """Return a round saw bass with a quick filter."""
    time = seconds(note.end_s - note.start_s + _RELEASE_S)
    cutoff = sweep(time, 260, 1_900 * note.force, 0.07)
    return stereo(np.tanh(saw(note.key, time.size / SAMPLE_RATE, cutoff, 0.9)) * _gate(time, 0.004))


def stab(note: Note) -> Samples:
    """Return three saws a few cents apart, left, right and middle, with a falling filter."""
    time = seconds(note.end_s - note.start_s + 0.12)
    cutoff = sweep(time, 500, 4_200 * note.force, 0.18)
    sides = [saw(note.key + cents / 100, time.size / SAMPLE_RATE, cutoff, 0.8) for cents in (-9, 9, 0)]
    voice = np.stack((sides[0] + 0.7 * sides[2], sides[1] + 0.7 * sides[2]))
    return voice * _gate(time, 0.004, 0.12)


def pluck(note: Note) -> Samples:
    """Return a short bright saw that dies away."""
    time = seconds(0.7)
    cutoff = sweep(time, 300, 1_000 + 5_000 * note.force, 0.06)
    return stereo(saw(note.key, 0.7, cutoff, 1.2) * np.exp(-time / 0.16) * _gate(time, 0.002, 0.05))


def glass(note: Note) -> Samples:
    """Return a bell by frequency modulation (J. Chowning, 1973)."""
    time = seconds(1.6)
    ground = hertz(note.key)
    bend = 2.2 * note.force * np.exp(-time / 0.2) * np.sin(2 * np.pi * 3.5 * ground * time)
    voice = np.sin(2 * np.pi * ground * time + bend) * np.exp(-time / 0.4)
    return stereo(voice * _gate(time, 0.002, 0.1))


def play(voice: Callable[[Note], Samples], notes: Iterable[Note], length_s: float) -> Samples:
    """Play notes on a voice; `(2, frames)`, as long as asked."""
    track = np.zeros((2, round(length_s * SAMPLE_RATE)))
    for note in notes:
        sound = voice(note) * note.force
        start = round(note.start_s * SAMPLE_RATE)
        track[:, start : start + sound.shape[1]] += sound[:, : track.shape[1] - start]
    return track


def pad(frames: int, keys: Iterable[float], rng: np.random.Generator, dark_hz: float) -> Samples:
    """Return a chord that neither begins nor ends: spectra of random phase (N. O. Paul's PADsynth)."""
    spectrum = np.zeros((2, frames // 2 + 1))
    bins = np.arange(frames // 2 + 1) * SAMPLE_RATE / frames
    for key in keys:
        for number in range(1, int(6_000 / hertz(key)) + 1):
            centre = number * hertz(key)
            width = centre * 0.009
            first, last = np.searchsorted(bins, (centre - 5 * width, centre + 5 * width))
            near = slice(max(1, first), last)
            bell = np.exp(-(((bins[near] - centre) / width) ** 2)) / np.sqrt(width)
            spectrum[:, near] += bell / number / (1 + (centre / dark_hz) ** 2)
    phases = np.exp(2j * np.pi * rng.random(spectrum.shape))
    return np.fft.irfft(spectrum * phases, frames, axis=1)


def hiss(frames: int, rng: np.random.Generator, low_hz: float, high_hz: float) -> Samples:
    """Return noise within a band that neither begins nor ends."""
    bins = np.arange(frames // 2 + 1) * SAMPLE_RATE / frames
    shape = 1 / (1 + (low_hz / np.maximum(bins, 1)) ** 4) / (1 + (bins / high_hz) ** 4)
    phases = np.exp(2j * np.pi * rng.random((2, bins.size)))
    return np.fft.irfft(shape * phases, frames, axis=1)


def crackle(frames: int, rng: np.random.Generator, per_second: float) -> Samples:
    """Return the ticks of dust on a record."""
    ticks = np.zeros((2, frames))
    count = round(per_second * frames / SAMPLE_RATE)
    places = rng.integers(0, frames, count)
    ticks[:, places] = rng.standard_normal((2, count)) * rng.random(count) ** 4
    bins = np.arange(frames // 2 + 1) * SAMPLE_RATE / frames
    shape = 1 / (1 + (900 / np.maximum(bins, 1)) ** 2) / (1 + (bins / 6_000) ** 4)
    return np.fft.irfft(np.fft.rfft(ticks, axis=1) * shape, frames, axis=1)


def _gate(time: Samples, rise_s: float, release_s: float = _RELEASE_S) -> Samples:
    """Return an envelope that rises, stays, and is let go just before the end."""
    left = time[-1] - time
    return np.minimum(1, time / rise_s) * np.minimum(1, left / release_s)
