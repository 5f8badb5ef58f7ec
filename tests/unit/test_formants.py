"""Formants stay where they are while a voice's pitch moves."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.formants import FormantKeeper
from tests.support.stretch_measures import colour_error_db
from tests.support.stretchers import ours

RATE = 16_000


@pytest.mark.parametrize("semitones", [-3.0, 3.0])
def test_a_vowel_keeps_its_colour_where_formants_are_kept(semitones: float) -> None:
    kept = colour_error_db(ours(keep_formants=True, rate=RATE), 200.0, semitones, RATE)
    assert kept < 0.6 * colour_error_db(ours(rate=RATE), 200.0, semitones, RATE)


def test_gains_are_finite_and_even_for_silence_and_noise() -> None:
    keeper = FormantKeeper(257, 1.5, RATE)
    power = np.stack((np.zeros(257), np.full(257, 4.0), np.eye(1, 257, 40)[0])).astype(np.float32)
    gains = keeper.gains(power)
    assert np.isfinite(gains).all()
    assert np.allclose(gains[:2], 1.0, atol=1e-3)
