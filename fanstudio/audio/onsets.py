"""Where sounds begin: the frames at which a source's spectrum rises at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Readable, padded
from fanstudio.jobs import Work

#: Seconds: what a spectrum looks at, and how far apart they lie.
_WINDOW_S = 0.012
_HOP_S = 0.003
_CHUNK_S = 8.0
#: Seconds of neighbourhood that a rise is compared with, and between two onsets at least.
_AROUND_S = 0.4
_APART_S = 0.045
_COMPRESSION = 1_000.0
#: How far above its neighbourhood's mean a rise must stand.
_TIMES_MEAN = 2.2
_FLOOR = 0.12
#: Seconds before and after an attack that are compared to find its frame.
_ATTACK_S = 0.004
_BASE = 0.02
#: The last place that is nearly as good is the attack: those before it only see it come.
_NEARLY = 0.8
_TINY = 1e-30

#: Different, so that sides in opposite phase are heard too.
_SIDES = np.array(((1.0,), (0.7,)), np.float32)

Values = NDArray[np.float32]


def find_onsets(work: Work, source: Readable, sample_rate: int) -> NDArray[np.int64]:
    """Return the frames of a source `(channels, frames)` at which a sound begins, ascending.

    Spectral flux of compressed magnitudes stands out of its local mean; the attack is then placed where
    the energy of high frequencies grows most. Memory holds a few seconds of the source, whatever its length.
    """
    hop = max(1, round(_HOP_S * sample_rate))
    flux = _flux(work, source, round(_WINDOW_S * sample_rate), hop, round(_CHUNK_S / _HOP_S))
    picked = _pick(flux, round(_AROUND_S / _HOP_S), round(_APART_S / _HOP_S))
    places: set[int] = set()
    for step in picked:
        work.check()
        places.add(_refine(source, step * hop, hop, sample_rate))
    return np.array(sorted(places), np.int64)


def _flux(work: Work, source: Readable, window: int, hop: int, steps: int) -> Values:
    """Return how much each spectrum rises over the one two hops before; step k is centred on frame k·hop."""
    frames = source.shape[1]
    count = frames // hop + 1
    weights = np.hanning(window + 1)[:-1].astype(np.float32)
    flux = np.zeros(count, np.float32)
    before = np.zeros((2, window // 2 + 1), np.float32)
    for first in range(0, count, steps):
        work.report(first / count)
        last = min(count, first + steps)
        mono = _mono(source, first * hop - window // 2, (last - 1) * hop - window // 2 + window)
        spans = np.lib.stride_tricks.sliding_window_view(mono, window)[::hop]
        level = np.log1p(_COMPRESSION / window * np.abs(np.fft.rfft(spans * weights, axis=1)))
        joined = np.concatenate((before, level), axis=0)
        flux[first:last] = np.maximum(level - joined[:-2], 0).mean(axis=1)
        before = joined[-2:]
    return flux


def _mono(source: Readable, start: int, stop: int) -> Values:
    """Return one channel in which the sides of a stereo source never cancel each other."""
    block = padded(source, start, stop)
    values: Values = (block * _SIDES[: len(block)]).sum(axis=0)
    return values


def _pick(flux: Values, around: int, apart: int) -> list[int]:
    """Return the steps at which the flux peaks well above its neighbourhood, `apart` from each other."""
    strong = np.flatnonzero(flux > np.maximum(_TIMES_MEAN * _local_mean(flux, around), _FLOOR))
    kept: list[int] = []
    for step in strong.tolist():
        if not kept or step - kept[-1] >= apart:
            kept.append(step)
        elif flux[step] > flux[kept[-1]]:
            kept[-1] = step
    return kept


def _local_mean(flux: Values, around: int) -> NDArray[np.float64]:
    """Return the mean of the values up to `around` steps to either side of each."""
    total = np.concatenate(([0.0], np.cumsum(flux, dtype=np.float64)))
    steps = np.arange(len(flux))
    first, last = np.maximum(steps - around, 0), np.minimum(steps + around + 1, len(flux))
    mean: NDArray[np.float64] = (total[last] - total[first]) / (last - first)
    return mean


def _refine(source: Readable, frame: int, hop: int, sample_rate: int) -> int:
    """Return the frame near `frame` where high frequencies grow most within a few milliseconds."""
    short = max(1, sample_rate // 4_000)
    around, span = 6 * hop, round(_ATTACK_S * sample_rate)
    start = frame - around - span
    bright = np.diff(_mono(source, start - 1, frame + around + span))
    total = np.concatenate(([0.0], np.cumsum(np.square(bright, dtype=np.float64))))
    places = np.arange(span, len(bright) - span + 1, short)
    before = total[places] - total[places - span]
    after = total[places + span] - total[places]
    rise = (after + _BASE * after.max()) / (before + _BASE * after.max() + _TINY)
    return start + int(places[np.flatnonzero(rise >= _NEARLY * rise.max())[-1]])
