"""The transform gives back what it took, whatever the blocks."""

import numpy as np
import pytest

from fanstudio.inference.windows import Analyser, Joiner, Stft, Synthesiser, hann

STFT = Stft(256, 64)


def noise(length, channels=2, seed=0):
    return np.random.default_rng(seed).standard_normal((channels, length)).astype(np.float32)


def analyse(samples, block):
    analyser = Analyser(STFT, samples.shape[0])
    parts = [analyser.push(samples[:, i : i + block]) for i in range(0, samples.shape[1], block)]
    return np.concatenate([*parts, analyser.flush()], axis=1)


@pytest.mark.parametrize("length", [1, 2, 63, 64, 65, 255, 256, 257, 4097])
def test_transform_and_back_is_the_identity(length):
    samples = noise(length)
    spectra = analyse(samples, 1000)
    assert spectra.shape == (2, STFT.count_frames(length), STFT.bins)
    back = Synthesiser(STFT, 2).push(spectra)[:, :length]
    assert np.abs(back - samples).max() < 1e-5


def test_blocks_do_not_matter():
    samples = noise(1500, channels=1)
    whole = analyse(samples, 1500)
    for block in (1, 7, 64, 1000):
        assert np.abs(analyse(samples, block) - whole).max() < 1e-5


def test_synthesis_in_parts_is_synthesis_at_once():
    spectra = analyse(noise(1500), 1500)
    whole = Synthesiser(STFT, 2).push(spectra)
    synthesiser = Synthesiser(STFT, 2)
    parts = [synthesiser.push(spectra[:, i : i + 3]) for i in range(0, spectra.shape[1], 3)]
    assert np.abs(np.concatenate(parts, axis=1) - whole).max() < 1e-6


def test_spectrum_is_that_of_the_centred_frame():
    samples = noise(640, channels=1)
    start = 3 * STFT.hop - STFT.lead + STFT.lead
    direct = np.fft.rfft(samples[0, start : start + STFT.n_fft] * hann(STFT.n_fft))
    index = (start + STFT.lead) // STFT.hop
    assert np.abs(analyse(samples, 640)[0, index] - direct).max() < 1e-3


@pytest.mark.parametrize("overlap", [0, 1, 4])
def test_joined_windows_keep_what_they_agree_on(overlap):
    rows = np.arange(40, dtype=np.float32)[None, :, None] * np.ones((1, 1, 3), np.float32)
    joiner, parts, start = Joiner(overlap), [], 0
    while start + 10 < 40:
        parts.append(joiner.push(rows[:, start : start + 10], last=False))
        start += 10 - overlap
    parts.append(joiner.push(rows[:, start:], last=True))
    assert np.array_equal(np.concatenate(parts, axis=1), rows)


def test_cross_fade_is_gradual_and_symmetric():
    joiner = Joiner(4)
    joiner.push(np.zeros((1, 8, 1), np.float32), last=False)
    faded = joiner.push(np.ones((1, 8, 1), np.float32), last=True)[0, :, 0]
    assert np.allclose(faded, [0.125, 0.375, 0.625, 0.875, 1, 1, 1, 1])


def test_last_window_may_be_shorter_than_the_overlap():
    joiner = Joiner(4)
    joiner.push(np.zeros((1, 8, 1), np.float32), last=False)
    assert joiner.push(np.ones((1, 2, 1), np.float32), last=True).shape == (1, 2, 1)
