"""Levels are known before a sample is made, and gains bring a line to the voice's without pumping."""

import numpy as np
import pytest

from fanstudio.audio.additive import Additive
from fanstudio.audio.noise_bands import BANDS, render_noise
from fanstudio.inference.timbre_level import hold_breath, match_level, noise_level_db, predict_level_db
from fanstudio.inference.voice_features import loudness_db


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
@pytest.mark.parametrize("f0_hz", [110.0, 700.0])
def test_the_level_is_that_of_the_sound(rate, f0_hz):
    controls = 200
    pitch = np.full(controls, f0_hz, np.float32)
    harmonics = np.repeat(0.2 / np.arange(1, 41)[:, None], controls, axis=1).astype(np.float32)
    noise = np.full((BANDS, controls), 0.05, np.float32)
    made = Additive(rate).render(pitch, harmonics, 0, 0, 2 * rate)
    made = made + render_noise(noise, 0, 0, 2 * rate, rate)
    found = loudness_db(made, rate)[20:-20]
    assert predict_level_db(pitch, harmonics, noise, rate)[100] == pytest.approx(found.mean(), abs=0.5)
    alone = loudness_db(render_noise(noise, 0, 0, 2 * rate, rate), rate)[20:-20]
    assert noise_level_db(noise, rate)[100] == pytest.approx(alone.mean(), abs=0.8)


def test_gains_meet_the_voice_and_go_evenly_through_rests():
    sung = np.zeros(100, np.bool_)
    sung[10:40] = sung[60:90] = True
    wanted = np.where(np.arange(100) < 50, -20.0, -30.0).astype(np.float32)
    gain_db = 20 * np.log10(match_level(wanted, np.full(100, -25, np.float32), sung))
    np.testing.assert_allclose(gain_db[14:34], 5, atol=0.01)
    np.testing.assert_allclose(gain_db[66:86], -5, atol=0.01)
    assert (np.diff(gain_db) <= 1e-4).all()
    assert np.abs(np.diff(gain_db)).max() < 1


def test_no_place_is_raised_out_of_all_proportion():
    wanted = np.full(100, -20, np.float32)
    predicted = np.full(100, -25, np.float32)
    predicted[50:60] = -120
    gain_db = 20 * np.log10(match_level(wanted, predicted, np.ones(100, np.bool_)))
    assert gain_db[55] == pytest.approx(35, abs=0.1)


def test_breath_between_notes_is_no_louder_than_in_them():
    sung = np.zeros(60, np.bool_)
    sung[:20] = sung[40:] = True
    noise_db = np.where(sung, -60, -20).astype(np.float32)
    held_db = 20 * np.log10(hold_breath(noise_db, sung))
    assert not held_db[sung].any()
    np.testing.assert_allclose(held_db[~sung], -40, atol=0.01)
    quiet = np.where(sung, -60, -90).astype(np.float32)
    assert (hold_breath(quiet, sung) == 1).all()


def test_without_a_note_nothing_is_changed():
    level = np.full(10, -30, np.float32)
    assert (match_level(level, level, np.zeros(10, np.bool_)) == 1).all()
    assert (hold_breath(level, np.zeros(10, np.bool_)) == 1).all()
