"""How long sound takes from the program out and back in, measured by a sweep and found by correlation.

The sweep is compressed to a click by its matched filter, weighted by frequency alone (the phase
transform, Knapp and Carter 1976), so that headphones held to a microphone are precise enough.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples
from fanstudio.errors import DeviceError

#: What a round trip can take; wireless headphones need a quarter of a second.
LONGEST_S = 1.0
SWEEPS = 3
_SWEEP_S = 0.25
_GAP_S = 0.35
_LEVEL = 0.5
_LOW_HZ, _HIGH_HZ = 200.0, 8_000.0
_FADE_S = 0.01
#: How far a sweep's return must stand out of what else is heard.
_STANDS_OUT = 8.0
#: The highest frequency of the sweep, as a part of the rate.
_TOP = 0.45
_FLOOR = 1e-9


def sweeps(sample_rate: int) -> Samples:
    """Return what is played, mono `(1, frames)`: sweeps upwards, with rests between that differ."""
    signal = np.zeros(_starts(sample_rate)[-1] + round((_SWEEP_S + LONGEST_S) * sample_rate), np.float32)
    one = _sweep(sample_rate)
    for start in _starts(sample_rate):
        signal[start : start + one.size] = one
    return signal[None, :]


def find_round_trip(heard: Samples, sample_rate: int) -> float:
    """Return by how many frames `heard` `(channels, frames)` follows what was played, to a fraction.

    Raises:
        DeviceError: the sweeps were not heard.

    """
    played = sweeps(sample_rate)[0].astype(np.float64)
    sound = heard.astype(np.float64).sum(axis=0)
    size = 1 << (played.size + sound.size).bit_length()
    cross = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(played, size))
    clicks = np.abs(np.fft.irfft(_whitened(cross, size, sample_rate), size))
    clicks = clicks[: round(LONGEST_S * sample_rate)]
    best = int(np.argmax(clicks))
    if clicks[best] <= _STANDS_OUT * np.sqrt(np.mean(clicks**2)):
        raise DeviceError(
            "The test sound did not come back.",
            hint="Hold the headphone closer to the microphone, turn it up, and keep still.",
        )
    return best + _lean(clicks, best)


def _whitened(cross: NDArray[np.complex128], size: int, sample_rate: int) -> NDArray[np.complex128]:
    """Return a cross spectrum with its phases alone, in the band of the sweep."""
    frequencies = np.fft.rfftfreq(size, 1 / sample_rate)
    band = (frequencies > _LOW_HZ) & (frequencies < min(_HIGH_HZ, _TOP * sample_rate))
    whitened = np.zeros_like(cross)
    whitened[band] = cross[band] / np.maximum(np.abs(cross[band]), _FLOOR) * np.hanning(band.sum())
    return whitened


def _lean(values: NDArray[np.float64], best: int) -> float:
    """Return how far beside a maximum the top of the parabola through it and its neighbours lies."""
    if not 0 < best < values.size - 1:
        return 0.0
    left, top, right = values[best - 1 : best + 2]
    bend = left - 2 * top + right
    return 0.0 if bend == 0 else float(0.5 * (left - right) / bend)


def _starts(sample_rate: int) -> list[int]:
    """Return where the sweeps begin; no two rests are alike, lest one sweep is taken for another."""
    step = _SWEEP_S + _GAP_S
    return [round((0.1 + step * number + 0.05 * number**2) * sample_rate) for number in range(SWEEPS)]


def _sweep(sample_rate: int) -> Samples:
    frames = round(_SWEEP_S * sample_rate)
    time = np.arange(frames) / sample_rate
    high = min(_HIGH_HZ, _TOP * sample_rate)
    phase = 2 * np.pi * (_LOW_HZ * time + (high - _LOW_HZ) / (2 * _SWEEP_S) * time**2)
    fade = np.minimum(1.0, np.minimum(time, time[::-1]) / _FADE_S)
    sweep: Samples = (_LEVEL * fade * np.sin(phase)).astype(np.float32)
    return sweep
