"""The drums of old game consoles, from formulas: a triangle that falls, and noise of a shift register."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import soxr
from numpy.typing import NDArray

from fanstudio.audio.computed_instruments import shift_register_noise
from fanstudio.audio.kit import Kit, Struck
from fanstudio.audio.samples import Samples

#: Levels of a stepped volume: four bits.
_STEPS = 15
_KICK_S, _SNARE_S, _HAT_S = 0.22, 0.18, 0.05
_KICK_HZ, _KICK_FALL_S, _KICK_LEAST_HZ = 260.0, 0.035, 45.0
#: How fast the noise runs.
_SNARE_HZ, _HAT_HZ = 9_000.0, 33_000.0


def chip_kit(sample_rate: int) -> Kit:
    """Return a kit of kick, snare and hat at a rate."""
    return MappingProxyType(
        {
            "kick": Struck(_kick(sample_rate)),
            "snare": Struck(_noise(_SNARE_HZ, _SNARE_S, 0.5, sample_rate)),
            "hat": Struck(_noise(_HAT_HZ, _HAT_S, 0.3, sample_rate), "hat"),
        }
    )


def _kick(sample_rate: int) -> Samples:
    time = np.arange(round(_KICK_S * sample_rate)) / sample_rate
    frequency = _KICK_LEAST_HZ + _KICK_HZ * np.exp(-time / _KICK_FALL_S)
    turns = np.cumsum(frequency) / sample_rate
    triangle = 4 * np.abs(turns % 1 - 0.5) - 1
    return _both(0.9 * np.round(triangle * 7.5) / 7.5 * _stepped_fall(len(time)))


def _noise(clock_hz: float, length_s: float, level: float, sample_rate: int) -> Samples:
    """Return bits at a clock's rate, held and brought to the sample rate without folding."""
    dense = 4 * sample_rate
    held = (np.arange(round(length_s * dense)) * clock_hz / dense).astype(np.int64)
    bits = shift_register_noise()[held]
    wave = soxr.resample(bits, dense, sample_rate, "HQ")
    return _both(level * wave * _stepped_fall(len(wave)))


def _stepped_fall(frames: int) -> NDArray[np.float64]:
    """Return a volume that falls to nothing in steps."""
    fall: Samples = (np.ceil(_STEPS * (1 - np.arange(frames) / frames) ** 1.5 - 0.5) / _STEPS).astype(
        np.float32
    )
    return np.maximum(fall, 0)


def _both(wave: NDArray[np.float64]) -> Samples:
    return np.repeat(wave[None].astype(np.float32), 2, axis=0)
