"""One-shots for transitions and accents, most of them noise and sines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soundfont
import voices
from drum_synth import kick, metal
from dsp import SAMPLE_RATE, Samples, declicked, high_pass, low_pass, seconds, stereo
from scipy import signal
from soundfont import Note


@dataclass(frozen=True, slots=True)
class OneShot:
    """A sound that is struck once."""

    id: str
    name: str
    kind: str
    make: Callable[[], Samples]
    key: str = ""
    credit: str = "own"


def _riser(length_s: float) -> Samples:
    time = seconds(length_s)
    rng = np.random.default_rng(1)
    share = time / length_s
    noise = _moving_band(rng.standard_normal((2, time.size)), 300 * 20**share)
    pitch = 110 * 2 ** (3 * share**1.5)
    tone = np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE)
    return declicked((noise + 0.25 * tone) * share**1.7, 0.01)


def _faller(length_s: float) -> Samples:
    return declicked(_riser(length_s)[:, ::-1].copy(), 0.2)


def _moving_band(noise: Samples, centre_hz: Samples) -> Samples:
    """Let a band of noise move: short windows in the frequency domain, overlapping by half."""
    hertz, _, spectrum = signal.stft(noise, SAMPLE_RATE, nperseg=1024)
    centres = np.interp(np.linspace(0, 1, spectrum.shape[2]), np.linspace(0, 1, centre_hz.size), centre_hz)
    octaves = np.log2(np.maximum(hertz, 20)[:, None] / centres[None, :])
    _, moved = signal.istft(spectrum * np.exp(-((octaves / 0.7) ** 2)), SAMPLE_RATE)
    return moved[:, : noise.shape[1]]


def _impact() -> Samples:
    time = seconds(2.5)
    rng = np.random.default_rng(2)
    boom = np.zeros(time.size)
    body = kick(rng, 1.8, 36.0)
    boom[: body.size] = body
    air = low_pass(rng.standard_normal((2, time.size)), 2_500) * np.exp(-time / 0.5)
    return declicked(stereo(boom) + 0.5 * air, 0.5)


def _reverse_cymbal() -> Samples:
    rng = np.random.default_rng(3)
    sides = np.stack([metal(rng, 0.28, 3_500) for _ in range(2)])
    return declicked(sides[:, ::-1].copy(), 0.004)


def _sub_drop() -> Samples:
    time = seconds(2.0)
    pitch = 30 + 90 * np.exp(-time / 0.5)
    return declicked(stereo(np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE) * np.exp(-time / 0.9)), 0.3)


def _zap() -> Samples:
    time = seconds(0.35)
    pitch = 90 + 3_200 * np.exp(-time / 0.035)
    return declicked(stereo(np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE) * np.exp(-time / 0.1)), 0.05)


def _sweep() -> Samples:
    time = seconds(1.5)
    noise = np.random.default_rng(4).standard_normal((2, time.size))
    swell = np.sin(np.pi * time / time[-1]) ** 2
    return declicked(_moving_band(noise, 500 * 12**swell) * swell)


def _stop() -> Samples:
    """Return a record that is stopped by hand: a chord whose pitch falls to nothing."""
    time = seconds(1.2)
    turned = np.cumsum((1 - time / 1.2) ** 1.3) / SAMPLE_RATE
    chord = sum(
        np.sin(2 * np.pi * voices.hertz(key) * turned * n) / n for key in (57, 60, 64) for n in range(1, 9)
    )
    return declicked(stereo(np.asarray(chord) * (1 - time / 1.2)), 0.1)


def _chord(keys: tuple[int, ...]) -> Samples:
    notes = [Note(0.0, 0.9, key, 0.95) for key in keys]
    return declicked(voices.play(voices.stab, notes, 1.1), 0.05)


def _hit(program: int, keys: tuple[int, ...], ring_s: float) -> Samples:
    notes = [Note(0.0, ring_s * 0.6, key, 0.9) for key in keys]
    return declicked(soundfont.play(program, notes, ring_s), 0.3 * ring_s)


def _tick() -> Samples:
    time = seconds(0.05)
    return declicked(stereo(high_pass(np.sin(2 * np.pi * 1_500 * time) * np.exp(-time / 0.008), 300)), 0.01)


ONE_SHOTS = (
    OneShot("riser-4", "Riser, 4 s", "transition", lambda: _riser(4.0)),
    OneShot("riser-2", "Riser, 2 s", "transition", lambda: _riser(2.0)),
    OneShot("faller", "Faller", "transition", lambda: _faller(2.5)),
    OneShot("reverse-cymbal", "Reversed cymbal", "transition", _reverse_cymbal),
    OneShot("sweep", "Noise sweep", "transition", _sweep),
    OneShot("record-stop", "Record stop", "transition", _stop),
    OneShot("impact", "Impact", "hit", _impact),
    OneShot("sub-drop", "Sub drop", "hit", _sub_drop),
    OneShot("zap", "Zap", "hit", _zap),
    OneShot("tick", "Tick", "hit", _tick),
    OneShot("stab-minor", "Minor stab", "hit", lambda: _chord((57, 60, 64, 67)), "A minor"),
    OneShot("stab-major", "Major stab", "hit", lambda: _chord((60, 64, 67, 71)), "C major"),
    OneShot("orchestra-hit", "Orchestra hit", "hit", lambda: _hit(55, (57, 64), 1.2), "A minor", "fluid"),
    OneShot("timpani", "Timpani", "hit", lambda: _hit(47, (45,), 1.8), "", "fluid"),
    OneShot("harp", "Harp chord", "hit", lambda: _hit(46, (57, 60, 64, 69, 72), 2.4), "A minor", "fluid"),
)
