"""The limiter: its ceiling against plain oversampling, and that nothing else is heard of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from fanstudio.audio.effects.limiter import GainReduction, Limiter
from tests.support.effects import distortion_db, raw, run, tone
from tests.support.sounds import Floats, noise


def true_peak_db(sound: Floats) -> float:
    up = signal.resample_poly(sound.astype(np.float64), 16, 1, axis=1)
    return float(20 * np.log10(np.abs(up).max()))


def hits(rate: int, seconds: float, channels: int = 2, every_s: float = 0.5) -> Floats:
    """Quiet noise with loud, short hits."""
    sound = noise(int(seconds * rate), channels, seed=3, peak=0.1)
    for start in range(0, sound.shape[1], int(every_s * rate)):
        length = min(int(0.02 * rate), sound.shape[1] - start)
        sound[:, start : start + length] *= 20 * np.hanning(2 * length)[length:]
    return sound.astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_no_peak_passes_the_ceiling(rate: int, channels: int) -> None:
    limited = run(Limiter(drive_db=6), hits(rate, 1.5, channels), rate)
    assert -1.2 < true_peak_db(limited) <= -1.0


def test_the_hardest_signals_stay_within_what_four_times_the_rate_can_see() -> None:
    white = np.random.default_rng(0).normal(size=(2, 48_000)).astype(np.float32)
    square = np.sign(tone(997, 0, 1, channels=2))
    for sound in (white, square):
        assert true_peak_db(run(Limiter(drive_db=10), sound)) <= -0.7


def test_what_lies_under_the_ceiling_passes_untouched() -> None:
    sound = noise(20_000)
    assert np.array_equal(run(Limiter(), sound), sound)


@pytest.mark.parametrize(("hz", "most_db"), [(1_000, -90), (50, -90), (40, -70)])
def test_a_tone_that_is_held_down_by_3_db_keeps_its_shape(hz: int, most_db: float) -> None:
    limited = run(Limiter(drive_db=3), tone(hz, -1, 6))
    assert np.abs(limited[:, -48_000:]).max() == pytest.approx(10 ** (-1.1 / 20), abs=1e-3)
    assert distortion_db(limited, hz) < most_db


def test_both_channels_come_down_together() -> None:
    sound = hits(48_000, 1, 1)
    sound = np.concatenate((sound, 0.25 * sound[:, ::-1] + 0.1 * sound))
    limited = run(Limiter(drive_db=9), sound)
    assert np.allclose(limited[0] * sound[1], limited[1] * sound[0], atol=1e-6)


def test_the_gain_has_no_steps() -> None:
    sound = np.full((1, 48_000), 0.1, np.float32)
    sound[:, 24_000:24_100] = 1.0
    limited = run(Limiter(ceiling_db=-12), sound)
    gains = limited / sound
    assert gains.min() < 0.26
    assert np.abs(np.diff(gains)).max() < 0.75 / 100


def test_its_latency_is_what_it_says() -> None:
    limiter = Limiter()
    limiter.prepare(48_000, 2)
    sound = noise(10_240)
    late = limiter.latency_frames
    assert np.array_equal(raw(limiter, sound)[:, late:], sound[:, :-late])


def test_a_hit_is_let_go_at_once_and_a_dense_passage_is_not_pumped() -> None:
    rate = 8_000

    def left_db(loud_s: float) -> float:
        """Return the reduction 0.15 s after so many seconds of 6 dB too much."""
        reduction = GainReduction(rate, [-6.0], 60)
        peaks = np.full(rate * 6, 0.1, np.float32)
        loud_to = rate + int(loud_s * rate)
        peaks[rate:loud_to] = 1.0
        return float(reduction.process(peaks)[0, loud_to + int(0.15 * rate)])

    assert left_db(0.01) < 1
    assert 3 < left_db(3) < 6


def test_drive_and_ceiling_change_without_a_click() -> None:
    sound = tone(100, -20, 1, channels=2)
    limiter = Limiter()
    limiter.prepare(48_000, 2)
    before = raw(limiter, sound[:, :24_064])
    limiter.configure(drive_db=12)
    after = raw(limiter, sound[:, 24_064:47_616])
    joined = np.concatenate((before, after), axis=1)
    steady = np.abs(np.diff(after[:, -9_600:])).max()
    assert np.abs(np.diff(joined)).max() < 1.05 * steady
    assert np.abs(after[:, -9_600:]).max() == pytest.approx(10 ** (-8 / 20), rel=1e-3)
