"""Where beats and bars lie."""

from __future__ import annotations

import pytest

from fanstudio.model.beat_grid import BeatGrid, grid_of

STEADY = grid_of([0.25 + 0.5 * beat for beat in range(17)], 1, 4, 0.9)


def test_counts_bars_from_the_first_downbeat() -> None:
    assert STEADY.tempo_bpm == pytest.approx(120)
    assert STEADY.downbeats_s == (0.75, 2.75, 4.75, 6.75)
    assert STEADY.first_downbeat == 1


@pytest.mark.parametrize("beat", [-3.0, -0.5, 0.0, 0.25, 7.75, 16.0, 20.5])
def test_times_and_beats_are_inverse_even_outside(beat: float) -> None:
    assert STEADY.time_of(beat) == pytest.approx(0.25 + 0.5 * beat)
    assert STEADY.at(STEADY.time_of(beat)) == pytest.approx(beat)
    assert STEADY.at_frame(STEADY.frame_of(beat, 48_000), 48_000) == pytest.approx(beat, abs=1e-4)


def test_follows_a_tempo_that_changes() -> None:
    grid = grid_of([0.0, 1.0, 1.5, 2.0], 0, 4, 1.0)
    assert grid.at(0.5) == 0.5
    assert grid.at(1.25) == 1.5
    assert grid.frames(1000) == (0, 1000, 1500, 2000)


@pytest.mark.parametrize("beats_per_bar", [2, 3, 4])
def test_doubling_and_halving_are_inverse(beats_per_bar: int) -> None:
    grid = grid_of([0.5 * beat for beat in range(25)], 0, beats_per_bar, 0.5)
    again = grid.doubled().halved()
    assert again.beats_s == grid.beats_s
    assert again.beats_per_bar == grid.beats_per_bar
    assert again.tempo_bpm == pytest.approx(grid.tempo_bpm)
    assert again.downbeats_s == grid.downbeats_s


def test_half_and_double_time() -> None:
    assert STEADY.doubled().tempo_bpm == pytest.approx(240)
    assert STEADY.doubled().downbeats_s[:2] == (0.75, 1.75)
    half = STEADY.halved()
    assert half.tempo_bpm == pytest.approx(60)
    assert half.beats_s[:2] == (0.75, 1.75)
    assert half.downbeats_s == (0.75, 4.75)


def test_doubled_bars_of_three_stay_as_long() -> None:
    waltz = grid_of([0.5 * beat for beat in range(9)], 0, 3, 0.5)
    assert waltz.doubled().beats_per_bar == 6
    assert waltz.doubled().downbeats_s == waltz.downbeats_s


def test_nothing_with_a_beat_is_an_empty_grid() -> None:
    assert not BeatGrid()
    assert grid_of([], 0, 4, 0.0) == grid_of([1.0], 0, 4, 0.0) == BeatGrid()
    assert BeatGrid().halved() == BeatGrid().doubled() == BeatGrid()


def test_moves_in_time_and_keeps_what_is_left() -> None:
    later = STEADY.moved(-1.0)
    assert later.beats_s[0] == pytest.approx(0.25)
    assert later.downbeats_s[0] == pytest.approx(1.75)
    assert later.downbeats_s[0] in later.beats_s
