"""Ranges: against a plain set of frames."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fanstudio.audio.ranges import Ranges

SPAN = st.tuples(st.integers(0, 40), st.integers(0, 40))


@given(st.lists(SPAN, max_size=12), SPAN)
def test_ranges_are_a_set_of_frames(spans: list[tuple[int, int]], asked: tuple[int, int]) -> None:
    ranges, frames = Ranges(), set()
    for start, end in spans:
        ranges.add(start, end)
        frames |= set(range(start, end))
    assert ranges.frames == len(frames)
    assert {frame for span in ranges for frame in range(*span)} == frames
    wanted = set(range(*asked))
    assert {frame for span in ranges.within(*asked) for frame in range(*span)} == wanted & frames
    assert {frame for span in ranges.gaps(*asked) for frame in range(*span)} == wanted - frames


@given(st.lists(SPAN, max_size=12))
def test_ranges_are_in_order_and_apart(spans: list[tuple[int, int]]) -> None:
    ranges = Ranges()
    for start, end in spans:
        ranges.add(start, end)
    edges = [edge for span in ranges for edge in span]
    assert edges == sorted(set(edges))
