"""The kind `complex`: the real and imaginary parts of spectra in, those of a stem out (MDX-Net)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fanstudio.inference.centred import CentredStft
from fanstudio.inference.grid import Grid
from fanstudio.inference.kinds import Infer, Task
from fanstudio.inference.table import Table
from fanstudio.inference.windowed import CHANNELS, WindowEstimator


@dataclass(frozen=True, slots=True)
class ComplexSpectrum:
    """Chunks of `stft.frames` spectra, the lowest `bins` of each but the first `low_cut_bins`.

    As Ultimate Vocal Remover does it (`separate.py`, `SeperateMDX`; `lib_v5/tfc_tdf_v3.py`, `STFT`):
    half a frame at either end of what comes back is thrown away, the rest multiplied by `compensate`.
    Bins above those the net sees are silent in the stem. `overlap` is a share of what is kept.
    """

    stft: CentredStft
    bins: int
    low_cut_bins: int
    overlap: float
    compensate: float

    @property
    def window(self) -> tuple[int, ...]:
        """Return (left real, left imaginary, right real, right imaginary; bins; frames)."""
        return 2 * CHANNELS, self.bins, self.stft.frames

    @property
    def layout(self) -> tuple[int, ...]:
        """Return (batch, parts, bins, frames)."""
        return 0, 1, 2, 3

    @property
    def cells(self) -> int:
        """Return the size of a chunk's spectra."""
        return 2 * CHANNELS * self.stft.frames * self.stft.bins

    @property
    def grid(self) -> Grid:
        """Return where the chunks lie."""
        trim = self.stft.n_fft // 2
        kept = self.stft.size - 2 * trim
        fade = int(kept * self.overlap)
        return Grid(size=self.stft.size, step=kept - fade, lead=trim, fade=fade)

    def finer(self) -> ComplexSpectrum:
        """Return the same with twice the overlap, at least a quarter and at most half."""
        return replace(self, overlap=min(0.5, max(0.25, 2 * self.overlap)))

    def start(self, task: Task, infer: Infer) -> WindowEstimator:
        """Return an estimator for one stream."""

        def estimate(chunks: NDArray[np.float32]) -> NDArray[np.float32]:
            rows = infer(self._analyse(chunks))[:, list(task.rows)]
            return self._synthesise(rows)

        return WindowEstimator(self.grid, task, estimate)

    def _analyse(self, chunks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return `(batch, 4, bins, frames)` for chunks `(batch, 2, size)`."""
        spectra = self.stft.analyse(chunks)[..., : self.bins].swapaxes(-1, -2)
        parts = np.stack([spectra.real, spectra.imag], axis=2)
        parts[..., : self.low_cut_bins, :] = 0
        return parts.reshape(len(chunks), *self.window)

    def _synthesise(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what is kept of the chunks, `(batch, rows, 2, size - n_fft)`."""
        batch, count = rows.shape[:2]
        parts = rows.reshape(batch, count, CHANNELS, 2, *self.window[1:]).swapaxes(-1, -2)
        spectra = np.zeros((batch, count, CHANNELS, self.stft.frames, self.stft.bins), np.complex64)
        spectra.real[..., : self.bins] = parts[:, :, :, 0]
        spectra.imag[..., : self.bins] = parts[:, :, :, 1]
        trim = self.stft.n_fft // 2
        return self.stft.synthesise(spectra)[..., trim:-trim] * np.float32(self.compensate)


def read(table: Table) -> ComplexSpectrum:
    """Read the settings of a manifest of this kind."""
    source, transform = table.table("input"), table.table("stft")
    n_fft = transform.integer("n_fft", 64, 65536)
    hop = transform.integer("hop", 16, n_fft // 4)
    transform.choice("window", ("hann",))
    frames = source.integer("frames", 1, 8192)
    if n_fft % 2 or hop * (frames - 1) <= n_fft:
        raise source.wrong("frames", "are too few for n_fft, or n_fft is odd")
    return ComplexSpectrum(
        stft=CentredStft(n_fft, hop, frames),
        bins=transform.integer("bins", 1, n_fft // 2 + 1),
        low_cut_bins=transform.integer("low_cut_bins", 0, 64) if transform.has("low_cut_bins") else 0,
        overlap=source.number("overlap", 0.0, 0.5) if source.has("overlap") else 0.0,
        compensate=table.table("post").number("compensate", 0.1, 10.0),
    )
