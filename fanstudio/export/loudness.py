"""How loud an export becomes: a gain, and a limiter where peaks stand in its way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from fanstudio.audio.effects.limiter import Limiter
from fanstudio.audio.effects.stream import apply
from fanstudio.audio.limited_loudness import LimitedLoudness
from fanstudio.audio.loudness import LoudnessMeter
from fanstudio.audio.samples import Samples
from fanstudio.errors import InputError
from fanstudio.jobs import Work

CEILING_DBTP: Final = -1.0
#: A loudness for which the highest peak would have to come down further is not reached.
MOST_REDUCTION_DB: Final = 6.0
#: At how many gains the limited loudness is forecast; between them it is interpolated.
_GAINS: Final = 5
_CHUNK_FRAMES: Final = 1 << 14

#: Renders the whole mix in blocks, each time from the start.
Blocks = Callable[[Work], Iterator[Samples]]


@dataclass(frozen=True, slots=True)
class Level:
    """The gain for an export, and whether peaks then pass the ceiling and must be limited."""

    gain_db: float
    limited: bool


def choose_level(work: Work, blocks: Blocks, sample_rate: int, target_lufs: float | None) -> Level:
    """Return what brings a stereo mix to a loudness, or as near as `MOST_REDUCTION_DB` allows.

    Without a target nothing is limited: the mix keeps its level, or comes down as a whole where its
    peaks pass −1 dBTP.

    Raises:
        InputError: there is only silence.
        Cancelled: the work was cancelled.

    """
    meter = LoudnessMeter(sample_rate, 2)
    for block in blocks(work.part(0.0, 0.5)):
        meter.add(block)
    loudness, room_db = meter.integrated_lufs, CEILING_DBTP - meter.true_peak_dbtp
    if not np.isfinite(loudness):
        raise InputError("There is only silence to export.", hint="Unmute a track, or raise its gain.")
    wanted_db = min(0.0, room_db) if target_lufs is None else target_lufs - loudness
    if target_lufs is None or wanted_db <= room_db:
        return Level(wanted_db, limited=False)
    most_db = room_db + MOST_REDUCTION_DB
    if most_db <= wanted_db:
        return Level(most_db, limited=True)
    return Level(
        _limited_gain(work.part(0.5, 1.0), blocks, sample_rate, target_lufs, wanted_db, most_db), True
    )


def levelled(blocks: Iterable[Samples], sample_rate: int, level: Level) -> Iterator[Samples]:
    """Yield stereo blocks at their level."""
    gain = np.float32(10 ** (level.gain_db / 20))
    louder = (block * gain for block in blocks)
    return guarded(louder, sample_rate) if level.limited else louder


def guarded(blocks: Iterable[Samples], sample_rate: int) -> Iterator[Samples]:
    """Yield stereo blocks whose true peaks stay under the ceiling."""
    limiter = Limiter(ceiling_db=CEILING_DBTP)
    limiter.prepare(sample_rate, 2)
    return apply(limiter, 2, blocks, _CHUNK_FRAMES)


def _limited_gain(
    work: Work, blocks: Blocks, sample_rate: int, target_lufs: float, lowest_db: float, highest_db: float
) -> float:
    """Return the gain at which the limited mix has the target's loudness, or `highest_db` short of it."""
    gains = np.linspace(lowest_db, highest_db, _GAINS)
    forecast = LimitedLoudness(sample_rate, 2, gains.tolist(), CEILING_DBTP)
    for block in blocks(work):
        forecast.add(block)
    return float(np.interp(target_lufs, forecast.lufs(), gains))
