"""Loudness and true peak against the standard's own signals and an implementation that is not ours."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from fanstudio.audio.gating import k_weighting
from fanstudio.audio.loudness import LoudnessMeter
from tests.support.sounds import noise


def measure(sound: np.ndarray, rate: int, block: int = 10_000) -> LoudnessMeter:
    meter = LoudnessMeter(rate, len(sound))
    for start in range(0, sound.shape[1], block):
        meter.add(sound[:, start : start + block])
    return meter


def tone(hz: float, level_db: float, seconds: float, rate: int = 48_000, channels: int = 2) -> np.ndarray:
    time = np.arange(int(seconds * rate)) / rate
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * time)
    return np.stack([wave] * channels).astype(np.float32)


def test_the_filters_are_the_standards_at_48_khz() -> None:
    shelf, high_pass = k_weighting(48_000)
    assert shelf == pytest.approx(
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585],
        abs=1e-8,
    )
    assert high_pass == pytest.approx([1, -2, 1, 1, -1.99004745483398, 0.99007225036621], abs=1e-8)


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_ebu_tech_3341_cases_1_and_2(level: float) -> None:
    assert measure(tone(1_000, level, 20), 48_000).integrated_lufs == pytest.approx(level, abs=0.1)


def test_ebu_tech_3341_case_3_gates_the_quiet_ends() -> None:
    parts = [tone(1_000, -36, 10), tone(1_000, -23, 60), tone(1_000, -36, 10)]
    assert measure(np.concatenate(parts, axis=1), 48_000).integrated_lufs == pytest.approx(-23, abs=0.1)


def test_a_mono_sine_at_full_scale_is_minus_3_lufs() -> None:
    assert measure(tone(997, 0, 5, channels=1), 48_000).integrated_lufs == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize(("rate", "off_lu"), [(22_050, 0.2), (44_100, 0.06), (48_000, 0.06), (96_000, 0.06)])
@pytest.mark.parametrize("channels", [1, 2])
def test_another_implementation_agrees(rate: int, off_lu: float, channels: int) -> None:
    sound = noise(rate * 8, channels)
    sound[:, rate * 4 :] *= 0.02
    theirs = pyloudnorm.Meter(rate).integrated_loudness(sound.T.astype(np.float64))
    assert measure(sound, rate).integrated_lufs == pytest.approx(theirs, abs=off_lu)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 192_000])
def test_true_peak_sees_between_the_samples(rate: int) -> None:
    time = np.arange(rate) / rate
    wave = 0.5 * np.sin(2 * np.pi * rate / 4 * time + np.pi / 4) * np.hanning(rate)
    meter = measure(wave[None].astype(np.float32), rate)
    assert meter.true_peak_dbtp == pytest.approx(-6.02, abs=0.15 if rate < 192_000 else 3.1)


def test_true_peak_agrees_with_plain_oversampling() -> None:
    sound = noise(48_000)
    plain = 20 * math.log10(np.abs(signal.resample_poly(sound.astype(np.float64), 16, 1, axis=1)).max())
    assert measure(sound, 48_000).true_peak_dbtp == pytest.approx(plain, abs=0.05)


@pytest.mark.parametrize("block", [1, 13, 800, 16_000])
def test_block_size_does_not_matter(block: int) -> None:
    sound = noise(4_000)
    whole, cut = measure(sound, 8_000, 4_000), measure(sound, 8_000, block)
    assert cut.integrated_lufs == pytest.approx(whole.integrated_lufs, abs=1e-9)
    assert cut.true_peak_dbtp == pytest.approx(whole.true_peak_dbtp, abs=1e-6)


def test_silence_and_snippets_have_no_loudness() -> None:
    silent = measure(np.zeros((2, 48_000), np.float32), 48_000)
    assert silent.integrated_lufs == -math.inf
    assert silent.true_peak_dbtp == -math.inf
    assert measure(noise(4_000), 48_000).integrated_lufs == -math.inf
    assert LoudnessMeter(48_000, 2).integrated_lufs == -math.inf


def test_memory_does_not_grow_with_length() -> None:
    meter = LoudnessMeter(8_000, 1)
    second = noise(8_000, 1)
    sizes = []
    for _ in range(2):
        for _ in range(100):
            meter.add(second)
        sizes.append(len(pickle.dumps(meter.__dict__["_mean"])))
    assert sizes[1] == sizes[0]


def test_a_loudness_beyond_all_scales_is_still_a_number() -> None:
    assert measure(1e6 * noise(16_000, 1), 8_000).integrated_lufs > 90
