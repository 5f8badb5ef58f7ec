"""Saturation: which harmonics it adds, and that none of them folds down."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.effects.saturation import Saturation
from tests.support.effects import distortion_db, level_db, run, tone

RATE = 48_000


def harmonics_db(result: np.ndarray, hz: int) -> list[float]:
    """Return the level of harmonics 2 to 5 against the first, and of the offset before them."""
    spectrum = np.abs(np.fft.rfft(result[0, -RATE:].astype(np.float64) * np.hanning(RATE)))
    return [float(20 * np.log10(spectrum[max(1, n * hz)] / spectrum[hz] + 1e-12)) for n in range(2, 6)]


def test_without_bias_only_odd_harmonics_are_added() -> None:
    second, third, fourth, fifth = harmonics_db(run(Saturation(drive_db=12, bias=0), tone(440, -6, 2)), 440)
    assert second < -100
    assert fourth < -100
    assert -25 < third < -10
    assert fifth < third


def test_bias_adds_even_harmonics() -> None:
    second, *_ = harmonics_db(run(Saturation(drive_db=12, bias=0.8), tone(440, -6, 2)), 440)
    assert second > -30


def test_bias_leaves_no_offset() -> None:
    result = run(Saturation(drive_db=18, bias=1), tone(440, -3, 3))
    assert abs(float(result[0, -RATE:].mean())) < 1e-3


@pytest.mark.parametrize("drive", [0, 12, 30])
def test_quiet_sounds_keep_their_level_and_loud_ones_come_down(drive: float) -> None:
    quiet = tone(1_000, -90, 1)
    assert level_db(run(Saturation(drive_db=drive), quiet)[:, RATE // 2 :]) == pytest.approx(
        level_db(quiet), abs=0.1
    )
    loud = tone(1_000, 0, 1)
    assert level_db(run(Saturation(drive_db=drive), loud)[:, RATE // 2 :]) < level_db(loud) - 1


def test_what_lies_above_the_limit_does_not_fold_down() -> None:
    hz = 7_001
    result = run(Saturation(drive_db=12, bias=0), tone(hz, -6, 2))
    spectrum = np.abs(np.fft.rfft(result[0, -RATE:].astype(np.float64) * np.hanning(RATE)))
    for kept in (hz, 3 * hz):
        spectrum[kept - 4 : kept + 5] = 0
    spectrum[:20] = 0
    folded = 20 * np.log10(spectrum.max() / (0.5 * RATE / 2 * 0.5))
    naive = np.tanh(4 * tone(hz, -6, 1)) / 4
    assert folded < -80
    assert distortion_db(naive, hz) > -30


def test_tone_takes_treble_away_behind_the_drive() -> None:
    bright = run(Saturation(drive_db=24, bias=0), tone(440, -6, 2))
    dark = run(Saturation(drive_db=24, bias=0, tone_hz=1_000), tone(440, -6, 2))
    assert harmonics_db(dark, 440)[3] < harmonics_db(bright, 440)[3] - 10
