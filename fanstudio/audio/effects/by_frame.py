"""Chance that hangs on the timeline frame alone: noise that sounds the same wherever playback starts.

Numbers are hashed from frames by G. Steele's SplitMix64, so that no state runs along.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.filters import Values

_WORD: Final = (1 << 64) - 1
_STEP: Final = 0x9E3779B97F4A7C15
_SEED_STEP: Final = 0xD1342543DE82EF95

Frames = NDArray[np.int64]


def uniform(frames: Frames, seed: int) -> Values:
    """Return evenly spread numbers of 0 up to 1, one for each frame, which may be negative."""
    return (_words(frames, seed) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def white(frames: Frames, seed: int) -> Values:
    """Return white noise of mean level (RMS) 1 at some frames in a row, nearly normal, within ±3.5."""
    quarters = _words(frames, seed).view(np.uint16).reshape(len(frames), 4).sum(axis=1, dtype=np.int64)
    noise: Values = (quarters - 2 * 65_535) * (math.sqrt(3) / 65_536)
    return noise


def drift(frames: Values, step_frames: float, seed: int) -> Values:
    """Return a value within ±1 that wanders, at frames in order: cubic B-splines through chance."""
    places = frames / step_frames
    whole = np.floor(places)
    cell = int(whole[0])
    chance = 2 * uniform(np.arange(cell - 1, int(whole[-1]) + 3), seed) - 1
    index, t = (whole - cell).astype(np.int64), places - whole
    rest = 1 - t
    weights = (rest**3, 4 - 3 * t * t * (2 - t), 4 - 3 * rest * rest * (2 - rest), t**3)
    wandering = np.zeros(len(frames))
    for place, weight in enumerate(weights):
        wandering += weight * chance[index + place]
    return wandering / 6


def sine(frames: Values, hertz: float, sample_rate: int) -> Values:
    """Return a sine that stands by timeline frame, at some frames."""
    turns = frames * (hertz / sample_rate)
    wave: Values = np.sin(2 * np.pi * (turns - np.floor(turns)))
    return wave


def _words(frames: Frames, seed: int) -> NDArray[np.uint64]:
    start = np.uint64((_STEP + seed * _SEED_STEP) & _WORD)
    words = frames.astype(np.uint64) * np.uint64(_STEP) + start
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    hashed: NDArray[np.uint64] = words ^ (words >> np.uint64(31))
    return hashed
