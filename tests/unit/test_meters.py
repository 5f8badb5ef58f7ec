"""The master meter against the standard's signals, pyloudnorm and, where it is installed, FFmpeg."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from fanstudio.audio.meters import LoudnessReading, MasterMeter
from tests.support.ebur128 import ebur128, needs_ffmpeg
from tests.support.sounds import Floats, noise

RATE = 48_000


def metered(sound: Floats, rate: int = RATE, block: int = 1_024) -> LoudnessReading:
    meter = MasterMeter(rate)
    for start in range(0, sound.shape[1], block):
        meter.push(sound[:, start : start + block])
    return meter.reading()


def tone(level_db: float, seconds: float, rate: int = RATE) -> Floats:
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * 1_000 / rate * np.arange(round(seconds * rate)))
    return np.stack((wave, wave)).astype(np.float32)


def music(rate: int = RATE, seconds: int = 12) -> Floats:
    """Return noise whose level moves by 40 dB, its right side softer."""
    sound = noise(seconds * rate, seed=3)
    time = np.arange(sound.shape[1]) / rate
    sound *= (10 ** (-1 + np.sin(time * 1.3))).astype(np.float32) * 0.5
    sound[1] *= 0.6
    return sound


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_integrated_agrees_with_another_implementation(rate: int) -> None:
    sound = music(rate)
    theirs = pyloudnorm.Meter(rate).integrated_loudness(sound.T.astype(np.float64))
    assert metered(sound, rate).integrated_lufs == pytest.approx(theirs, abs=0.1)


@pytest.mark.parametrize("sounding", [0.7, 2.9])
def test_a_tone_is_as_loud_in_every_window_once_it_fills_it(sounding: float) -> None:
    reading = metered(tone(-23, sounding))
    assert reading.momentary_lufs == pytest.approx(-23, abs=0.05)
    assert reading.integrated_lufs == pytest.approx(-23, abs=0.05)
    assert reading.short_term_lufs == -math.inf
    assert metered(tone(-23, 3.1)).short_term_lufs == pytest.approx(-23, abs=0.05)


def test_windows_forget_what_is_over() -> None:
    silent = np.zeros((2, RATE), np.float32)
    reading = metered(np.concatenate((tone(-20, 4), silent), axis=1))
    assert reading.momentary_lufs < -100
    assert reading.short_term_lufs == pytest.approx(-20 + 10 * math.log10(2 / 3), abs=0.05)
    assert reading.integrated_lufs == pytest.approx(-20, abs=0.3)


def test_peaks_stand_by_side_and_between_the_samples() -> None:
    sound = np.zeros((2, RATE), np.float32)
    # A sine at a quarter of the rate, an eighth of a turn late: all its samples are 3 dB under its peak.
    sound[0] = 0.5 * np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4) * np.hanning(RATE)
    sound[1, 100] = -0.25
    reading = metered(sound)
    assert reading.sample_peaks_dbfs == pytest.approx((-9.03, -12.04), abs=0.01)
    assert reading.true_peak_dbtp == pytest.approx(-6.02, abs=0.15)


@pytest.mark.parametrize("block", [1, 999, 8_192])
def test_block_size_does_not_matter(block: int) -> None:
    sound = music(8_000, 4)
    whole, cut = metered(sound, 8_000, sound.shape[1]), metered(sound, 8_000, block)
    assert cut.momentary_lufs == pytest.approx(whole.momentary_lufs, abs=1e-9)
    assert cut.short_term_lufs == pytest.approx(whole.short_term_lufs, abs=1e-9)
    assert cut.integrated_lufs == pytest.approx(whole.integrated_lufs, abs=1e-9)
    assert cut.true_peak_dbtp == pytest.approx(whole.true_peak_dbtp, abs=1e-5)
    assert cut.sample_peaks_dbfs == whole.sample_peaks_dbfs


def test_nothing_silence_and_a_reset_read_as_nothing() -> None:
    meter = MasterMeter(RATE)
    assert meter.reading() == LoudnessReading()
    meter.push(np.zeros((2, 5 * RATE), np.float32))
    assert meter.reading() == LoudnessReading()
    meter.push(tone(-10, 1))
    assert meter.reading() != LoudnessReading()
    meter.reset()
    assert meter.reading() == LoudnessReading()


def test_what_is_not_a_number_spoils_nothing() -> None:
    meter = MasterMeter(RATE)
    meter.push(np.array([[np.nan, np.inf, 0.25], [0, -np.inf, 0]], np.float32))
    meter.push(tone(-23, 1))
    reading = meter.reading()
    assert reading.momentary_lufs == pytest.approx(-23, abs=0.05)
    assert reading.sample_peaks_dbfs == pytest.approx((-12.04, -23), abs=0.01)


def test_memory_does_not_grow_with_length() -> None:
    meter, second, sizes = MasterMeter(8_000), noise(8_000), []
    for _ in range(3):
        for _ in range(60):
            meter.push(second)
        kept = (meter.__dict__[name] for name in ("_gated", "_steps", "_recent"))
        sizes.append(sum(len(pickle.dumps(part)) for part in kept))
    assert sizes[0] == sizes[1] == sizes[2]


@needs_ffmpeg
def test_ffmpeg_reads_the_same(tmp_path: Path) -> None:
    path, sound = tmp_path / "music.wav", music()
    soundfile.write(path, sound.T, RATE, "FLOAT")
    theirs, reading = ebur128(path), metered(sound)
    assert reading.integrated_lufs == pytest.approx(theirs.integrated, abs=0.1)
    assert reading.true_peak_dbtp == pytest.approx(theirs.true_peak, abs=0.1)
    assert reading.momentary_lufs == pytest.approx(theirs.momentary, abs=0.1)
    assert reading.short_term_lufs == pytest.approx(theirs.short_term, abs=0.1)
