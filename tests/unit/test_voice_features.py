"""What the timbre net hears of a voice: levels by the ear's curve, pitch held through rests, soft gates."""

import numpy as np
import pytest

from fanstudio.inference.voice_features import (
    FLOOR_DB,
    a_weighting,
    gate_voiced,
    hold_notes,
    loudness_db,
    loudness_for_net,
    notes_for_net,
    to_controls,
    to_hz,
)


def tone(hz, rate, seconds=1.0, peak=1.0):
    return (peak * np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate)).astype(np.float32)[None]


@pytest.mark.parametrize(
    ("hz", "gain_db"), [(100, -19.1), (200, -10.9), (1000, 0.0), (2000, 1.2), (4000, 1.0), (10_000, -2.5)]
)
def test_weighting_is_that_of_the_standard(hz, gain_db):
    assert 10 * np.log10(a_weighting(np.array([float(hz)]))[0]) == pytest.approx(gain_db, abs=0.1)


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 192_000])
def test_levels_are_the_same_at_every_rate(rate):
    level = loudness_db(tone(1000, rate), rate)
    assert len(level) == 100
    np.testing.assert_allclose(level[5:-5], -3.01, atol=0.1)


def test_silence_and_samples_that_are_not_numbers_are_the_floor():
    sound = np.full((1, 4800), np.nan, np.float32)
    assert (loudness_db(sound, 48_000) == FLOOR_DB).all()
    assert (loudness_db(np.zeros((2, 4800), np.float32), 48_000) == FLOOR_DB).all()
    assert loudness_db(np.zeros((1, 0), np.float32), 48_000).shape == (0,)


def test_channels_count_by_their_mean_power():
    left = tone(500, 48_000)
    both = loudness_db(np.concatenate((left, -left)), 48_000)
    np.testing.assert_allclose(both, loudness_db(left, 48_000), atol=1e-4)
    one = loudness_db(np.concatenate((left, 0 * left)), 48_000)
    np.testing.assert_allclose(both - one, 3.01, atol=0.01)


def test_levels_are_in_place():
    sound = tone(1000, 48_000)
    sound[:, :24_000] = 0
    level = loudness_db(sound, 48_000)
    assert level[47] < -60
    assert level[50] == pytest.approx(-6.0, abs=0.5)
    assert level[53] == pytest.approx(-3.0, abs=0.2)


def test_pieces_are_those_of_the_whole():
    sound = np.random.default_rng(0).normal(size=(1, 100_000)).astype(np.float32)
    whole = loudness_db(sound, 44_100)
    pieces = [loudness_db(sound, 44_100, at, min(len(whole), at + 37)) for at in range(0, len(whole), 37)]
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-3)


def test_pitch_goes_evenly_on_the_scale_of_notes_and_never_between_notes_and_rests():
    f0_hz = np.array([0, 200, 400, 0, 0, 800, 0], np.float32)
    found, sure = to_controls(f0_hz, (f0_hz > 0).astype(np.float32), 0.02, 14)
    np.testing.assert_allclose(found[2:6], [200, 200 * np.sqrt(2), 400, 400], rtol=1e-5)
    assert set(found[6:9]) == {0}
    np.testing.assert_allclose(found[found > 500], 800, rtol=1e-5)
    assert sure[2] == 1
    assert sure[1] == 0.5


def test_without_any_pitch_there_is_none():
    assert not to_controls(np.zeros(5, np.float32), np.ones(5, np.float32), 0.016, 8)[0].any()
    assert not to_controls(np.zeros(0, np.float32), np.zeros(0, np.float32), 0.016, 8)[1].any()
    assert (hold_notes(np.zeros(3, np.float32)) == 60).all()
    assert hold_notes(np.zeros(0, np.float32)).shape == (0,)
    assert gate_voiced(np.zeros(0, np.float32), np.zeros(0, np.float32)).shape == (0,)


def test_rests_hold_the_note_before_and_then_the_next():
    f0_hz = np.zeros(60, np.float32)
    f0_hz[5:20], f0_hz[40:50] = 220, 440
    notes = hold_notes(f0_hz)
    np.testing.assert_allclose(notes[:27], 57, atol=1e-3)
    np.testing.assert_allclose(notes[33:], 69, atol=1e-3)
    assert (np.diff(notes) >= 0).all()


def test_a_short_rest_is_bridged_evenly():
    f0_hz = np.array([220, 0, 0, 0, 440], np.float32)
    np.testing.assert_allclose(hold_notes(f0_hz), [57, 60, 63, 66, 69], atol=1e-3)


def test_the_gate_is_soft_and_as_sure_as_the_pitch():
    f0_hz, sure = np.zeros(20, np.float32), np.full(20, 0.8, np.float32)
    f0_hz[5:15] = 220
    gate = gate_voiced(f0_hz, sure)
    np.testing.assert_allclose(gate[3:7], [0, 0.2, 0.6, 0.8], atol=1e-6)
    assert not gate[:4].any()


def test_the_nets_scales():
    assert notes_for_net(np.array([60, 84], np.float32)).tolist() == [0, 1]
    assert loudness_for_net(np.array([-60, -30], np.float32)).tolist() == [0, 1]
    np.testing.assert_allclose(to_hz(np.array([69, 57], np.float32)), [440, 220], rtol=1e-6)
