"""Compressor and gate: their curves and times."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.effects.compressor import Compressor
from fanstudio.audio.effects.gate import Gate
from tests.support.effects import distortion_db, level_db, run, tone
from tests.support.sounds import Floats, noise

RATE = 48_000


def steps(*levels_db: float, seconds: float = 0.5, channels: int = 1) -> Floats:
    """Return a constant that goes from level to level: its gain can be read off frame by frame."""
    parts = [np.full((channels, int(seconds * RATE)), 10 ** (level / 20), np.float32) for level in levels_db]
    return np.concatenate(parts, axis=1)


def gains_db(sound: Floats, result: Floats) -> np.ndarray:
    return 20 * np.log10(result[0] / sound[0])


@pytest.mark.parametrize("ratio", [2, 4, 20])
@pytest.mark.parametrize("level", [-40, -20, -12, -3])
def test_the_compressors_curve(ratio: float, level: float) -> None:
    sound = steps(level, seconds=1)
    result = run(Compressor(threshold_db=-20, ratio=ratio, knee_db=0), sound)
    over = max(0, level + 20)
    assert level_db(result[:, RATE // 2 :]) == pytest.approx(level - over * (1 - 1 / ratio), abs=0.05)


def test_the_knee_bends_around_the_threshold() -> None:
    def reduction(level: float) -> float:
        sound = steps(level, seconds=1)
        result = run(Compressor(threshold_db=-20, ratio=4, knee_db=12), sound)
        return float(-gains_db(sound, result)[-1])

    assert reduction(-26.5) == pytest.approx(0, abs=0.01)
    assert reduction(-20) == pytest.approx(0.75 * 6**2 / 24, abs=0.02)
    assert reduction(-14) == pytest.approx(0.75 * 6, abs=0.02)
    assert reduction(-8) == pytest.approx(0.75 * 12, abs=0.02)


def test_attack_and_release_take_their_time() -> None:
    sound = steps(-40, 0, -40)
    effect = Compressor(threshold_db=-20, ratio=20, knee_db=0, attack_ms=20, release_ms=100)
    reduction = -gains_db(sound, run(effect, sound))
    most = 19.0
    start, end = RATE // 2, RATE
    assert reduction[start + int(0.02 * RATE)] == pytest.approx(most * (1 - np.exp(-1)), rel=0.02)
    assert reduction[end - 1] == pytest.approx(most, rel=0.01)
    left = reduction[end + int(0.1 * RATE)]
    assert most * np.exp(-1) < left < most * np.exp(-1) * 1.3


def test_makeup_and_mix() -> None:
    sound = steps(-40)
    assert level_db(run(Compressor(makeup_db=6), sound)) == pytest.approx(-34, abs=0.01)
    loud = steps(-2, seconds=1)
    half = run(Compressor(threshold_db=-20, ratio=20, mix=0.5), loud)
    whole = run(Compressor(threshold_db=-20, ratio=20), loud)
    assert np.allclose(half, (loud + whole) / 2, atol=1e-6)


def test_the_louder_side_moves_both() -> None:
    sound = np.concatenate((steps(-3), steps(-30)))
    result = run(Compressor(), sound)
    assert np.allclose(result[0] * sound[1], result[1] * sound[0], atol=1e-6)


def test_a_compressed_tone_stays_a_tone() -> None:
    result = run(Compressor(threshold_db=-12, ratio=4, release_ms=200), tone(1_000, -3, 3))
    assert distortion_db(result, 1_000) < -55


def test_the_gate_opens_closes_and_holds() -> None:
    sound = steps(-60, -20, -60, seconds=0.5)
    gate = Gate(threshold_db=-40, range_db=60, attack_ms=1, hold_ms=100, release_ms=50)
    gains = gains_db(sound, run(gate, sound))
    start, end = RATE // 2, RATE
    assert gains[start - 1] == pytest.approx(-60, abs=0.1)
    assert gains[start + int(0.005 * RATE)] > -0.5
    assert gains[end + int(0.095 * RATE)] > -0.1
    assert gains[end + int(0.15 * RATE)] == pytest.approx(-60 * (1 - np.exp(-1)), abs=2)
    assert gains[-1] < -55


def test_the_gate_does_not_chatter_around_its_threshold() -> None:
    wobble = -40 + 1.5 * np.sin(2 * np.pi * 3 * np.arange(2 * RATE) / RATE)
    sound = (10 ** (wobble / 20)).astype(np.float32)[None]
    gains = gains_db(sound, run(Gate(threshold_db=-40, hold_ms=0, release_ms=5), sound))
    assert gains[RATE // 2 :].min() > -0.5


def test_the_gate_is_one_for_both_sides() -> None:
    sound = np.concatenate((steps(-20), steps(-70)))
    result = run(Gate(hold_ms=10), sound)
    assert np.allclose(result[1, 4_000:], sound[1, 4_000:], rtol=1e-3)


def test_a_gate_of_no_range_passes_everything() -> None:
    sound = noise(10_000, peak=0.001)
    assert np.array_equal(run(Gate(range_db=0), sound), sound)
