"""Ways to run an effect, and to look at what it does to tones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.effects.effect import CHUNK_FRAMES, Effect
from fanstudio.audio.effects.slot import Chain, Slot
from fanstudio.audio.effects.stream import EffectStream
from tests.support.sounds import Floats


def run(
    effect: Effect | Slot | Chain,
    sound: Floats,
    rate: int = 48_000,
    block: int = 8_192,
    start: int = 0,
    tail_frames: int = 0,
) -> Floats:
    """Return the effect of a whole sound that begins at a timeline frame, pushed block by block."""
    effect.prepare(rate, len(sound))
    stream = EffectStream(effect, len(sound), start)
    parts = [stream.push(sound[:, at : at + block]) for at in range(0, sound.shape[1], block)]
    return np.concatenate([*parts, stream.finish(tail_frames)], axis=1)


def raw(effect: Effect | Slot | Chain, sound: Floats) -> Floats:
    """Return what a prepared effect gives chunk by chunk, latency and all."""
    chunks = range(0, sound.shape[1], CHUNK_FRAMES)
    return np.concatenate([effect.process(sound[:, at : at + CHUNK_FRAMES]) for at in chunks], axis=1)


def tone(hz: float, level_db: float, seconds: float, rate: int = 48_000, channels: int = 1) -> Floats:
    """Return a sine whose peak has a level."""
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)
    return np.stack([wave] * channels).astype(np.float32)


def impulse(frames: int, channels: int = 1, at: int = 0) -> Floats:
    """Return silence with one frame at full scale."""
    sound = np.zeros((channels, frames), np.float32)
    sound[:, at] = 1
    return sound


def level_db(sound: NDArray[np.floating]) -> float:
    """Return the mean level (RMS) of a sound, in dB of full scale."""
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-30))


def response_db(sound: Floats, hz: float, rate: int = 48_000) -> float:
    """Return the gain of an impulse response at a frequency."""
    turns = np.exp(-2j * np.pi * hz * np.arange(sound.shape[1]) / rate)
    return float(20 * np.log10(np.abs(sound[0].astype(np.float64) @ turns) + 1e-30))


def distortion_db(sound: Floats, hz: int, rate: int = 48_000) -> float:
    """Return all that is not the tone of a whole number of Hz, against the tone, in the last second."""
    spectrum = np.abs(np.fft.rfft(sound[0, -rate:].astype(np.float64) * np.hanning(rate)))
    around = slice(hz - 3, hz + 4)
    fundamental = np.square(spectrum[around]).sum()
    spectrum[around] = 0
    spectrum[:3] = 0
    return float(10 * np.log10(np.square(spectrum).sum() / fundamental))
