"""Formants stay where they are while a voice's pitch moves."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from fanstudio.audio.stretch import stretch
from fanstudio.jobs import Work
from fanstudio.model.warp import Warp

RATE = 16_000
_FORMANTS_HZ = ((700, 90), (1_220, 110), (2_600, 160))


def vowel(pitch_hz: float) -> NDArray[np.float64]:
    angle = 2 * np.pi * pitch_hz * np.arange(RATE) / RATE
    sound = np.sum([np.sin(number * angle) / number for number in range(1, int(7_000 / pitch_hz))], axis=0)
    for centre, width in _FORMANTS_HZ:
        radius = np.exp(-np.pi * width / RATE)
        poles = [1, -2 * radius * np.cos(2 * np.pi * centre / RATE), radius**2]
        sound = signal.lfilter([sum(poles)], poles, sound)
    return sound


def partials_db(sound: NDArray[np.float64], pitch_hz: float) -> NDArray[np.float64]:
    middle = sound[RATE // 4 : -RATE // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), RATE))
    places = [round(number * pitch_hz) for number in range(1, int(4_000 / pitch_hz))]
    return 20 * np.log10([spectrum[place - 4 : place + 5].max() for place in places])


def colour_error_db(semitones: float, *, keep: bool) -> float:
    """Return how far a moved vowel's partials are from those of the same vowel sung at the new pitch."""
    sung, aim = vowel(200), 200 * 2 ** (semitones / 12)
    scale = 0.3 / np.abs(sung).max()
    warp = Warp(1.0, semitones, keep)
    moved = np.concatenate(
        list(stretch(Work(), (sung * scale).astype(np.float32)[None], RATE, warp)), axis=1
    )[0]
    error = partials_db(moved, aim) - partials_db(vowel(aim) * scale, aim)
    return float(np.abs(error - np.median(error)).mean())


@pytest.mark.parametrize("semitones", [-3.0, 3.0])
def test_a_vowel_keeps_its_colour_where_formants_are_kept(semitones: float) -> None:
    assert colour_error_db(semitones, keep=True) < 0.6 * colour_error_db(semitones, keep=False)
