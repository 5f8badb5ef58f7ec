"""Tempo maps that lie on a song's beats; no clip moves."""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from fanstudio.errors import EditError
from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.session import Clip, Session, TempoChange
from fanstudio.model.tempo import MAX_BPM, MIN_BPM

#: A tempo so near to a whole number, in parts of it, is that number.
_WHOLE = 3e-4
#: A map follows the bars within this, in seconds.
_WITHIN_S = 0.015
#: A song keeps one tempo if so many of its beats lie so near to an even grid.
_EVEN_SHARE, _EVEN_S = 0.9, 0.035
#: A bar line so near to the song's start, in seconds, is there.
_AT_START_S = 0.002


def on_timeline(grid: BeatGrid, clip: Clip, sample_rate: int) -> BeatGrid:
    """Return a source's grid where a clip of it lies on the timeline, in its tempo there."""
    stretch = 1.0 if clip.warp is None else clip.warp.stretch
    start_s = (clip.position - clip.offset) / sample_rate
    beats, downbeats = (
        tuple(start_s + beat * stretch for beat in times) for times in (grid.beats_s, grid.downbeats_s)
    )
    stretched = replace(grid, beats_s=beats, downbeats_s=downbeats, tempo_bpm=grid.tempo_bpm / stretch)
    return stretched.moved(0.0)


def even_tempo(grid: BeatGrid) -> float:
    """Return the one tempo of a grid: a whole number where it is as good as one."""
    whole = round(grid.tempo_bpm)
    return float(whole) if abs(grid.tempo_bpm - whole) <= _WHOLE * whole else round(grid.tempo_bpm, 2)


def is_even(grid: BeatGrid) -> bool:
    """Tell whether nearly all beats lie on a grid of one tempo."""
    gap = 60 / even_tempo(grid)
    start = _anchor(grid.beats_s, gap)
    off = (abs(math.remainder(beat - start, gap)) for beat in grid.beats_s)
    return sum(distance <= _EVEN_S for distance in off) >= _EVEN_SHARE * len(grid.beats_s)


def set_even_tempo(session: Session, grid: BeatGrid) -> Session:
    """Set one tempo, its bars where most of the grid's bars begin; the grid is in timeline seconds.

    Raises:
        EditError: the grid is empty, or its tempo out of range.

    """
    bpm = _checked(grid)
    bar_s = grid.beats_per_bar * 60 / bpm
    start_s = _anchor(grid.downbeats_s or grid.beats_s, bar_s) % bar_s
    first = TempoChange(round(start_s * session.sample_rate), bpm, grid.beats_per_bar)
    return _with_pickup(session, [first])


def follow_beats(session: Session, grid: BeatGrid) -> Session:
    """Set tempo changes on bar lines so that each bar of the grid, in timeline seconds, is a bar.

    Bars that keep their tempo within 15 ms share one change.

    Raises:
        EditError: the grid is empty, or its tempo out of range.

    """
    _checked(grid)
    if len(grid.downbeats_s) < 2:
        return set_even_tempo(session, grid)
    return _with_pickup(session, list(_changes(grid, session.sample_rate)))


def _checked(grid: BeatGrid) -> float:
    """Return the grid's even tempo."""
    if not grid or not MIN_BPM <= even_tempo(grid) <= MAX_BPM:
        raise EditError("No tempo was found to set.")
    return even_tempo(grid)


def _changes(grid: BeatGrid, sample_rate: int) -> Iterator[TempoChange]:
    """Yield a change for each run of bars of one tempo and length."""
    lines = grid.downbeats_s
    numbers = [round(grid.at(line)) for line in lines]
    beats = [end - start for start, end in pairwise(numbers)]
    start = 0
    while start < len(beats):
        end = _run_end(lines, beats, start)
        bpm = 60 * sum(beats[start:end]) / (lines[end] - lines[start])
        held = min(float(MAX_BPM), max(float(MIN_BPM), bpm))
        yield TempoChange(round(lines[start] * sample_rate), held, min(16, max(1, beats[start])))
        start = end


def _run_end(lines: Sequence[float], beats: Sequence[int], start: int) -> int:
    """Return the bar line to which bars from `start` on are of one length and number of beats."""
    end = start + 1
    while end < len(beats) and beats[end] == beats[start]:
        bar = (lines[end + 1] - lines[start]) / (end + 1 - start)
        if any(
            abs(lines[k] - lines[start] - (k - start) * bar) > _WITHIN_S for k in range(start + 1, end + 1)
        ):
            break
        end += 1
    return end


def _with_pickup(session: Session, changes: list[TempoChange]) -> Session:
    """Set changes of which the first need not be at frame 0: its beats and bars count back to there."""
    first, *others = changes
    least = _AT_START_S * session.sample_rate
    beat = session.sample_rate * 60 / first.bpm
    line, upbeat = (round(first.frame % part) for part in (beat * first.beats_per_bar, beat))
    frames = [frame for frame in sorted({upbeat, line}) if frame > least]
    starts = [0, *frames] if line > least else [0]
    return replace(session, tempo=(*(replace(first, frame=frame) for frame in starts), *others))


def _anchor(times_s: Sequence[float], period_s: float) -> float:
    """Return the phase, 0…`period_s`, near which most times lie (circular mean)."""
    turns = sum(cmath.exp(2j * math.pi * time / period_s) for time in times_s)
    return cmath.phase(turns) / (2 * math.pi) * period_s % period_s
