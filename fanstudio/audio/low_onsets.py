"""Where low sounds begin that have no click, such as a soft kick drum: rises of what lies below 110 Hz."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Readable, padded
from fanstudio.jobs import Work

_RATE = 500
_HIGHEST_HZ = 110.0
_BLOCK_FRAMES = 1 << 16
#: Entries that a level is the mean of, and between a level and the one before that it is compared with.
_MEAN, _APART = 12, 20
#: A beginning rises by so much, to no more than so much below the loud ones, in dB.
_RISE_DB, _WITHIN_DB = 8.0, 10.0
_FLOOR = 1e-7
#: Entries by which filter and mean come late.
_LATE = 8


def find_low_onsets(work: Work, sound: Readable, sample_rate: int) -> NDArray[np.int64]:
    """Return the frames of `sound` `(channels, frames)` at which its lows begin, within 10 ms or so."""
    level_db = 10 * np.log10(_power(work, sound, sample_rate) + _FLOOR)
    if len(level_db) <= _APART:
        return np.zeros(0, np.int64)
    rise = np.zeros(len(level_db))
    rise[_APART:] = level_db[_APART:] - level_db[:-_APART]
    reach = np.lib.stride_tricks.sliding_window_view(np.pad(rise, _APART), 2 * _APART + 1).max(axis=1)
    loud_db = np.percentile(level_db, 98)
    tops = (rise >= reach) & (rise >= _RISE_DB) & (level_db >= loud_db - _WITHIN_DB)
    places = np.flatnonzero(tops)
    kept = places[np.diff(places, prepend=-2 * _APART) > _APART]
    return np.maximum(0, (kept - _APART // 2 - _LATE) * sample_rate // _RATE)


def _power(work: Work, sound: Readable, sample_rate: int) -> NDArray[np.float32]:
    """Return how strong the lows are, 500 times a second."""
    from scipy.signal import butter, sosfilt  # half a second, which the window's start would pay

    resampler = Resampler(sample_rate, _RATE, 1)
    frames = sound.shape[1]
    parts = []
    for start in range(0, frames, _BLOCK_FRAMES):
        work.report(start / frames)
        block = padded(sound, start, min(frames, start + _BLOCK_FRAMES))
        parts.append(resampler.push(block.mean(axis=0, keepdims=True, dtype=np.float32)))
    low = np.concatenate((*parts, resampler.finish()), axis=1)[0]
    if not len(low):
        return np.zeros(0, np.float32)
    sections = butter(4, _HIGHEST_HZ, fs=_RATE, output="sos")
    power = np.square(sosfilt(sections, low), dtype=np.float32)
    mean = np.convolve(power, np.full(_MEAN, 1 / _MEAN, np.float32))
    return mean[: len(power)].astype(np.float32)
