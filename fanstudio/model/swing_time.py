"""Where music goes in time when its beat changes, in frames of the timeline; and the steps of its beats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import floor

from fanstudio.model.beat_grid import BeatGrid

#: At full swing an off-beat comes two thirds into its pair of steps, as the last note of a triplet.
_STRAIGHT, _LATEST = 1 / 2, 2 / 3

TimeMap = Callable[[int], int]


def off_beat(amount: float) -> float:
    """Return how far into its pair of steps an off-beat comes, at a swing of 0 to 1."""
    return _STRAIGHT + (_LATEST - _STRAIGHT) * amount


def swung(grid: BeatGrid, sample_rate: int, amount: float, subdivision: int) -> TimeMap:
    """Return the map that lays every second step of a beat late; what is between is moved in proportion."""
    late, pairs = off_beat(amount), subdivision / 2

    def at(frame: int) -> int:
        beat = grid.at_frame(frame, sample_rate) * pairs
        whole = floor(beat)
        share = beat - whole
        moved = share * late / _STRAIGHT if share < _STRAIGHT else 1 - (1 - share) * (1 - late) / _STRAIGHT
        return grid.frame_of((whole + moved) / pairs, sample_rate)

    return at


def step_at(grid: BeatGrid, sample_rate: int, frame: int, subdivision: int) -> int:
    """Return the number of the step of a beat in which a frame lies."""
    number = floor(grid.at_frame(frame, sample_rate) * subdivision)
    return number + (grid.frame_of((number + 1) / subdivision, sample_rate) <= frame)


def steps_between(
    grid: BeatGrid, sample_rate: int, start: int, end: int, subdivision: int
) -> Iterator[tuple[int, int]]:
    """Yield the frame and the number of each step of a beat from `start` up to `end`."""
    number = step_at(grid, sample_rate, start, subdivision)
    while (frame := grid.frame_of(number / subdivision, sample_rate)) < end:
        if frame >= start:
            yield frame, number
        number += 1
