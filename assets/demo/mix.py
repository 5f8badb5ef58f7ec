"""Tools of the desk: filters, compressor, reverb, limiter and the exact sum of 16-bit stems."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal
from score import SAMPLE_RATE

Samples = NDArray[np.float64]
Pcm = NDArray[np.int16]

FULL_SCALE = 32768


def resample(samples: Samples, rate: int, new_rate: int) -> Samples:
    """Change the rate of a mono recording."""
    common = gcd(rate, new_rate)
    return signal.resample_poly(samples, new_rate // common, rate // common)


def stereo(samples: Samples, pan: float = 0.0) -> Samples:
    """Place mono samples between left (-1) and right (1) at constant power; the centre keeps its level."""
    angle = (pan + 1) * np.pi / 4
    return np.stack([np.sqrt(2) * np.cos(angle) * samples, np.sqrt(2) * np.sin(angle) * samples])


def narrow(samples: Samples, width: float) -> Samples:
    """Scale the difference of the channels; 0 gives mono, 1 changes nothing."""
    middle = samples.mean(axis=0)
    return middle + width * (samples - middle)


def high_pass(samples: Samples, cutoff_hz: float, order: int = 2) -> Samples:
    """Remove what lies below the cutoff."""
    return signal.sosfilt(signal.butter(order, cutoff_hz, "high", fs=SAMPLE_RATE, output="sos"), samples)


def low_pass(samples: Samples, cutoff_hz: float, order: int = 2) -> Samples:
    """Remove what lies above the cutoff."""
    return signal.sosfilt(signal.butter(order, cutoff_hz, "low", fs=SAMPLE_RATE, output="sos"), samples)


def bell(samples: Samples, centre_hz: float, gain_db: float, q: float) -> Samples:
    """Raise or lower a band. Source: R. Bristow-Johnson, Audio EQ Cookbook (peaking EQ)."""
    gain = 10 ** (gain_db / 40)
    angle = 2 * np.pi * centre_hz / SAMPLE_RATE
    slope = np.sin(angle) / (2 * q)
    over = [1 + slope * gain, -2 * np.cos(angle), 1 - slope * gain]
    under = [1 + slope / gain, -2 * np.cos(angle), 1 - slope / gain]
    return signal.lfilter(over, under, samples)


def level_db(samples: Samples, window_s: float) -> Samples:
    """Return the level of both channels together, smoothed over a window, in dB a frame."""
    power = np.atleast_2d(samples**2).mean(axis=0)
    smooth = ndimage.uniform_filter1d(power, round(window_s * SAMPLE_RATE))
    return 10 * np.log10(np.maximum(smooth, 1e-10))


def compress(samples: Samples, threshold_db: float, ratio: float, window_s: float = 0.03) -> Samples:
    """Turn down what is louder than the threshold, looking half a window ahead."""
    over_db = np.maximum(level_db(samples, window_s) - threshold_db, 0)
    return samples * np.power(10, over_db * (1 / ratio - 1) / 20)


def reverb(samples: Samples, decay_s: float, pre_delay_s: float, seed: int) -> Samples:
    """Return the sound of a room alone, stereo: convolution with decaying noise, darker as it fades."""
    rng = np.random.default_rng(seed)
    frames = round(1.2 * decay_s * SAMPLE_RATE)
    decay = np.power(10, -3 * np.arange(frames) / (decay_s * SAMPLE_RATE))
    noise = rng.standard_normal((2, frames))
    early, late = low_pass(noise, 5000), low_pass(noise, 1800)
    age = np.linspace(0, 1, frames)
    room = ((1 - age) * early + age * late) * decay
    room *= np.minimum(1, np.arange(frames) / (0.004 * SAMPLE_RATE))
    room /= np.sqrt((room**2).sum(axis=1, keepdims=True))
    room = np.pad(room, ((0, 0), (round(pre_delay_s * SAMPLE_RATE), 0)))
    middle = high_pass(np.atleast_2d(samples).mean(axis=0), 220)
    return np.stack([signal.oaconvolve(middle, side)[: middle.size] for side in room])


def limiter_gain(samples: Samples, ceiling: float, window_s: float = 0.006) -> Samples:
    """Return the gain a frame that keeps every peak under the ceiling, without a step."""
    window = round(window_s * SAMPLE_RATE) | 1
    needed = np.minimum(1, ceiling / np.maximum(np.abs(samples).max(axis=0), 1e-9))
    held = ndimage.minimum_filter1d(needed, 2 * window + 1)
    return ndimage.uniform_filter1d(ndimage.uniform_filter1d(held, window), window)


def fade_edges(samples: Samples, fade_out_s: float) -> Samples:
    """Fade the end of a track to true silence."""
    faded = samples.copy()
    frames = round(fade_out_s * SAMPLE_RATE)
    faded[:, -frames:] *= np.cos(np.linspace(0, np.pi / 2, frames)) ** 2
    return faded


def to_pcm(samples: Samples, step: int) -> Pcm:
    """Round to 16 bits in steps of so many units: coarse steps are cheaper to store."""
    return (np.rint(samples * FULL_SCALE / step) * step).astype(np.int16)


def exact_sum(stems: dict[str, Pcm]) -> Pcm:
    """Add stems as integers; raises OverflowError if the sum does not fit 16 bits."""
    total = np.sum([stem.astype(np.int32) for stem in stems.values()], axis=0)
    if np.abs(total).max() >= FULL_SCALE:
        raise OverflowError("the stems add up to more than full scale")
    return total.astype(np.int16)
