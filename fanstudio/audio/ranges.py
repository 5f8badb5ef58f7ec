"""Which stretches of a song are there: disjoint ranges of frames, in order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator


class Ranges:
    """Disjoint ranges `start` up to, not including, `end`; one thread adds, any thread may read."""

    def __init__(self) -> None:
        """Start with nothing."""
        #: Replaced whole, so that readers need no lock.
        self._ranges: tuple[tuple[int, int], ...] = ()

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield the ranges in order."""
        return iter(self._ranges)

    @property
    def frames(self) -> int:
        """Return how many frames the ranges hold in all."""
        return sum(end - start for start, end in self._ranges)

    def add(self, start: int, end: int) -> None:
        """Add a range; it may overlap others."""
        if end <= start:
            return
        ranges = self._ranges
        first = bisect_left(ranges, start, key=lambda known: known[1])
        last = bisect_right(ranges, end, key=lambda known: known[0])
        if first < last:
            start, end = min(start, ranges[first][0]), max(end, ranges[last - 1][1])
        self._ranges = (*ranges[:first], (start, end), *ranges[last:])

    def within(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield what of `start` up to `end` is there, in order."""
        ranges = self._ranges
        for low, high in ranges[bisect_right(ranges, start, key=lambda known: known[1]) :]:
            if low >= end:
                return
            yield max(low, start), min(high, end)

    def gaps(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield what of `start` up to `end` is not there, in order."""
        for low, high in self.within(start, end):
            if start < low:
                yield start, low
            start = high
        if start < end:
            yield start, end
