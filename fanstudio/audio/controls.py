"""The grid of what drives a synthesiser: 100 controls a second, control i at i / 100 s, at any rate."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

CONTROL_HZ: Final = 100


def count_controls(frames: int, sample_rate: int) -> int:
    """Return how many controls lie within `frames` of sound; one at least where there is any."""
    return -(-frames * CONTROL_HZ // sample_rate)


def first_frame(control: int, sample_rate: int) -> int:
    """Return the first frame that is not before a control."""
    return -(-control * sample_rate // CONTROL_HZ)


def place_frames(
    frames: NDArray[np.int64], sample_rate: int, first: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return for each frame the control before it, as an index, and how far it is to the next, 0..1.

    There are `count` controls, from number `first` on; before them and after them the nearest is held.
    """
    whole, rest = np.divmod(frames * CONTROL_HZ, sample_rate)
    index = whole - first
    share = rest / sample_rate
    share[index < 0] = 0.0
    share[index >= count - 1] = 0.0
    return np.clip(index, 0, count - 1), share
