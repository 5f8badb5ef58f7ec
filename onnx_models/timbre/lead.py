"""The synth lead that the net learns: a saw through a filter that opens with loudness."""

from __future__ import annotations

import numpy as np
from phrases import STEP_S, Performance

_HARMONICS = 80
_BLOCK = 1 << 16


def render_lead(performance: Performance, rng: np.random.Generator, rate: int) -> np.ndarray:
    """Return the performance as float32 `(frames,)`: one voice, notes that follow on glide."""
    steps = len(performance.bend)
    gate, key = np.zeros(steps), np.full(steps, 60.0)
    for note in performance.notes:
        start, end = (round(at / STEP_S) for at in (note.start_s, note.start_s + note.length_s))
        gate[start:end] = (note.velocity / 127) ** 1.5
        key[start:] = note.key
    gain = _follow(gate * performance.expression**2, rise=0.6, fall=0.12)
    f0_hz = 440 * 2 ** ((_follow(key, 0.7, 0.7) + performance.bend - 69) / 12)
    cutoff_hz = 500 + 9000 * gain + 1.5 * f0_hz
    return _sound(f0_hz, gain, cutoff_hz, rng, rate)


def _follow(wanted: np.ndarray, rise: float, fall: float) -> np.ndarray:
    out, now = np.empty_like(wanted), wanted[0]
    for index, value in enumerate(wanted):
        now += (rise if value > now else fall) * (value - now)
        out[index] = now
    return out


def _sound(
    f0_hz: np.ndarray, gain: np.ndarray, cutoff_hz: np.ndarray, rng: np.random.Generator, rate: int
) -> np.ndarray:
    frames = round(len(f0_hz) * STEP_S * rate)
    grid = np.arange(len(f0_hz)) * STEP_S * rate
    out = np.zeros(frames)
    phase = rng.uniform()
    for start in range(0, frames, _BLOCK):
        at = np.arange(start, min(start + _BLOCK, frames))
        f0, level, cutoff = (np.interp(at, grid, curve) for curve in (f0_hz, gain, cutoff_hz))
        turns = phase + np.cumsum(f0) / rate
        phase = turns[-1] % 1
        out[at] = 0.25 * level * _saw(turns, f0, cutoff, rate) + 0.001 * level * rng.standard_normal(len(at))
    return out.astype(np.float32)


def _saw(turns: np.ndarray, f0: np.ndarray, cutoff: np.ndarray, rate: int) -> np.ndarray:
    """Return partials 1/k under a two-pole low-pass with a little resonance, all below 0.45 · `rate`."""
    base = np.exp(2j * np.pi * turns)
    partial, out = np.ones_like(base), np.zeros(len(turns))
    for k in range(1, _HARMONICS + 1):
        partial = partial * base
        if k * f0.min() > 0.45 * rate:
            break
        ratio = k * f0 / cutoff
        shape = 1 / np.sqrt((1 - ratio**2) ** 2 + (ratio / 0.9) ** 2)
        out += np.where(k * f0 < 0.45 * rate, shape / k, 0) * partial.imag
    return out
