"""Sixteen bits with dither: nothing of the rounding is left in the sound but steady noise."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.quantise import Dithered16, Rounded24

RATE = 44_100
STEP = 2.0**-15


def spectrum_db(sound: np.ndarray) -> np.ndarray:
    """Return the level of each bin in dB of full scale, averaged over windows of a second."""
    windows = sound[: len(sound) // RATE * RATE].reshape(-1, RATE) * np.hanning(RATE)
    power = np.square(np.abs(np.fft.rfft(windows, axis=1))).mean(axis=0)
    return 10 * np.log10(power * (4 / RATE) ** 2 + 1e-30)


def test_a_sine_at_minus_100_db_is_there_without_harmonics() -> None:
    time = np.arange(40 * RATE) / RATE
    sine = (1e-5 * np.sin(2 * np.pi * 1_000 * time)).astype(np.float32)
    assert not np.rint(sine / STEP).any(), "rounding alone would leave nothing of it"
    out = Dithered16(1).integers(sine[None])[:, 0] * STEP
    bins = spectrum_db(out)
    assert bins[1_000] == pytest.approx(-100, abs=0.5)
    floor = np.median(bins)
    spread = np.percentile(bins, 99.9) - floor
    for harmonic in range(2, 21):
        assert bins[1_000 * harmonic] < floor + spread
    assert np.delete(bins[100:], range(895, 906)).max() < -130


@pytest.mark.parametrize("level", [0.0, 0.25, 0.5, 0.93, 1_000.5, -7.77])
def test_the_error_has_no_mean_and_the_same_power_at_any_level(level: float) -> None:
    frames = 1 << 19
    block = np.full((2, frames), level * STEP, np.float32)
    error = Dithered16(3).integers(block) - level
    assert np.abs(error.mean(axis=0)).max() < 5 * np.sqrt(0.25 / frames)
    assert error.var() == pytest.approx(0.25, rel=0.01)
    assert np.abs(error).max() <= 1.5
    left, right = error.T
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.01
    assert abs(np.corrcoef(left[1:], left[:-1])[0, 1]) < 0.01


@pytest.mark.parametrize("channels", [1, 2])
def test_the_dither_is_the_seeds_at_any_block_size(channels: int) -> None:
    block = np.zeros((channels, 5_000), np.float32)
    whole = Dithered16(7).integers(block)
    again = Dithered16(7)
    cut = [again.integers(block[:, at : at + 333]) for at in range(0, 5_000, 333)]
    assert np.array_equal(np.concatenate(cut), whole)
    assert not np.array_equal(Dithered16(8).integers(block), whole)
    assert whole.any(), "silence is dithered as well"


def test_full_scale_and_beyond_clip() -> None:
    block = np.array([[1, -1, 1.5, -9, 1e9, -np.inf, 0.5]], np.float32)
    assert Rounded24().integers(block)[:, 0].tolist() == [
        *(2**23 - 1, -(2**23), 2**23 - 1, -(2**23), 2**23 - 1, -(2**23)),
        2**22,
    ]
    for level, full_scale in ((9, 32_767), (1e9, 32_767), (-9, -32_768), (-np.inf, -32_768)):
        assert (Dithered16(0).integers(np.full((1, 100), level, np.float32)) == full_scale).all()


def test_24_bits_are_rounded_to_the_nearest() -> None:
    values = np.random.default_rng(1).integers(-(2**23), 2**23, 10_000)
    block = (values / 2.0**23).astype(np.float32)[None]
    assert np.array_equal(Rounded24().integers(block)[:, 0], values)
