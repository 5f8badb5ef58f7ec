"""The shape of fades."""

from __future__ import annotations

import math

from fanstudio.model.session import Clip


def fade_gain(clip: Clip, frame: float) -> float:
    """Return the fades' gain, 0–1, at a frame counted from the clip's start (equal power)."""
    gain = 1.0
    risen = frame + clip.fade_in_start
    if clip.fade_in and risen < clip.fade_in:
        gain = math.sin(max(0.0, risen) / clip.fade_in * math.pi / 2)
    left = clip.length + clip.fade_out_cut - frame
    if clip.fade_out and left < clip.fade_out:
        gain *= math.sin(max(0.0, left) / clip.fade_out * math.pi / 2)
    return gain
