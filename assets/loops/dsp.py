"""What every sound goes through: filters, levels, wrapped tails, and rooms that wrap around as well."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Samples = NDArray[np.float64]

SAMPLE_RATE = 44_100
_DECLICK_S = 0.0007
_BLOCK_S = 0.4


def seconds(length_s: float) -> Samples:
    """Return the time of every frame of a stretch."""
    return np.arange(round(length_s * SAMPLE_RATE)) / SAMPLE_RATE


def amplitude(gain_db: float) -> float:
    """Return the factor of a gain."""
    return float(10 ** (gain_db / 20))


def high_pass(samples: Samples, cutoff_hz: float, order: int = 2) -> Samples:
    """Keep what lies above a frequency."""
    return _filtered(samples, cutoff_hz, "highpass", order)


def low_pass(samples: Samples, cutoff_hz: float, order: int = 2) -> Samples:
    """Keep what lies below a frequency."""
    return _filtered(samples, cutoff_hz, "lowpass", order)


def band_pass(samples: Samples, low_hz: float, high_hz: float, order: int = 2) -> Samples:
    """Keep what lies between two frequencies."""
    return low_pass(high_pass(samples, low_hz, order), high_hz, order)


def _filtered(samples: Samples, cutoff_hz: float, kind: str, order: int) -> Samples:
    sections = signal.butter(order, cutoff_hz, kind, fs=SAMPLE_RATE, output="sos")
    return np.asarray(signal.sosfilt(sections, samples))


def stereo(samples: Samples, pan: float = 0.0) -> Samples:
    """Place mono samples between left (−1) and right (1), at constant power."""
    angle = (pan + 1) * np.pi / 4
    return np.stack((np.cos(angle) * samples, np.sin(angle) * samples)) * np.sqrt(2)


def widen(samples: Samples, rng: np.random.Generator, amount: float) -> Samples:
    """Make mono samples stereo by two short smears that cancel in mono."""
    smear = rng.standard_normal(512) * np.exp(-np.arange(512) / 120)
    side = amount * np.convolve(samples, smear / np.linalg.norm(smear))[: samples.size]
    return np.stack((samples + side, samples - side))


def crushed(samples: Samples, bits: int, held_frames: int) -> Samples:
    """Lower the resolution in level and in time, as early samplers did."""
    held = np.repeat(samples[..., ::held_frames], held_frames, axis=-1)[..., : samples.shape[-1]]
    steps = 2.0 ** (bits - 1)
    return np.round(held * steps) / steps


def declicked(samples: Samples, fade_out_s: float = 0.02) -> Samples:
    """Take the offset off, and let the first and the last frames rise from and fall to nothing."""
    samples = samples - samples.mean(axis=-1, keepdims=True)
    rise, fall = round(_DECLICK_S * SAMPLE_RATE), round(fade_out_s * SAMPLE_RATE)
    samples[..., :rise] *= np.linspace(0, 1, rise)
    samples[..., -fall:] *= np.linspace(1, 0, fall) ** 2
    return samples


def from_onset(samples: Samples, ring_s: float) -> Samples:
    """Cut the silence before a stroke, and let it ring no longer than asked."""
    level = np.abs(samples).max(axis=0)
    start = max(0, int(np.argmax(level > 0.004 * level.max())) - 8)
    return declicked(samples[:, start : start + round(ring_s * SAMPLE_RATE)].copy(), 0.3 * ring_s)


def wrapped(samples: Samples, frames: int) -> Samples:
    """Add what rings on after `frames` to the beginning, so that a loop has no seam."""
    turns = -(-samples.shape[-1] // frames)
    padded = np.zeros((*samples.shape[:-1], turns * frames))
    padded[..., : samples.shape[-1]] = samples
    return padded.reshape(*samples.shape[:-1], turns, frames).sum(axis=-2)


def in_room(loop: Samples, rng: np.random.Generator, decay_s: float, level: float) -> Samples:
    """Let a stereo loop sound in a room whose tail wraps around the loop's end."""
    time = seconds(min(3.0, loop.shape[1] / SAMPLE_RATE))
    tails = rng.standard_normal((2, time.size)) * np.exp(-6.9 * time / decay_s)
    tails = band_pass(tails, 200, 6_000, 1)
    tails[:, : round(0.012 * SAMPLE_RATE)] = 0
    tails /= np.linalg.norm(tails, axis=1, keepdims=True)
    return loop + level * _around(loop, tails)


def echoed(loop: Samples, delay_s: float, feedback: float, level: float) -> Samples:
    """Add echoes from side to side that wrap around the loop's end."""
    echoes, gain, shift = np.zeros_like(loop), level, 0.0
    while gain > 0.01:
        shift += delay_s
        echoes += gain * np.roll(
            loop[::-1] if round(shift / delay_s) % 2 else loop, round(shift * SAMPLE_RATE), 1
        )
        gain *= feedback
    return loop + echoes


def _around(loop: Samples, tails: Samples) -> Samples:
    frames = loop.shape[1]
    spectrum = np.fft.rfft(loop, axis=1) * np.fft.rfft(wrapped(tails, frames), axis=1)
    return np.fft.irfft(spectrum, frames, axis=1)


def loudness_lufs(samples: Samples) -> float:
    """Return the gated loudness of what repeats for ever (ITU-R BS.1770); −200 for silence."""
    around = np.concatenate((samples, samples, samples), axis=1)
    weighted = _k_weighted(around)[:, samples.shape[1] : 2 * samples.shape[1]]
    energy = (weighted**2).sum(axis=0)
    block = round(_BLOCK_S * SAMPLE_RATE)
    starts = range(0, max(1, energy.size - block + 1), block // 4)
    blocks = np.array([energy[start : start + block].mean() for start in starts])
    loud = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not loud.size:
        return -200.0
    kept = loud[loud > loud.mean() / 10]
    return float(-0.691 + 10 * np.log10(kept.mean()))


def _k_weighted(samples: Samples) -> Samples:
    """Filter as BS.1770 does; coefficients after Brecht De Man (2014), for any rate."""
    shelf, cut = _shelf(), _cut()
    return np.asarray(signal.lfilter(*cut, signal.lfilter(*shelf, samples)))


def _shelf() -> tuple[list[float], list[float]]:
    """Return the filter that stands for a head: 4 dB more treble."""
    tangent, quality = np.tan(np.pi * 1681.974450955533 / SAMPLE_RATE), 0.7071752369554196
    gain = 10 ** (3.999843853973347 / 20)
    knee, damping = gain**0.4996667741545416, tangent / quality
    bottom = 1 + damping + tangent**2
    above = [gain + knee * damping + tangent**2, 2 * (tangent**2 - gain), gain - knee * damping + tangent**2]
    below = [bottom, 2 * (tangent**2 - 1), 1 - damping + tangent**2]
    return [value / bottom for value in above], [value / bottom for value in below]


def _cut() -> tuple[list[float], list[float]]:
    """Return the filter that takes away the lowest bass."""
    tangent, quality = np.tan(np.pi * 38.13547087602444 / SAMPLE_RATE), 0.5003270373238773
    damping = tangent / quality
    bottom = 1 + damping + tangent**2
    return [1.0, -2.0, 1.0], [1.0, 2 * (tangent**2 - 1) / bottom, (1 - damping + tangent**2) / bottom]
