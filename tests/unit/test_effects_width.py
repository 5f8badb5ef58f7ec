"""Width: the sum of both sides stays, bass keeps to the middle, and one channel's sound gets sides."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.effects.effect import CHUNK_FRAMES
from fanstudio.audio.effects.width import Width
from tests.support.effects import impulse, level_db, raw, response_db, run, tone
from tests.support.sounds import Floats, noise

RATE = 48_000


def sides(sound: Floats) -> Floats:
    return sound[:1] - sound[1:]


@pytest.mark.parametrize("values", [preset.values for preset in Width.presets], ids=str)
def test_in_mono_it_sounds_as_before(values: dict[str, float]) -> None:
    sound = noise(RATE)
    result = run(Width(**values), sound)
    assert np.allclose(result.sum(axis=0), sound.sum(axis=0), atol=1e-6)


@pytest.mark.parametrize("width", [0.5, 1, 1.7, 2])
def test_the_difference_is_scaled_above_the_bass(width: float) -> None:
    left = impulse(RATE, 2)
    left[1] = 0
    result = sides(run(Width(width=width, bass_hz=120), left))
    assert response_db(result, 4_000) == pytest.approx(20 * np.log10(width), abs=0.05)


def test_no_width_is_mono() -> None:
    result = run(Width(width=0), noise(RATE))
    assert np.array_equal(result[0], result[1])


def test_bass_is_in_the_middle() -> None:
    left = tone(40, -6, 1, channels=2)
    left[1] = 0
    result = run(Width(width=2, bass_hz=200), left)
    settled = slice(RATE // 2, None)
    assert level_db(sides(result)[:, settled]) < level_db(left[:1, settled]) - 20
    kept = run(Width(width=1, bass_hz=20), left)
    assert np.allclose(kept, left, atol=1e-6)


def test_spread_gives_one_channels_sound_two_sides() -> None:
    sound = noise(2 * RATE, 1).repeat(2, axis=0)
    narrow = run(Width(width=2), sound)
    wide = run(Width(width=1, spread=1, bass_hz=200), sound)
    assert np.allclose(narrow[0], narrow[1], atol=1e-6)
    assert abs(np.corrcoef(wide)[0, 1]) < 0.35
    balance = level_db(wide[:1]) - level_db(wide[1:])
    assert abs(balance) < 0.5


def test_it_sounds_the_same_wherever_playback_starts() -> None:
    sound = noise(80 * CHUNK_FRAMES)
    effect = Width(spread=0.7)
    effect.prepare(RATE, 2)
    whole = raw(effect, sound)
    start = 40 * CHUNK_FRAMES
    effect.reset(start)
    late = raw(effect, sound[:, start:])
    settled = int(0.05 * RATE)
    assert np.allclose(late[:, settled:], whole[:, start + settled :], atol=1e-6)
