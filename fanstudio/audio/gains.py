"""Gain, pan and fade laws.

Pan is constant-power: a mono clip in the middle plays at −3 dB on both sides, and at 0 dB on one
side when panned there. On a stereo clip pan is a balance by the same curve: the side that is turned
away from falls, the other stays at 0 dB. Fades follow a quarter of a sine (equal power).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fanstudio.model.session import Clip


def amplitude(gain_db: float) -> float:
    """Return the factor of a gain in dB."""
    return float(10.0 ** (gain_db / 20.0))


def pan_gains(pan: float, channels: int) -> tuple[float, float]:
    """Return the factors for left and right of a clip with 1 or 2 channels; pan runs from −1 to 1."""
    angle = (pan + 1.0) * math.pi / 4.0
    left = 0.0 if pan >= 1.0 else math.cos(angle)
    right = 0.0 if pan <= -1.0 else math.sin(angle)
    if channels == 1:
        return left, right
    return min(1.0, left * math.sqrt(2.0)), min(1.0, right * math.sqrt(2.0))


def fade_gains(clip: Clip, first: int, last: int) -> NDArray[np.float64]:
    """Return the factors of frames `first` up to `last` of a clip by its fades."""
    frames = np.arange(first, last, dtype=np.float64) + 0.5
    gains = np.ones(last - first)
    if first + clip.fade_in_start < clip.fade_in:
        gains *= np.sin(np.minimum(1.0, (frames + clip.fade_in_start) / clip.fade_in) * (math.pi / 2))
    if clip.length + clip.fade_out_cut - last < clip.fade_out:
        left = clip.length + clip.fade_out_cut - frames
        gains *= np.sin(np.clip(left / clip.fade_out, 0.0, 1.0) * (math.pi / 2))
    return gains
