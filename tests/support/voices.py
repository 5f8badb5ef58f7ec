"""Synthetic voices with a known pitch: glottal pulses through fixed formants, noise and chords."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: Centre, bandwidth and gain of the formants of an "ah".
_FORMANTS = ((700.0, 110.0, 1.0), (1220.0, 120.0, 0.5), (2600.0, 160.0, 0.25), (3500.0, 250.0, 0.1))


def sing(f0_hz: NDArray[np.float64], rate: int, *, peak: float = 0.5, seed: int | None = None) -> Floats:
    """Return `(1, frames)` of a voice whose f0 is given for each sample; 0 is silence.

    Harmonics follow an "ah"'s formants, whatever the pitch; a `seed` adds breath 50 dB below.
    """
    f0_hz = np.asarray(f0_hz, np.float64)
    phase = 2 * np.pi * np.cumsum(f0_hz) / rate
    sound = np.zeros(len(f0_hz))
    for harmonic in range(1, int(0.45 * rate / max(60.0, f0_hz[f0_hz > 0].min())) + 1):
        heard = (f0_hz > 0) & (harmonic * f0_hz < 0.45 * rate)
        if not heard.any():
            break
        gain = envelope(harmonic * f0_hz) / harmonic
        sound += np.where(heard, gain * np.cos(harmonic * phase), 0.0)
    sound *= _edges(f0_hz > 0, rate)
    sound *= peak / np.abs(sound).max()
    if seed is not None:
        sound += np.random.default_rng(seed).normal(size=len(sound)) * peak * 10 ** (-50 / 20)
    return sound.astype(np.float32)[None]


def envelope(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gain of the formants at frequencies."""
    total = np.full(np.shape(hz), 0.02)
    for centre, width, gain in _FORMANTS:
        total = total + gain / (1 + ((hz - centre) / width) ** 2)
    return total


def hz_of(note: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the frequency of a MIDI note."""
    return 440.0 * 2.0 ** ((np.asarray(note, np.float64) - 69) / 12)


def melody(
    notes: list[float], note_s: float, rate: int, *, gap_s: float = 0.06, vibrato_cents: float = 0.0
) -> NDArray[np.float64]:
    """Return f0 for each sample of notes of one length, with gaps between; vibrato is at 5.5 Hz."""
    frames, gap = round(note_s * rate), round(gap_s * rate)
    time = np.arange(frames) / rate
    wave = vibrato_cents / 100 * np.sin(2 * np.pi * 5.5 * time) * np.clip((time - 0.15) / 0.15, 0, 1)
    parts = []
    for note in notes:
        parts += [np.zeros(gap), hz_of(note + wave)]
    return np.concatenate([*parts, np.zeros(gap)])


def _edges(sounds: NDArray[np.bool_], rate: int) -> NDArray[np.float64]:
    """Fade each stretch in and out over 15 ms."""
    length = max(2, round(0.015 * rate))
    window = np.hanning(2 * length + 1)
    window /= window.sum()
    padded = np.pad(sounds.astype(np.float64), 2 * length, mode="constant")
    smooth = np.convolve(padded, window, "same")[2 * length : -2 * length]
    return np.clip(2 * smooth - 1, 0, 1) * sounds
