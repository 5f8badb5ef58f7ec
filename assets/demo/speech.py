"""Speech taken apart: flite says a line, WORLD finds its pitch, envelope and noisiness."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyworld
import soundfile
from numpy.typing import NDArray
from score import SAMPLE_RATE

Samples = NDArray[np.float64]

PERIOD_S = 0.005
FFT_SIZE = 2048


class Phone(NamedTuple):
    """A phone as flite names it, and where it lies in the speech, in seconds."""

    name: str
    begin_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Speech:
    """A spoken line: pitch (0 where there is none), power envelope and noisiness a frame, and its phones."""

    pitch_hz: Samples
    envelope: Samples
    noisiness: Samples
    phones: tuple[Phone, ...]


def speak(text: str, voice: str, slowness: float = 1.3) -> Speech:
    """Have flite say ``text`` and return its WORLD analysis.

    Method: Morise, Yokomori, Ozawa: WORLD, a vocoder-based high-quality speech synthesis system (2016).
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        say = ["-psdur", "-t", text, "-o", str(path)]
        said = subprocess.run(
            ["flite", "-voice", voice, "--setf", f"duration_stretch={slowness}", *say],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        samples, rate = soundfile.read(path, dtype="float64")
    pitch_hz, times_s = pyworld.harvest(samples, rate, f0_floor=70, f0_ceil=400, frame_period=1000 * PERIOD_S)
    envelope = pyworld.cheaptrick(samples, pitch_hz, times_s, rate)
    noisiness = pyworld.d4c(samples, pitch_hz, times_s, rate)
    return Speech(pitch_hz, _widen(envelope, rate), _widen_noisiness(noisiness, rate), _phones(said))


def _phones(said: str) -> tuple[Phone, ...]:
    ends = [(name, float(end)) for name, end in re.findall(r"(\w+):([\d.]+)", said)]
    starts = [0.0] + [end for _, end in ends[:-1]]
    return tuple(Phone(name, start, end) for (name, end), start in zip(ends, starts, strict=True))


def _bins_hz(rate: int, count: int) -> Samples:
    return np.linspace(0, rate / 2, count)


def _widen(envelope: Samples, rate: int) -> Samples:
    """Bring a power envelope to the song's rate: above the voice's band a drop, then 24 dB an octave."""
    old_hz, new_hz = _bins_hz(rate, envelope.shape[1]), _bins_hz(SAMPLE_RATE, FFT_SIZE // 2 + 1)
    edge_hz = 0.44 * rate
    decibels = 10 * np.log10(np.maximum(envelope, 1e-14))
    inside = np.stack([np.interp(new_hz, old_hz, frame) for frame in decibels])
    edge = decibels[:, (old_hz > 0.34 * rate) & (old_hz < edge_hz)].mean(axis=1, keepdims=True)
    octaves = np.log2(np.maximum(new_hz, edge_hz) / edge_hz)
    outside = edge - 6 - 24 * octaves
    return np.power(10, np.where(new_hz < edge_hz, inside, outside) / 10)


def _widen_noisiness(noisiness: Samples, rate: int) -> Samples:
    old_hz, new_hz = _bins_hz(rate, noisiness.shape[1]), _bins_hz(SAMPLE_RATE, FFT_SIZE // 2 + 1)
    widened = np.stack([np.interp(new_hz, old_hz, frame) for frame in noisiness])
    widened[:, new_hz > 0.44 * rate] = 1.0
    return widened
