"""Delay, chorus and reverb: echoes to the frame, drifting copies, decays."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from fanstudio.audio.effects.chorus import Chorus
from fanstudio.audio.effects.delay import Echo
from fanstudio.audio.effects.effect import CHUNK_FRAMES
from fanstudio.audio.effects.reverb import Reverb
from tests.support.effects import impulse, level_db, raw, run, tone
from tests.support.sounds import Floats, noise

RATE = 48_000


@pytest.mark.parametrize(("rate", "time_ms"), [(8_000, 10), (44_100, 123), (48_000, 375), (192_000, 11)])
def test_echoes_come_to_the_frame_and_fade_by_the_feedback(rate: int, time_ms: float) -> None:
    delay = round(time_ms * rate / 1000)
    sound = impulse(4 * delay + 1, at=3 % delay)
    result = run(Echo(time_ms=time_ms, feedback=0.5, damping_hz=20_000, mix=0.5), sound, rate)
    expected = np.zeros_like(sound)
    for echo, gain in enumerate((0.5, 0.5, 0.25, 0.125)):
        expected[:, 3 + echo * delay] = gain
    assert np.allclose(result, expected, atol=1e-7)


def test_echoes_go_from_side_to_side() -> None:
    sound = impulse(4 * 4_800, 2)
    result = run(Echo(time_ms=100, feedback=0.5, damping_hz=20_000, side_to_side=1, mix=1), sound)
    loud = [(side, int(at)) for side, at in zip(*np.nonzero(np.abs(result) > 1e-3), strict=True)]
    assert sorted(loud, key=lambda place: place[1]) == [(0, 4_800), (1, 9_600), (0, 14_400)]


def test_each_echo_is_darker() -> None:
    result = run(Echo(time_ms=100, feedback=0.9, damping_hz=2_000, mix=1), impulse(RATE))
    bright = [
        np.abs(np.fft.rfft(result[0, start : start + 2_400]))[500:].mean() for start in (4_800, 9_600, 14_400)
    ]
    assert bright[1] < 0.5 * bright[0]
    assert bright[2] < 0.5 * bright[1]


@pytest.mark.parametrize("effect", [Echo(feedback=0.6), Reverb(), Chorus()])
def test_after_its_tail_it_is_60_db_down(effect: Echo | Reverb | Chorus) -> None:
    sound = noise(RATE // 2)
    effect.prepare(RATE, 2)
    tail = int(effect.tail_s * RATE)
    result = run(effect, sound, tail_frames=tail + RATE // 4)
    assert level_db(result[:, sound.shape[1] + tail :]) < level_db(result[:, : sound.shape[1]]) - 55


def test_a_chorus_without_depth_is_a_plain_delay_of_16_ms() -> None:
    result = run(Chorus(depth_ms=0, mix=1), impulse(4_000))
    assert int(np.abs(result).argmax()) == round(0.016 * RATE)
    assert result.max() == pytest.approx(np.sqrt(3), abs=1e-3)


def test_its_copies_move_as_far_as_the_depth() -> None:
    rate_hz, depth_s = 2.0, 0.001
    result = run(Chorus(rate_hz=rate_hz, depth_ms=1000 * depth_s, mix=1, width=0), tone(1_000, 0, 3))
    spread = np.abs(np.fft.rfft(result[0, RATE:] * np.hanning(2 * RATE)))
    band = np.flatnonzero(spread > 1e-3 * spread.max()) / 2
    swing = 2 * np.pi * rate_hz * depth_s * 1_000
    assert 1_000 + swing - 6 < band.max() < 1_000 + swing + 40
    assert 1_000 - swing - 40 < band.min() < 1_000 - swing + 6


def test_interpolating_between_frames_adds_no_noise() -> None:
    result = run(Chorus(rate_hz=0.5, depth_ms=1, mix=1, width=0), tone(2_000, -6, 2))
    spectrum = np.abs(np.fft.rfft(result[0, RATE:] * np.hanning(RATE)))
    far = np.r_[spectrum[20:1_500], spectrum[2_500:]]
    assert 20 * np.log10(far.max() / spectrum.max()) < -60


def test_a_wide_chorus_moves_the_sides_apart() -> None:
    sound = noise(RATE, 1).repeat(2, axis=0)
    narrow = run(Chorus(width=0, mix=1), sound)
    wide = run(Chorus(width=1, mix=1), sound)
    assert np.array_equal(narrow[0], narrow[1])
    assert np.corrcoef(wide)[0, 1] < 0.9


def test_a_chorus_sounds_the_same_wherever_playback_starts() -> None:
    sound = noise(80 * CHUNK_FRAMES)
    chorus = Chorus()
    chorus.prepare(RATE, 2)
    whole = raw(chorus, sound)
    start = 40 * CHUNK_FRAMES
    chorus.reset(start)
    late = raw(chorus, sound[:, start:])
    settled = int(0.03 * RATE)
    assert np.allclose(late[:, settled:], whole[:, start + settled :], atol=1e-5)


def decay_s(result: Floats, rate: int, low_hz: float, high_hz: float) -> float:
    """Return the time to fall by 60 dB in a band, by Schroeder's backward integration from −5 to −35 dB."""
    band = signal.butter(2, (low_hz, high_hz), "band", fs=rate, output="sos")
    energy = np.square(signal.sosfilt(band, result[0].astype(np.float64)))
    left = 10 * np.log10(np.cumsum(energy[::-1])[::-1] / energy.sum() + 1e-12)
    first, last = np.searchsorted(-left, (5, 35))
    return float(2 * (last - first) / rate)


@pytest.mark.parametrize("rate", [8_000, 48_000, 96_000])
@pytest.mark.parametrize("seconds", [0.4, 1.6, 5])
def test_the_room_falls_by_60_db_in_its_decay_time(rate: int, seconds: float) -> None:
    effect = Reverb(decay_s=seconds, damping_hz=20_000, low_cut_hz=20, mix=1, size=0.8)
    result = run(effect, impulse(int(rate * (seconds + 0.5)), 2), rate)
    assert decay_s(result, rate, 200, 800) == pytest.approx(seconds, rel=0.12)


def test_damping_shortens_the_treble_alone() -> None:
    effect = Reverb(decay_s=2, damping_hz=3_000, mix=1)
    result = run(effect, impulse(2 * RATE, 2))
    assert decay_s(result, RATE, 150, 400) == pytest.approx(2, rel=0.15)
    assert decay_s(result, RATE, 5_000, 10_000) < 0.6


def test_the_first_echo_waits_for_the_predelay() -> None:
    result = run(Reverb(predelay_ms=100, mix=1), impulse(RATE // 2, 2))
    first = int(np.flatnonzero(np.abs(result).max(axis=0) > 1e-4)[0])
    assert 0.1 * RATE <= first < 0.104 * RATE


def test_the_room_is_dense_wide_and_without_a_ringing_note() -> None:
    result = run(Reverb(decay_s=2, low_cut_hz=20, damping_hz=20_000, mix=1), impulse(2 * RATE, 2))
    late = result[:, RATE // 4 : RATE]
    assert abs(np.corrcoef(late)[0, 1]) < 0.2
    frames = np.square(late[0]).reshape(-1, 48).sum(axis=1)
    assert (frames > 0.02 * np.median(frames)).mean() > 0.98
    spectrum = np.square(np.abs(np.fft.rfft(late[0] * np.hanning(late.shape[1]))))
    bands = spectrum[200:9_200].reshape(-1, 100).sum(axis=1)
    assert bands.max() < 6 * np.median(bands)


def test_long_and_short_rooms_are_equally_loud() -> None:
    sound = noise(6 * RATE)
    levels = [level_db(run(Reverb(decay_s=decay, mix=1), sound)[:, 4 * RATE :]) for decay in (0.4, 6)]
    assert abs(levels[0] - levels[1]) < 3
