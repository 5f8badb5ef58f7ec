"""Harms a clean voice as splits and recordings do: bleed, rooms, lossy coding, consonants, leaps of level."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, oaconvolve, sosfilt

_SEGMENT_S = 8.0
_STFT = 1024


def damage(audio: np.ndarray, others: list[np.ndarray], rate: int, rng: np.random.Generator) -> np.ndarray:
    """Return `audio` `(frames,)` harmed anew every eight seconds; `others` may bleed in. Time is kept."""
    size = round(_SEGMENT_S * rate)
    pieces = [_harm(audio[start : start + size], others, rate, rng) for start in range(0, len(audio), size)]
    return np.concatenate(pieces).astype(np.float32)


def _harm(clean: np.ndarray, others: list[np.ndarray], rate: int, rng: np.random.Generator) -> np.ndarray:
    level = float(np.sqrt(np.square(clean).mean()) + 1e-6)
    sound = clean
    if rng.random() < 0.4:
        sound = sound * _leaps(len(clean), rate, rng)
    if rng.random() < 0.5:
        sound = sound + level * _bursts(len(clean), rate, rng)
    if rng.random() < 0.5:
        sound = _room(sound, rate, rng)
    if rng.random() < 0.75:
        sound = sound + level * 10 ** (-rng.uniform(12, 30) / 20) * _bleed(len(clean), others, rng)
    if rng.random() < 0.5:
        sound = _code(sound, rate, rng)
    return sound


def _leaps(frames: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Return gains that step by some dB every second or so, each within 10 ms."""
    steps = rng.normal(0, 3, int(frames / rate * rng.uniform(0.4, 2)) + 1)
    curve = np.repeat(steps, -(-frames // len(steps)))[:frames]
    width = rate // 100
    padded = np.pad(curve, (width, width), mode="edge")
    total = np.cumsum(padded)
    return 10 ** ((total[2 * width :] - total[: -2 * width])[:frames] / (2 * width) / 20)


def _bursts(frames: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Return hisses such as consonants and breaths, about as loud as the voice, relative to a level of 1."""
    out = np.zeros(frames)
    for _ in range(int(rng.integers(1, 14))):
        length = round(rate * rng.uniform(0.03, 0.18))
        start = int(rng.integers(0, max(1, frames - length)))
        band = butter(2, float(np.exp(rng.uniform(np.log(800), np.log(7000)))), "high", fs=rate, output="sos")
        hiss = sosfilt(band, rng.standard_normal(length)) * np.hanning(length)
        out[start : start + length] += (hiss * 10 ** (rng.uniform(-24, 0) / 20))[: frames - start]
    return out


def _room(sound: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Return the sound with a decaying tail of coloured noise, 6 to 22 dB below it."""
    decay_s = rng.uniform(0.25, 1.8)
    time_s = np.arange(round(decay_s * rate)) / rate
    tail = rng.standard_normal(len(time_s)) * 10 ** (-3 * time_s / decay_s)
    tail = sosfilt(butter(1, rng.uniform(1500, 6000), fs=rate, output="sos"), tail)
    tail[: round(rng.uniform(0.005, 0.03) * rate)] = 0
    wet = oaconvolve(sound, tail)[: len(sound)]
    power = np.sqrt(np.square(sound).mean() / (np.square(wet).mean() + 1e-18))
    return sound + wet * power * 10 ** (-rng.uniform(6, 22) / 20)


def _bleed(frames: int, others: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Return two or three other voices at once, with a level of 1, in the places where a splitter lets go."""
    out = np.zeros(frames)
    for _ in range(int(rng.integers(2, 4))):
        other = others[int(rng.integers(len(others)))]
        start = int(rng.integers(0, len(other) - frames))
        piece = other[start : start + frames].astype(np.float64)
        out += piece / (np.sqrt(np.square(piece).mean()) + 1e-6)
    knots = rng.uniform(0, 1, max(2, int(rng.integers(2, 40))))
    out *= np.interp(np.linspace(0, 1, frames), np.linspace(0, 1, len(knots)), knots)
    return out / (np.sqrt(np.square(out).mean()) + 1e-9)


def _code(sound: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Return the sound with holes where it is weak, as masks and lossy codecs leave them, and no highs."""
    hop = _STFT // 2
    window = np.sqrt(np.hanning(_STFT + 1)[:-1])
    padded = np.pad(sound, (_STFT, _STFT + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _STFT)[::hop] * window
    spectra = np.fft.rfft(frames, axis=1)
    size = np.abs(spectra)
    weak = size < 10 ** (-rng.uniform(45, 70) / 20) * size.max()
    spectra[weak] *= rng.random(int(weak.sum())) < rng.uniform(0.1, 0.8)
    spectra[:, round(rng.uniform(9000, 16_000) / rate * _STFT) :] = 0
    back = np.fft.irfft(spectra, axis=1) * window
    out = np.zeros(len(padded) + _STFT)
    for parity in (0, 1):
        some = back[parity::2].reshape(-1)
        out[parity * hop : parity * hop + len(some)] += some
    return out[_STFT : _STFT + len(sound)]
