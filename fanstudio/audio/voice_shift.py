"""Moves the pitch of one voice by an amount that changes over time; formants and timing stay.

Periods of the voice are laid closer together or further apart, each as it is, so that the spectral
envelope stays where it was (Moulines and Charpentier, *Pitch-synchronous waveform processing*, 1990).
Between two periods one is faded into the other, so that the gain is one everywhere; where the pitch is not
moved, both are the same samples and the sound stays as it is, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.pitch_marks import mark_periods
from fanstudio.audio.samples import Readable, Samples
from fanstudio.jobs import Work

Floats = NDArray[np.float64]

#: Sound that is read on either side of a voiced stretch: two of the longest periods.
_MARGIN_S = 0.05
#: A longer stretch is taken in parts of this length.
_LONGEST_S = 20.0
_BLOCK_FRAMES = 1 << 16
_TAPS = 16
_PHASES = 256
#: Less than this is not moved, in cents.
_LEAST_CENTS = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class PitchMove:
    """How far a voice is to be moved, on a grid of `hop_s` seconds: entry i is about i · `hop_s`.

    `f0_hz` is what is sung, 0 where nothing is; `cents` what is added to it.
    """

    hop_s: float
    f0_hz: NDArray[np.float32]
    cents: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A voiced stretch: frames of the sound, and entries of the move."""

    start: int
    end: int
    first: int
    last: int


def shift_voice(work: Work, sound: Readable, sample_rate: int, move: PitchMove) -> Iterator[Samples]:
    """Yield `sound` `(channels, frames)` in blocks, moved; in all as many frames as came in.

    What is not sung, and what is sung but not moved, is given back bit for bit.

    Raises:
        Cancelled: within a second.

    """
    frames = sound.shape[1]
    at = 0
    for stretch in _stretches(move, frames, sample_rate):
        yield from _copy(sound, at, stretch.start)
        work.report(stretch.start / max(1, frames), "Tuning")
        yield _shift(sound, sample_rate, move, stretch)
        at = stretch.end
    yield from _copy(sound, at, frames)


def _copy(sound: Readable, start: int, end: int) -> Iterator[Samples]:
    for at in range(start, end, _BLOCK_FRAMES):
        yield np.array(sound[:, at : min(end, at + _BLOCK_FRAMES)])


def _stretches(move: PitchMove, frames: int, sample_rate: int) -> Iterator[_Stretch]:
    """Yield the voiced stretches of which anything is to be moved, in order."""
    hop = move.hop_s * sample_rate
    voiced = np.concatenate(([False], move.f0_hz > 0, [False]))
    edges = np.flatnonzero(voiced[1:] != voiced[:-1])
    entries = max(2, round(_LONGEST_S / move.hop_s))
    for run_first, run_last in zip(edges[::2], edges[1::2], strict=True):
        parts = math.ceil((run_last - run_first) / entries)
        for part in range(parts):
            first = int(run_first + (run_last - run_first) * part / parts)
            last = int(run_first + (run_last - run_first) * (part + 1) / parts)
            start, end = (min(frames, max(0, round((entry - 0.5) * hop))) for entry in (first, last))
            if start < end and np.abs(move.cents[first:last]).max() > _LEAST_CENTS:
                yield _Stretch(start, end, first, last)


def _shift(sound: Readable, sample_rate: int, move: PitchMove, stretch: _Stretch) -> Samples:
    """Return one stretch, moved."""
    margin = round(_MARGIN_S * sample_rate)
    left = min(margin, stretch.start)
    around = np.array(sound[:, stretch.start - left : stretch.end + margin])
    times = (stretch.start + np.arange(stretch.end - stretch.start)) / (move.hop_s * sample_rate)
    entries = np.arange(stretch.first, stretch.last)
    f0_hz = np.exp2(np.interp(times, entries, np.log2(move.f0_hz[stretch.first : stretch.last])))
    cents = np.interp(times, entries, move.cents[stretch.first : stretch.last])
    voiced = slice(left, left + len(times))
    marks = mark_periods(around[:, voiced].mean(axis=0), f0_hz, sample_rate)
    if len(marks) < 3:
        return around[:, voiced].copy()
    places, moves = _lay(marks, np.exp2(cents / 1200))
    return _overlap(around, left, len(times), places, moves)


def _lay(marks: Floats, ratios: Floats) -> tuple[Floats, Floats]:
    """Return where periods are laid in the stretch, and how far each was moved to there, in samples."""
    frames = np.arange(math.ceil(marks[0]), math.floor(marks[-1]) + 1)
    periods = np.interp(frames, marks, np.arange(len(marks)))
    steps = np.diff(periods, prepend=0.0) * ratios[frames]
    turns = np.cumsum(steps) - steps[0] + periods[0]
    wanted = np.arange(1, math.floor(turns[-1]) + 1)
    places = np.concatenate((marks[:1], np.interp(wanted, turns, frames)))
    nearest = np.rint(np.interp(places, marks, np.arange(len(marks)))).astype(int)
    moves = np.rint((places - marks[nearest]) * _PHASES) / _PHASES
    return places, moves


def _overlap(around: Samples, left: int, frames: int, places: Floats, moves: Floats) -> Samples:
    """Return the stretch, which starts `left` samples into `around`, with its periods laid at `places`.

    Before the first period and after the last the sound is as it was; it is faded over one period.
    """
    period = np.median(np.diff(places)) if len(places) > 1 else 1.0
    knots = np.concatenate(([max(0, places[0] - period)], places, [min(frames, places[-1] + period)]))
    shifts = np.concatenate(([0.0], moves, [0.0]))
    time = np.arange(frames)
    index = np.clip(np.searchsorted(knots, time, "right") - 1, 0, len(knots) - 2)
    ahead = np.clip((time - knots[index]) / (knots[index + 1] - knots[index]), 0, 1)
    fade: NDArray[np.float32] = (0.5 - 0.5 * np.cos(np.pi * ahead)).astype(np.float32)
    one = _read(around, time + left, shifts[index])
    other = _read(around, time + left, shifts[index + 1])
    one += fade * (other - one)
    return one


def _read(around: Samples, time: NDArray[np.int64], moves: Floats) -> Samples:
    """Return samples at `time` − `moves`, between samples by a windowed sinc."""
    steps = np.rint(-moves * _PHASES).astype(np.int64)
    whole, phase = np.divmod(steps, _PHASES)
    start = time + whole - (_TAPS // 2 - 1)
    found = np.zeros((len(around), len(time)), np.float32)
    last = around.shape[1] - 1
    for tap in range(_TAPS):
        found += _SINC[phase, tap] * around[:, np.clip(start + tap, 0, last)]
    return found


def _windowed_sinc() -> NDArray[np.float32]:
    """Return the taps `(phases, taps)` that read a sample so many phases after the middle tap."""
    offsets = np.arange(_TAPS) - (_TAPS // 2 - 1) - np.arange(_PHASES)[:, None] / _PHASES
    taps = np.sinc(offsets) * np.cos(np.pi * offsets / (_TAPS + 2)) ** 2
    taps /= taps.sum(axis=1, keepdims=True)
    taps[0] = np.arange(_TAPS) == _TAPS // 2 - 1
    return np.asarray(taps, np.float32)


_SINC = _windowed_sinc()
