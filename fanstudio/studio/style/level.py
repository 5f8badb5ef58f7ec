"""Keeps a song as loud as it was: what the limiter at the end of a style must be driven by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fanstudio.audio.effects.effect import CHUNK_FRAMES
from fanstudio.audio.effects.limiter import Limiter
from fanstudio.audio.loudness import Loudness
from fanstudio.audio.samples import Samples, silence

#: Below −1 dBTP, by as much as a meter that is not ours may read higher.
CEILING_DB: Final = -1.2
_MOST_DRIVE_DB: Final = 14.0
_NEAR_LU: Final = 0.1
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Level:
    """Gain into the limiter, 0 or more, and behind it, 0 or less, in dB."""

    drive_db: float = 0.0
    level_db: float = 0.0


def loudness_of(windows: Sequence[Samples], rate: int) -> float:
    """Return the integrated loudness of windows `(2, frames)` taken together, in LUFS; −inf for silence."""
    meter = Loudness(rate, 2)
    for window in windows:
        meter.add(window)
    return meter.integrated_lufs


def choose_level(
    windows: Sequence[Samples], rate: int, wanted_lufs: float
) -> tuple[Level, Sequence[Samples]]:
    """Return what makes windows as loud as wanted, and them behind the limiter and the fader.

    They are driven only as far as a limiter does so without crushing them.
    """
    found = loudness_of(windows, rate)
    if not math.isfinite(found) or not math.isfinite(wanted_lufs):
        return Level(), _limited(windows, rate, 0.0)
    if found > wanted_lufs:
        limited = _limited(windows, rate, 0.0)
        level = Level(0.0, min(0.0, round(wanted_lufs - loudness_of(limited, rate), 2)))
        gain = np.float32(10 ** (level.level_db / 20))
        return level, [window * gain for window in limited]
    drive_db = min(_MOST_DRIVE_DB, wanted_lufs - found)
    for _ in range(_TRIES):
        limited = _limited(windows, rate, round(drive_db, 2))
        missing = wanted_lufs - loudness_of(limited, rate)
        if abs(missing) < _NEAR_LU:
            return Level(round(drive_db, 2)), limited
        drive_db = min(_MOST_DRIVE_DB, max(0.0, drive_db + missing))
    return Level(round(drive_db, 2)), _limited(windows, rate, round(drive_db, 2))


def _limited(windows: Sequence[Samples], rate: int, drive_db: float) -> list[Samples]:
    return [_limit(window, rate, drive_db) for window in windows]


def _limit(window: Samples, rate: int, drive_db: float) -> Samples:
    limiter = Limiter(ceiling_db=CEILING_DB, drive_db=drive_db)
    limiter.prepare(rate, window.shape[0])
    late = limiter.latency_frames
    rest = -(window.shape[1] + late) % CHUNK_FRAMES
    line = np.concatenate((window, silence(window.shape[0], late + rest)), axis=1)
    chunks = [
        limiter.process(line[:, at : at + CHUNK_FRAMES]) for at in range(0, line.shape[1], CHUNK_FRAMES)
    ]
    return np.concatenate(chunks, axis=1)[:, late : late + window.shape[1]]
