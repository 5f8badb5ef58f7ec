"""Where recorded frames belong on the timeline, found by counting frames, not by reading clocks.

While a song plays, the frames that an input has captured are compared with the timeline frame that
leaves for the device. In a stream that input and output share both are counted in one callback, and
their difference, the lag, stays the same to the frame until the song jumps (a loop) or the output runs
dry. Rejected: PortAudio's time stamps, which JACK reads whenever a callback happens to run.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median_low

#: So many readings of one course are enough to average over callbacks that run apart.
_MOST = 500
#: A wider gap is no output that ran dry, but a jump to another place.
_GAP = 24_000
#: What is read once, in the midst of a callback, is no change.
_CONFIRMED = 2


@dataclass(frozen=True, slots=True)
class Pass:
    """A stretch of a recording in its place: `offset` frames into it, from timeline `position` on."""

    position: int
    offset: int
    length: int

    @property
    def end(self) -> int:
        """Return the first timeline frame after the pass."""
        return self.position + self.length


@dataclass
class _Run:
    """Readings that agree and follow one another; only the last run still grows."""

    first: int
    last: int
    lags: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Course:
    """Readings that agree: the song went on without a jump from frame `first` to `last`."""

    first: int
    last: int
    lags: list[int]
    lag: int


class Placement:
    """Gathers readings while a recording runs; all counts are frames at the session's rate."""

    def __init__(self, tolerance: int) -> None:
        """Take readings for one course of the song as long as they agree within `tolerance` frames."""
        self._tolerance = tolerance
        self._runs: list[_Run] = []
        self._position: int | None = None
        #: The courses of the first `_settled_runs` runs, which grow no more; several threads ask.
        self._settled: list[_Course] = []
        self._settled_runs = 0
        self._settling = threading.Lock()

    def note(self, captured: int, position: int) -> None:
        """Note that `captured` frames had come when timeline frame `position` left for the device."""
        if position == self._position:
            return
        self._position = position
        lag = captured - position
        if self._runs and self._fits(self._runs[-1], lag, position):
            self._runs[-1].last = position
            if len(self._runs[-1].lags) < _MOST:
                self._runs[-1].lags.append(lag)
        else:
            self._runs.append(_Run(position, position, [lag]))

    @property
    def lag(self) -> int | None:
        """Return by how much captured frames run ahead of the timeline now; None while nothing is known."""
        courses = self._courses()
        return courses[-1].lag if courses else None

    def passes(
        self, frames: int, round_trip: int, start: int, end: int | None, loop: tuple[int, int] | None = None
    ) -> tuple[Pass, ...]:
        """Return where the `frames` that were captured belong, within timeline frames `start` to `end`.

        What leaves for the device comes back `round_trip` frames later. Each course of the song is a pass:
        one that is followed by a jump back reaches to the loop's end, and the next begins at its start.
        """
        return tuple(self.latest(frames, round_trip, start, end, loop))[::-1]

    def latest(
        self, frames: int, round_trip: int, start: int, end: int | None, loop: tuple[int, int] | None = None
    ) -> Iterator[Pass]:
        """Yield what `passes` returns from the last pass to the first, so that few of them cost little."""
        courses = self._courses()
        for number in reversed(range(len(courses))):
            course = courses[number]
            ahead = course.lag + round_trip
            first, last = -ahead, frames - ahead
            if number:
                first = _joint(courses[number - 1], course, loop)[1]
            if number + 1 < len(courses):
                last = min(last, _joint(course, courses[number + 1], loop)[0])
            first = max(first, start, -ahead)
            last = last if end is None else min(last, end)
            if first < last:
                yield Pass(first, first + ahead, last - first)

    def _courses(self) -> list[_Course]:
        """Return the courses that are confirmed; one that a wrong reading broke is whole again."""
        with self._settling:
            settled = max(0, len(self._runs) - 1)
            for run in self._runs[self._settled_runs : settled]:
                self._add(self._settled, run)
            self._settled_runs = settled
            courses = self._settled.copy()
        for run in self._runs[settled : settled + 1]:
            self._add(courses, run)
        return courses

    def _add(self, courses: list[_Course], run: _Run) -> None:
        if len(run.lags) < _CONFIRMED:
            return
        first, lags, lag = run.first, run.lags, median_low(run.lags)
        if courses and self._fits(courses[-1], lag, run.first):
            before = courses.pop()
            first, lags = before.first, before.lags + lags
            lag = median_low(lags)
        courses.append(_Course(first, run.last, lags, lag))

    def _fits(self, course: _Run | _Course, lag: int, position: int) -> bool:
        return abs(lag - course.lags[0]) <= self._tolerance and position >= course.last - self._tolerance


def _joint(before: _Course, after: _Course, loop: tuple[int, int] | None) -> tuple[int, int]:
    """Return where one course ends and where the next begins."""
    if after.first < before.last and loop is not None:
        return loop[1], loop[0]
    goes_on = 0 <= after.first - before.last < _GAP
    return after.first if goes_on else before.last, after.first
