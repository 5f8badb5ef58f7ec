"""The equaliser and the de-esser: what they do at which frequency."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.effects.deesser import DeEsser
from fanstudio.audio.effects.equaliser import Equaliser
from tests.support.effects import impulse, level_db, response_db, run, tone
from tests.support.sounds import noise


def gain_db(hz: float, rate: int = 48_000, **values: float) -> float:
    return response_db(run(Equaliser(**values), impulse(rate), rate), hz, rate)


@pytest.mark.parametrize("gain", [-12, 6])
@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_shelves_and_bells_have_their_gain_where_they_say(gain: float, rate: int) -> None:
    assert gain_db(30, rate, low_db=gain, low_hz=300) == pytest.approx(gain, abs=0.3)
    assert gain_db(300, rate, low_db=gain, low_hz=300) == pytest.approx(gain / 2, abs=0.1)
    assert gain_db(5_000, rate, low_db=gain, low_hz=300) == pytest.approx(0, abs=0.1)
    assert gain_db(18_000, rate, high_db=gain, high_hz=4_000) == pytest.approx(gain, abs=0.3)
    assert gain_db(4_000, rate, high_db=gain, high_hz=4_000) == pytest.approx(gain / 2, abs=0.1)
    assert gain_db(400, rate, body_db=gain) == pytest.approx(gain, abs=0.01)
    assert gain_db(3_000, rate, presence_db=gain, presence_q=4) == pytest.approx(gain, abs=0.01)
    assert gain_db(1_000, rate, presence_db=gain, presence_q=4) == pytest.approx(0, abs=0.2)


def test_cuts_are_3_db_down_at_their_frequency_and_fall_12_db_an_octave() -> None:
    assert gain_db(200, low_cut_hz=200) == pytest.approx(-3.01, abs=0.02)
    assert gain_db(25, low_cut_hz=200) - gain_db(50, low_cut_hz=200) == pytest.approx(-12, abs=0.3)
    assert gain_db(2_000, high_cut_hz=2_000) == pytest.approx(-3.01, abs=0.02)
    assert gain_db(8_000, high_cut_hz=1_000) - gain_db(4_000, high_cut_hz=1_000) < -12


def test_a_flat_equaliser_changes_nothing() -> None:
    sound = noise(20_000)
    assert np.allclose(run(Equaliser(), sound), sound, atol=1e-7)


def test_a_low_rate_keeps_what_it_can() -> None:
    result = run(Equaliser(high_db=12, high_hz=16_000, high_cut_hz=15_000), noise(8_000), 8_000)
    assert np.abs(result).max() < 1


def deessed_db(hz: float, level: float, **values: float) -> float:
    """Return what the de-esser does to the level of a tone, once it has settled."""
    sound = tone(hz, level, 1)
    return level_db(run(DeEsser(**values), sound)[:, 24_000:]) - level_db(sound[:, 24_000:])


def test_hiss_comes_down_as_far_as_it_may() -> None:
    assert deessed_db(12_000, -10, range_db=6, frequency_hz=4_000) == pytest.approx(-5.5, abs=0.5)
    assert deessed_db(12_000, -10, range_db=12, frequency_hz=2_000) == pytest.approx(-11.5, abs=0.5)


def test_what_is_not_hiss_stays() -> None:
    assert deessed_db(12_000, -45) == pytest.approx(0, abs=0.01)
    assert deessed_db(300, -3) == pytest.approx(0, abs=0.01)
    sound = noise(48_000)
    assert np.allclose(run(DeEsser(threshold_db=0), sound), sound, atol=1e-7)


def test_a_voice_keeps_its_body_while_it_hisses() -> None:
    body, hiss = tone(300, -6, 1), tone(9_000, -12, 1)
    both = run(DeEsser(frequency_hz=5_000), body + hiss)[:, 24_000:]
    assert response_db(both, 300) - response_db(body[:, 24_000:], 300) == pytest.approx(0, abs=0.1)
    assert response_db(both, 9_000) - response_db(hiss[:, 24_000:], 9_000) < -5
