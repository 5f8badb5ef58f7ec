"""Filtered noise has the spectrum it is asked for, at every rate, and is a function of the place alone."""

import numpy as np
import pytest

from fanstudio.audio.noise_bands import (
    BANDS,
    HIGHEST_HZ,
    MARGIN_CONTROLS,
    band_weights,
    centres_hz,
    render_noise,
)


def density(sound, rate, size=4096):
    """Power for each 1 / 24000 in a Hertz, and its frequencies."""
    windows = np.lib.stride_tricks.sliding_window_view(sound[0], size)[:: size // 2] * np.hanning(size)
    power = np.square(np.abs(np.fft.rfft(windows, axis=1))).mean(axis=0)
    return np.fft.rfftfreq(size, 1 / rate), power * HIGHEST_HZ * 2 / rate / np.square(np.hanning(size)).sum()


def test_bands_cover_everything_once():
    hz = np.linspace(0, HIGHEST_HZ, 5000)
    weights = band_weights(hz)
    assert weights.shape == (BANDS, 5000)
    np.testing.assert_allclose(weights.sum(axis=0), 1, atol=1e-9)
    assert (band_weights(centres_hz()).argmax(axis=0) == np.arange(BANDS)).all()
    assert not band_weights(np.array([HIGHEST_HZ + 1])).any()


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 96_000])
def test_the_spectrum_is_the_one_asked_for(rate):
    magnitudes = 10 ** (-np.arange(BANDS) / 40)
    bands = np.repeat(magnitudes[:, None], 500, axis=1).astype(np.float32)
    hz, found = density(render_noise(bands, 0, 0, 5 * rate, rate), rate)
    wanted = np.square(magnitudes @ band_weights(hz))
    inside = (hz > 100) & (hz < min(0.48 * rate, 23_000))
    smooth = np.ones(40) / 40
    off_db = 10 * np.log10(np.convolve(found[inside] / wanted[inside], smooth, "valid"))
    assert np.abs(off_db).max() < 1.6
    assert abs(off_db.mean()) < 0.2
    if rate > 2 * HIGHEST_HZ:
        assert found[hz > 25_000].max() < 1e-6


def test_one_band_alone_leaves_the_others_quiet():
    bands = np.zeros((BANDS, 300), np.float32)
    bands[40] = 1
    hz, found = density(render_noise(bands, 0, 0, 144_000, 48_000), 48_000)
    centre = centres_hz()[40]
    assert found[np.abs(hz - centre) < 100].mean() > 0.5
    assert found[np.abs(hz - centre) > 1500].max() < 1e-4


@pytest.mark.parametrize("rate", [8_000, 11_025, 48_000])
def test_any_range_gives_the_same(rate):
    bands = np.random.default_rng(0).random((BANDS, 300)).astype(np.float32)
    frames = 299 * rate // 100
    whole = render_noise(bands, 0, 0, frames, rate)
    for start, stop in ((0, 1), (1, rate), (rate // 3, rate // 2), (2 * rate, frames)):
        low = max(0, start * 100 // rate - MARGIN_CONTROLS)
        high = min(300, stop * 100 // rate + MARGIN_CONTROLS + 1)
        part = render_noise(bands[:, low:high], low, start, stop, rate)
        np.testing.assert_allclose(part, whole[:, start:stop], atol=1e-5)


def test_noise_comes_and_goes_without_a_click():
    bands = np.zeros((BANDS, 300), np.float32)
    bands[5, 100:200] = 1
    sound = render_noise(bands, 0, 0, 144_000, 48_000)
    hz, found = density(sound, 48_000, 512)
    assert found[hz > 6000].max() < 1e-4 * found.max()
    assert np.abs(sound[0, :45_000]).max() < 1e-3 * np.abs(sound).max()


def test_seeds_differ_and_none_repeats():
    bands = np.ones((BANDS, 2), np.float32)
    first, again = (render_noise(bands, 0, 0, 100_000, 48_000, seed=1) for _ in range(2))
    assert np.array_equal(first, again)
    other = render_noise(bands, 0, 0, 100_000, 48_000, seed=2)
    assert abs(np.corrcoef(first[0], other[0])[0, 1]) < 0.02
    assert abs(np.corrcoef(first[0, :32_768], first[0, 32_768:65_536])[0, 1]) < 0.02


def test_no_frames_are_no_noise():
    assert render_noise(np.ones((BANDS, 3), np.float32), 0, 5, 5, 48_000).shape == (1, 0)
