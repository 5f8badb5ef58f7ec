"""The transform of one whole chunk, with frames centred on its samples as `torch.stft` has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanstudio.inference.windows import hann


@dataclass(frozen=True, slots=True)
class CentredStft:
    """A transform of `frames` spectra, `hop` apart, of a chunk of `hop * (frames - 1)` samples.

    Half a frame of the chunk, mirrored, stands before and after it (`center=True`,
    `pad_mode="reflect"`); the window is a periodic Hann, and `hop` need not divide `n_fft`.
    """

    n_fft: int
    hop: int
    frames: int

    @property
    def size(self) -> int:
        """Return how many samples a chunk has."""
        return self.hop * (self.frames - 1)

    @property
    def bins(self) -> int:
        """Return how many bins a frame has."""
        return self.n_fft // 2 + 1

    def analyse(self, chunks: NDArray[np.float32]) -> NDArray[np.complex64]:
        """Return spectra `(…, frames, bins)` of chunks `(…, size)`."""
        half = self.n_fft // 2
        padding = [(0, 0)] * (chunks.ndim - 1) + [(half, half)]
        padded = np.pad(chunks, padding, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, self.n_fft, axis=-1)
        spectra = np.fft.rfft(frames[..., :: self.hop, :] * hann(self.n_fft))
        return spectra.astype(np.complex64, copy=False)

    def synthesise(self, spectra: NDArray[np.complex64]) -> NDArray[np.float32]:
        """Return chunks `(…, size)`; the sum of the squared windows is divided out."""
        window = hann(self.n_fft)
        frames = np.fft.irfft(spectra, self.n_fft).astype(np.float32, copy=False) * window
        power = self._add(np.broadcast_to(window**2, (self.frames, self.n_fft)))
        half = self.n_fft // 2
        inner = slice(half, half + self.size)
        return (self._add(frames)[..., inner] / power[inner]).astype(np.float32, copy=False)

    def _add(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Add frames `(…, frames, n_fft)` at their places, `hop` apart."""
        parts = -(-self.n_fft // self.hop)
        *outer, count, _ = frames.shape
        padded = np.zeros((*outer, count, parts * self.hop), np.float32)
        padded[..., : self.n_fft] = frames
        pieces = padded.reshape(*outer, count, parts, self.hop)
        joined = np.zeros((*outer, count + parts - 1, self.hop), np.float32)
        for part in range(parts):
            joined[..., part : part + count, :] += pieces[..., part, :]
        return joined.reshape(*outer, -1)
