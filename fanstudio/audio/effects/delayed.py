"""Reads sound between its samples, for copies that move in time."""

from __future__ import annotations

import numpy as np

from fanstudio.audio.filters import Values


def read_delayed(row: Values, delay_frames: Values, frames: int) -> Values:
    """Return the last `frames` values of a row, or of rows alike, each so many frames earlier; at least 2.

    By cubic (Catmull-Rom) interpolation; whole delays are exact.
    """
    place = np.arange(row.shape[-1] - frames, row.shape[-1]) - delay_frames
    whole = np.floor(place).astype(np.int64)
    t = place - whole
    before, first, second, after = (row[..., whole + offset] for offset in (-1, 0, 1, 2))
    slope = second - before
    bend = 2 * before - 5 * first + 4 * second - after
    twist = 3 * (first - second) + after - before
    read: Values = first + 0.5 * t * (slope + t * (bend + t * twist))
    return read
