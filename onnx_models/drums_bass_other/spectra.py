"""The transform that training and the program share, and how spectra lie on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.fft
from numpy.typing import NDArray

N_FFT, HOP, RATE = 4096, 1024, 44_100
_WINDOW = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)).astype(np.float32)

Samples = NDArray[np.float32]


def transform(samples: Samples) -> NDArray[np.complex64]:
    """Return the spectra `(channels, frames, bins)` of samples `(channels, frames)`."""
    padded = np.pad(samples.astype(np.float32), ((0, 0), (N_FFT - HOP, N_FFT)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT, axis=1)[:, ::HOP]
    return np.stack([scipy.fft.rfft(channel * _WINDOW) for channel in frames]).astype(np.complex64)


def save(folder: Path, name: str, stems: dict[str, Samples]) -> None:
    """Write each stem's spectra as `NAME.STEM.npy`, float16 `(channels, frames, bins, real | imaginary)`."""
    for stem, samples in stems.items():
        spectra = transform(samples)
        part = folder / f"{name}.{stem}.part"
        with part.open("wb") as stream:
            np.save(stream, np.stack([spectra.real, spectra.imag], axis=-1).astype(np.float16))
        part.rename(folder / f"{name}.{stem}.npy")
