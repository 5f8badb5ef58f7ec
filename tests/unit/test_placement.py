"""Placement: from counted frames to places on the timeline."""

from __future__ import annotations

from statistics import median_low

import pytest

from fanstudio.audio import placement
from fanstudio.audio.placement import Pass, Placement


def noted(*readings: tuple[int, int], tolerance: int = 0) -> Placement:
    placement = Placement(tolerance)
    for captured, position in readings:
        placement.note(captured, position)
    return placement


def steady(lag: int, start: int, stop: int, step: int = 256) -> list[tuple[int, int]]:
    return [(position + lag, position) for position in range(start, stop, step)]


def test_a_take_lies_where_it_was_sung() -> None:
    placement = noted(*steady(500, 10_000, 20_000))
    assert placement.lag == 500
    assert placement.passes(21_000, 300, 10_000, None) == (Pass(10_000, 10_800, 10_200),)


def test_what_came_before_the_start_and_after_the_end_is_left_out() -> None:
    placement = noted(*steady(500, -4_000, 20_000))
    assert placement.passes(21_000, 0, 0, 9_000) == (Pass(0, 500, 9_000),)


def test_a_recording_that_begins_late_begins_where_there_is_sound() -> None:
    placement = noted(*steady(-2_000, 2_000, 9_000))
    assert placement.passes(6_000, 0, 0, None) == (Pass(2_000, 0, 6_000),)


def test_a_reading_amid_a_callback_changes_nothing() -> None:
    readings = steady(500, 0, 10_000)
    readings[3:3] = [(readings[3][0] + 256, readings[3][1] + 1)]
    assert noted(*readings).passes(9_000, 0, 0, None) == (Pass(0, 500, 8_500),)


def test_each_round_of_a_loop_is_a_pass() -> None:
    rounds = [reading for turn in range(3) for reading in steady(500 + turn * 8_000, 2_000, 10_000)]
    placement = noted(*rounds)
    first, second, third = placement.passes(22_000, 100, 2_000, None, loop=(2_000, 10_000))
    assert first == Pass(2_000, 2_600, 8_000)
    assert second == Pass(2_000, 10_600, 8_000)
    assert third == Pass(2_000, 18_600, 3_400)


def test_rounds_that_are_over_are_not_computed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []

    def counted(lags: list[int]) -> int:
        computed.append(len(lags))
        return median_low(lags)

    monkeypatch.setattr(placement, "median_low", counted)
    growing, loop = Placement(0), (2_000, 10_000)
    for turn in range(50):
        for reading in steady(500 + turn * 8_000, 2_000, 10_000, 2_000):
            growing.note(*reading)
            captured, before = reading[0], len(computed)
            found = growing.passes(captured, 100, 2_000, None, loop)
            assert next(growing.latest(captured, 100, 2_000, None, loop), None) == (found or (None,))[-1]
            assert len(computed) - before <= 3
    rounds = [reading for turn in range(50) for reading in steady(500 + turn * 8_000, 2_000, 10_000, 2_000)]
    assert found == noted(*rounds).passes(captured, 100, 2_000, None, loop)
    assert len(found) == 50


def test_where_the_output_ran_dry_what_follows_is_moved_back() -> None:
    placement = noted(
        *steady(0, 0, 5_120), *((5_200 + n, 4_864) for n in range(90)), *steady(700, 5_120, 9_000)
    )
    assert placement.passes(9_600, 0, 0, None) == (Pass(0, 0, 5_120), Pass(5_120, 5_820, 3_780))


def test_after_a_jump_to_another_place_it_goes_on_there() -> None:
    placement = noted(
        *steady(0, 50_000, 60_000), *steady(-30_000, 90_000, 99_000), *steady(58_000, 11_000, 19_000)
    )
    assert [(one.position, one.end) for one in placement.passes(77_000, 0, 50_000, None)] == [
        (50_000, 59_984),
        (90_000, 98_960),
    ]


def test_two_clocks_are_averaged() -> None:
    readings = [(position + 500 + (position * 7) % 401 - 200, position) for position in range(0, 90_000, 441)]
    placement = noted(*readings, tolerance=1_000)
    (only,) = placement.passes(90_000, 0, 0, None)
    assert abs(only.offset - 500) < 20


def test_nothing_is_placed_while_nothing_played() -> None:
    assert Placement(0).passes(10_000, 0, 0, None) == ()
    assert Placement(0).lag is None
