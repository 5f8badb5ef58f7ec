"""The style match: figures that follow the sound, and a score that nothing but the sound raises."""

from __future__ import annotations

from dataclasses import replace
from math import log2
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from fanstudio.audio.stretch import stretch
from fanstudio.jobs import Work
from fanstudio.model.recipe import Aim, Recipe, Side
from fanstudio.model.styling import StyleKind
from fanstudio.model.warp import Warp
from fanstudio.studio import styles
from fanstudio.studio.style.against import semitones_against, speed_against
from fanstudio.studio.style.figures import FIGURES, listen_to, measure
from fanstudio.studio.style.plan import Heard
from fanstudio.studio.style.score import score
from fanstudio.studio.style.windows import WindowSamples
from fanstudio.studio.styles import StyleChoice
from tests.support.styled_songs import RATE, STEMS, make_song, stem_sounds


def _mix(seconds: float = 8.0) -> np.ndarray:
    return np.sum(list(stem_sounds(seconds).values()), axis=0).astype(np.float32)


def _figures(sound: np.ndarray) -> dict[str, float]:
    return measure(Work(), listen_to([sound.astype(np.float32)], RATE))


def _filtered(sound: np.ndarray, hertz: float, kind: str) -> np.ndarray:
    return signal.sosfilt(signal.butter(4, hertz, kind, fs=RATE, output="sos"), sound, axis=1)


def test_figures_follow_the_sound() -> None:
    plain = _figures(_mix())
    dull = _figures(_filtered(_mix(), 1_500, "low"))
    assert dull["bandwidth_hz"] < plain["bandwidth_hz"] / 1.5
    assert dull["brightness_db"] < plain["brightness_db"] - 10
    assert _figures(_filtered(_mix(), 150, "high"))["bass_db"] < plain["bass_db"] - 6
    assert _figures(_mix()[[0, 0]])["width_db"] == -40
    noisy = _mix() + np.random.default_rng(1).normal(0, 0.02, _mix().shape)
    assert _figures(noisy)["floor_db"] > plain["floor_db"] + 3
    assert _figures(np.clip(_mix() * 8, -0.5, 0.5))["crest_db"] < plain["crest_db"] - 3
    sounds = list(stem_sounds().values())
    drums, held = sounds[1], sounds[0]
    assert _figures(drums)["percussion_db"] > _figures(held)["percussion_db"] + 3


@pytest.mark.parametrize("speed", [0.84, 0.93, 1.0, 1.22])
def test_speed_and_pitch_are_heard(speed: float) -> None:
    plain = _mix(12.0)
    warp = Warp(1 / speed, 12 * log2(speed))
    turned = plain if speed == 1 else np.concatenate(list(stretch(Work(), plain, RATE, warp)), axis=1)
    before, after = listen_to([plain], RATE), listen_to([turned], RATE)
    assert speed_against(after, before) == pytest.approx(speed, abs=0.02)
    assert semitones_against(after, before) == pytest.approx(12 * log2(speed), abs=0.25)


def test_an_aim_counts_half_where_it_is_missed_by_its_bound() -> None:
    about = Aim("crest_db", 10.0, 2.0)
    assert [about.match(value) for value in (10.0, 12.0, 8.0)] == [1.0, 0.5, 0.5]
    assert [replace(about, side=Side.MOST).match(value) for value in (5.0, 12.0)] == [1.0, 0.5]
    assert [replace(about, side=Side.LEAST).match(value) for value in (15.0, 8.0)] == [1.0, 0.5]


def test_a_recipe_that_lays_nothing_scores_as_the_song_does() -> None:
    heard = Heard((_mix(),), (_mix(),), RATE, WindowSamples(lambda source, warp: _mix(), {}, {}))
    for recipe in styles.list_presets():
        match = score(Work(), recipe, heard)
        assert match is not None
        assert match.before == match.after
        assert 0 <= match.before <= 100


def test_what_a_recipe_lays_has_no_part_in_its_score() -> None:
    recipe = next(recipe for recipe in styles.list_presets() if recipe.id == "lo-fi")
    bare = Recipe(recipe.id, recipe.title, aims=recipe.aims)
    dull = _filtered(_mix(), 1_500, "low").astype(np.float32)
    heard = Heard((_mix(),), (dull,), RATE, WindowSamples(lambda source, warp: dull, {}, {}))
    assert score(Work(), bare, heard) == score(Work(), recipe, heard)


def test_without_aims_or_sound_there_is_no_score() -> None:
    silent = np.zeros((2, RATE), np.float32)
    samples = WindowSamples(lambda source, warp: silent, {}, {})
    assert score(Work(), Recipe("x", "X"), Heard((silent,), (silent,), RATE, samples)) is None
    recipe = styles.list_presets()[0]
    assert score(Work(), recipe, Heard((), (), RATE, samples)) is None
    match = score(Work(), recipe, Heard((silent,), (silent,), RATE, samples))
    assert match is not None
    assert set(match.figures_after) > set(FIGURES)


@pytest.mark.parametrize("name", ["slowed-reverb", "lo-fi", "club"])
def test_the_score_rises(tmp_path: Path, name: str) -> None:
    project = make_song(tmp_path, STEMS, 6.0)
    styled = styles.plan(Work(), project, StyleChoice(StyleKind.PRESET, name))
    assert styled.score_before is not None
    assert styled.score_after is not None
    assert styled.score_after > styled.score_before + 10
