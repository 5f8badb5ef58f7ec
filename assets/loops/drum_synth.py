"""The kit “Eight”: drum machine sounds made of sines, squares and noise; nothing is sampled."""

from __future__ import annotations

import numpy as np
from dsp import Samples, band_pass, declicked, high_pass, seconds, stereo, widen

#: The six oscillators whose beating makes a drum machine's cymbals, in Hz.
_METAL_HZ = (263.0, 400.0, 421.0, 474.0, 587.0, 845.0)


def kick(rng: np.random.Generator, length_s: float = 0.6, floor_hz: float = 47.0) -> Samples:
    """Return a sine that falls in pitch, with a click in front."""
    time = seconds(length_s)
    pitch = floor_hz + 150 * np.exp(-time / 0.022) + 40 * np.exp(-time / 0.09)
    body = np.sin(2 * np.pi * np.cumsum(pitch) / 44_100) * np.exp(-time / (0.3 * length_s))
    click = high_pass(rng.standard_normal(time.size), 1_500) * np.exp(-time / 0.003)
    return np.tanh(1.6 * body + 0.12 * click)


def snare(rng: np.random.Generator) -> Samples:
    """Return two drum heads and their wires."""
    time = seconds(0.35)
    heads = np.sin(2 * np.pi * 183 * time) * np.exp(-time / 0.06) + 0.6 * np.sin(
        2 * np.pi * 331 * time
    ) * np.exp(-time / 0.035)
    wires = high_pass(rng.standard_normal(time.size), 1_800) * np.exp(-time / 0.085)
    return np.tanh(0.9 * heads + 0.55 * wires)


def clap(rng: np.random.Generator) -> Samples:
    """Return four hands, not quite together, in a small room."""
    time = seconds(0.4)
    envelope = 0.35 * np.exp(-np.maximum(0, time - 0.03) / 0.09) * (time > 0.03)
    for start in (0.0, 0.010, 0.021, 0.030):
        envelope += np.exp(-np.maximum(0, time - start) / 0.006) * (time >= start)
    return band_pass(rng.standard_normal(time.size), 800, 3_200) * envelope


def rim(_rng: np.random.Generator) -> Samples:
    """Return a stick on a rim."""
    time = seconds(0.12)
    return np.sin(2 * np.pi * 1_670 * time) * np.exp(-time / 0.008) + 0.7 * np.sin(
        2 * np.pi * 455 * time
    ) * np.exp(-time / 0.012)


def metal(rng: np.random.Generator, decay_s: float, low_hz: float = 7_000) -> Samples:
    """Return the squares of a cymbal; short it is a closed hat, longer an open one."""
    time = seconds(7 * decay_s)
    squares = sum(np.sign(np.sin(2 * np.pi * (hertz * 1.47) * time)) for hertz in _METAL_HZ)
    hiss = 0.8 * rng.standard_normal(time.size)
    return high_pass(np.asarray(squares) + hiss, low_hz, 3) * np.exp(-time / decay_s)


def tom(_rng: np.random.Generator, hertz: float) -> Samples:
    """Return a sine that bends down a little."""
    time = seconds(0.55)
    pitch = hertz * (1 + 0.35 * np.exp(-time / 0.04))
    return np.sin(2 * np.pi * np.cumsum(pitch) / 44_100) * np.exp(-time / 0.13)


def cowbell(_rng: np.random.Generator) -> Samples:
    """Return two squares a tritone and a bit apart."""
    time = seconds(0.45)
    squares = np.sign(np.sin(2 * np.pi * 540 * time)) + np.sign(np.sin(2 * np.pi * 800 * time))
    decay = 0.6 * np.exp(-time / 0.02) + 0.4 * np.exp(-time / 0.11)
    return band_pass(squares, 500, 3_500) * decay


def maracas(rng: np.random.Generator) -> Samples:
    """Return a shake."""
    time = seconds(0.12)
    swell = np.minimum(1, time / 0.012) * np.exp(-time / 0.02)
    return high_pass(rng.standard_normal(time.size), 6_000) * swell


def claves(_rng: np.random.Generator) -> Samples:
    """Return a short high tone."""
    time = seconds(0.15)
    return np.sin(2 * np.pi * 2_510 * time) * np.exp(-time / 0.018)


def make(name: str) -> Samples:
    """Return a sound of the kit by its id, `(2, frames)`, peaks at 1."""
    rng = np.random.default_rng(sum(map(ord, name)))
    mono = _SOUNDS[name](rng)
    wide = _WIDTHS.get(name, 0.0)
    made = widen(mono, rng, wide) if wide else stereo(mono, _PANS.get(name, 0.0))
    made = declicked(made)
    return made / np.abs(made).max()


_SOUNDS = {
    "kick": kick,
    "boom": lambda rng: kick(rng, 1.6, 41.0),
    "snare": snare,
    "clap": clap,
    "rim": rim,
    "hat": lambda rng: metal(rng, 0.028),
    "open_hat": lambda rng: metal(rng, 0.11),
    "cymbal": lambda rng: metal(rng, 0.3, 4_000),
    "low_tom": lambda rng: tom(rng, 82),
    "high_tom": lambda rng: tom(rng, 147),
    "cowbell": cowbell,
    "maracas": maracas,
    "claves": claves,
}
_WIDTHS = {"clap": 0.25, "cymbal": 0.35, "open_hat": 0.15}
_PANS = {"maracas": 0.35, "claves": -0.3, "cowbell": 0.2, "low_tom": 0.2, "high_tom": -0.2, "rim": -0.1}
