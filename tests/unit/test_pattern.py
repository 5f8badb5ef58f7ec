"""Drum patterns as sound: strokes where the steps are, tails around the end, sounds that choke."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fanstudio.audio.kit import Struck
from fanstudio.audio.pattern import pattern_frames, render_pattern
from fanstudio.model.pattern import Pattern, PatternRow

RATE = 48_000
#: A sixteenth is 6000 frames at 120 bpm.
STEP = 6_000


def _click(frames: int = 1) -> np.ndarray:
    return np.ones((2, frames), np.float32)


def _pattern(**rows: str) -> Pattern:
    steps = {
        sound: tuple(0.0 if mark == "." else int(mark) / 9 for mark in text) for sound, text in rows.items()
    }
    bars = len(next(iter(steps.values()))) // 16
    return Pattern("kit", 120.0, tuple(PatternRow(sound, row) for sound, row in steps.items()), bars)


def test_strokes_stand_on_their_steps_and_soft_ones_are_softer() -> None:
    mix = render_pattern(_pattern(kick="9...5..........."), {"kick": Struck(_click())}, RATE)
    assert mix.shape == (2, 16 * STEP)
    assert np.flatnonzero(mix[0]).tolist() == [0, 4 * STEP]
    assert mix[0, 0] == 1
    assert mix[1, 4 * STEP] == pytest.approx((5 / 9) ** 1.4)


def test_swing_delays_every_second_sixteenth_and_no_other() -> None:
    pattern = replace(_pattern(hat="9999............"), swing=1.0)
    mix = render_pattern(pattern, {"hat": Struck(_click())}, RATE)
    late = STEP * 2 // 3
    assert np.flatnonzero(mix[0]).tolist() == [0, STEP + late, 2 * STEP, 3 * STEP + late]


def test_what_rings_on_at_the_end_sounds_at_the_beginning() -> None:
    mix = render_pattern(_pattern(tom="...............9"), {"tom": Struck(_click(STEP + 500))}, RATE)
    assert np.all(mix[:, :500] == 1)
    assert not mix[:, 500 : 15 * STEP].any()


def test_a_sound_longer_than_the_pattern_piles_up_on_itself() -> None:
    frames = 16 * STEP
    mix = render_pattern(_pattern(boom="9..............."), {"boom": Struck(_click(2 * frames + 7))}, RATE)
    assert np.all(mix[:, :7] == 3)
    assert np.all(mix[:, 7:] == 2)


def test_one_bar_twice_is_two_bars() -> None:
    rng = np.random.default_rng(1)
    kit = {
        name: Struck(rng.standard_normal((2, 30_000)).astype(np.float32), "hats")
        for name in ("closed", "open")
    }
    one = _pattern(closed="9.7.9.7.9.7.9...", open="..............9.")
    two = replace(one, bars=2, rows=tuple(replace(row, steps=row.steps * 2) for row in one.rows))
    once = render_pattern(one, kit, RATE)
    assert np.allclose(render_pattern(two, kit, RATE), np.tile(once, (1, 2)), atol=1e-5)


def test_a_choked_sound_ends_where_the_next_of_its_group_begins_even_around_the_end() -> None:
    kit = {"open": Struck(_click(10 * STEP), "hats"), "closed": Struck(_click(1), "hats")}
    mix = render_pattern(_pattern(closed="..9.............", open="...............9"), kit, RATE)
    fade = round(0.008 * RATE)
    assert np.all(mix[:, 15 * STEP :] == 1)
    assert np.all(mix[:, : 2 * STEP] == 1)
    assert not mix[:, 2 * STEP + fade : 15 * STEP].any()


def test_sounds_that_the_kit_lacks_are_silent() -> None:
    assert not render_pattern(_pattern(gong="9..............."), {}, RATE).any()


@pytest.mark.parametrize("bpm", [61.7, 92.0, 173.3])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_the_length_is_that_of_the_bars(bpm: float, rate: int) -> None:
    pattern = replace(_pattern(kick="9..............." * 3), bpm=bpm)
    assert pattern_frames(pattern, rate) == round(3 * 4 * 60 / bpm * rate)


def test_the_same_pattern_is_the_same_sound() -> None:
    kit = {"kick": Struck(np.random.default_rng(2).standard_normal((2, 9_000)).astype(np.float32))}
    pattern = _pattern(kick="9..3..7.9..3..71")
    assert np.array_equal(render_pattern(pattern, kit, RATE), render_pattern(pattern, kit, RATE))
