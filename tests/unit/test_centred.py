"""The centred transform is the one that MDX-Net's makers used."""

import numpy as np
import pytest

from fanstudio.inference.centred import CentredStft


def noise(length, seed=0):
    return np.random.default_rng(seed).standard_normal((2, length)).astype(np.float32)


@pytest.mark.parametrize(("n_fft", "hop"), [(256, 64), (240, 32), (160, 37)])
def test_there_and_back(n_fft, hop):
    stft = CentredStft(n_fft, hop, 30)
    chunk = noise(stft.size)
    spectra = stft.analyse(chunk)
    assert spectra.shape == (2, 30, n_fft // 2 + 1)
    assert np.abs(stft.synthesise(spectra) - chunk).max() < 1e-5


def test_frames_are_centred_on_multiples_of_the_hop_and_mirrored_at_the_ends():
    stft = CentredStft(256, 64, 20)
    chunk = noise(stft.size)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(256) / 256)
    spectra = stft.analyse(chunk)
    inner = np.fft.rfft(chunk[:, 5 * 64 - 128 : 5 * 64 + 128] * window)
    assert np.abs(spectra[:, 5] - inner).max() < 1e-4
    mirrored = np.concatenate([chunk[:, 128:0:-1], chunk[:, :128]], axis=1)
    assert np.abs(spectra[:, 0] - np.fft.rfft(mirrored * window)).max() < 1e-4
