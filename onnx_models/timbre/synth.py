"""The synthesiser as a function that training can differentiate, and how far two sounds are apart."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fanstudio.audio.noise_bands import band_weights

RATE = 48_000
HOP = 480
#: The measure of the gate; see `log_distance`.
SIZES = (2048, 1024, 512, 256, 128, 64)
FLOOR = 1e-5
_DEEP_FLOOR = 1e-7
_NOISE_FFT = 2048
_HIGHEST_HZ = 21_000.0
_FILTERS = torch.from_numpy(band_weights(np.fft.rfftfreq(_NOISE_FFT, 1 / RATE)).astype(np.float32))


def synthesise(f0_hz: Tensor, partials: Tensor, bands: Tensor) -> Tensor:
    """Return sound `(B, (T − 1) · 480)` of f0 `(B, T)`, partials `(B, 80, T)` and bands `(B, 64, T)`."""
    return _tones(f0_hz, partials) + _noise(bands)


def _tones(f0_hz: Tensor, partials: Tensor) -> Tensor:
    hz = torch.nn.functional.interpolate(
        f0_hz[:, None].double(), size=(f0_hz.shape[1] - 1) * HOP + 1, mode="linear", align_corners=True
    )[:, 0, :-1]
    turns = torch.cumsum(hz / RATE, dim=1)
    angle = (2 * np.pi * (turns - turns.floor())).float().reshape(-1, HOP)
    count = min(partials.shape[1], int(_HIGHEST_HZ / float(f0_hz.min())))
    sines = _sines(angle, count)
    amplitudes = partials[:, :count].transpose(1, 2)
    at = torch.stack((amplitudes[:, :-1], amplitudes[:, 1:]), 2).reshape(-1, 2, count)
    both = torch.bmm(at, sines)
    share = torch.arange(HOP) / HOP
    return (both[:, 0] + share * (both[:, 1] - both[:, 0])).reshape(len(f0_hz), -1)


@torch.no_grad()
def _sines(angle: Tensor, count: int) -> Tensor:
    """Return the sines of 1 to `count` times an angle `(N, 480)`, `(N, count, 480)`, each from two before."""
    sines = torch.empty(len(angle), count, HOP)
    twice = 2 * torch.cos(angle)
    sines[:, 0] = torch.sin(angle)
    for k in range(1, count):
        torch.mul(twice, sines[:, k - 1], out=sines[:, k])
        if k > 1:
            sines[:, k] -= sines[:, k - 2]
    return sines


def _noise(bands: Tensor) -> Tensor:
    batch, _, count = bands.shape
    white = torch.randn(batch, (count + 1) * HOP)
    pieces = white.unfold(1, 2 * HOP, HOP) * torch.hann_window(2 * HOP)
    spectra = torch.fft.rfft(pieces, _NOISE_FFT) * torch.einsum("bct,cf->btf", bands, _FILTERS)
    shaped = torch.fft.irfft(spectra, _NOISE_FFT)[:, :, : 2 * HOP].transpose(1, 2)
    sound = torch.nn.functional.fold(shaped, (1, (count + 1) * HOP), (1, 2 * HOP), stride=(1, HOP))
    return sound[:, 0, 0, HOP : count * HOP]


def log_distance(
    ours: Tensor, wanted: Tensor, sizes: tuple[int, ...] = SIZES, floor: float = FLOOR
) -> Tensor:
    """Return the mean of |ln(|X| + floor) − ln(|Y| + floor)| over bins and frames, then over FFT sizes.

    |X| are magnitudes under a Hann window, a quarter of it from one to the next, scaled so that a sine
    has its amplitude. Sounds are `(B, frames)` with loud places at about −20 dB (A).
    """
    return torch.stack([_log_off(*_magnitudes(ours, wanted, size), floor) for size in sizes]).mean()


def both_distances(ours: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Return `log_distance`, halfway to one with a floor of −140 dB, and how far magnitudes are apart."""
    logs, linear = [], []
    for size in SIZES:
        x, y = _magnitudes(ours, wanted, size)
        logs.append((_log_off(x, y, FLOOR) + _log_off(x, y, _DEEP_FLOOR)) / 2)
        linear.append((x - y).abs().sum(1).mean())
    return torch.stack(logs).mean(), torch.stack(linear).mean()


def _magnitudes(ours: Tensor, wanted: Tensor, size: int) -> tuple[Tensor, Tensor]:
    window = torch.hann_window(size)
    x, y = (
        torch.stft(each, size, size // 4, window=window, return_complex=True).abs() * (2 / window.sum())
        for each in (ours, wanted)
    )
    return x, y


def _log_off(x: Tensor, y: Tensor, floor: float) -> Tensor:
    return (torch.log(x + floor) - torch.log(y + floor)).abs().mean()
