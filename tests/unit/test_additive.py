"""Harmonics sound as the sum of sines that they are, go on without a seam, and stay below Nyquist."""

import numpy as np
import pytest

from fanstudio.audio.additive import Additive
from fanstudio.audio.controls import count_controls, first_frame, place_frames

HARMONICS = 80


def drawn(controls: int, low_hz: float = 180.0, high_hz: float = 260.0):
    rng = np.random.default_rng(1)
    f0_hz = np.linspace(low_hz, high_hz, controls) + 2 * np.sin(np.arange(controls) / 3)
    harmonics = rng.random((HARMONICS, controls)) / np.arange(1, HARMONICS + 1)[:, None]
    return f0_hz.astype(np.float32), harmonics.astype(np.float32)


def test_it_is_the_sum_of_sines():
    rate, frames = 48_000, 30_000
    f0_hz, harmonics = drawn(64)
    places = np.arange(frames) * 100 / rate
    phase = 2 * np.pi * np.cumsum(np.interp(places, np.arange(64), f0_hz)) / rate
    expected = np.zeros(frames)
    for number, row in enumerate(harmonics, 1):
        expected += np.interp(places, np.arange(64), row) * np.sin(number * phase)
    sound = Additive(rate).render(f0_hz, harmonics, 0, 0, frames)
    assert np.abs(sound[0] - expected).max() < 1e-4


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 192_000])
def test_ranges_join_to_the_whole(rate):
    f0_hz, harmonics = drawn(150)
    frames = first_frame(149, rate)
    whole = Additive(rate).render(f0_hz, harmonics, 0, 0, frames)
    voice, pieces, at = Additive(rate), [], 0
    for step in (1, 7, 777, 3, 100, frames):
        stop = min(frames, at + step * rate // 8000)
        low = max(0, at * 100 // rate - 2)
        high = min(150, stop * 100 // rate + 3)
        pieces.append(voice.render(f0_hz[low:high], harmonics[:, low:high], low, at, stop))
        at = stop
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, atol=2e-6)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100])
def test_nothing_folds_back_at_nyquist(rate):
    """Of a rising tone, every partial that would pass half the rate is gone before."""
    controls = 200
    f0_hz = np.linspace(0.02 * rate, 0.6 * rate, controls).astype(np.float32)
    harmonics = np.ones((HARMONICS, controls), np.float32)
    sound = Additive(rate).render(f0_hz, harmonics, 0, 0, 2 * rate)[0]
    silent = f0_hz >= 0.49 * rate
    start = first_frame(int(np.flatnonzero(silent)[0]) + 1, rate)
    assert not sound[start:].any()
    size = 2048
    for at in range(0, start - size, size):
        lowest = f0_hz[at * 100 // rate]
        power = np.abs(np.fft.rfft(sound[at : at + size] * np.hanning(size)))
        hz = np.fft.rfftfreq(size, 1 / rate)
        assert power[hz < 0.7 * lowest].max(initial=0) < 2e-3 * power.max()


def test_minutes_later_it_is_as_exact_as_the_first_second():
    rate = 48_000
    voice = Additive(rate)
    f0_hz, harmonics = np.full(2, 440.0, np.float32), np.zeros((HARMONICS, 2), np.float32)
    harmonics[0] = 1
    second = voice.render(f0_hz, harmonics, 0, 0, rate)
    for _ in range(24):
        voice.render(f0_hz, harmonics, 0, 0, 10 * rate)
    np.testing.assert_allclose(voice.render(f0_hz, harmonics, 0, 0, rate), second, atol=1e-5)


def test_controls_are_held_before_and_after():
    index, share = place_frames(np.arange(0, 48_000, 240), 48_000, 10, 20)
    assert index[0] == 0
    assert not share[:20].any()
    assert (index[80:] == 19).all()
    assert not share[60:].any()
    assert share[21] == 0.5


def test_every_frame_has_a_control():
    for rate in (8_000, 11_025, 44_100, 96_000):
        assert count_controls(1, rate) == 1
        assert count_controls(rate, rate) == 100
        assert (place_frames(np.arange(rate), rate, 0, 100)[0] == np.arange(rate) * 100 // rate).all()
        assert first_frame(1, rate) * 100 >= rate
