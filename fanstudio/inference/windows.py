"""Streaming short-time Fourier transform, its inverse, and the joining of windows of frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def hann(length: int) -> NDArray[np.float32]:
    """Return the periodic Hann window."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Stft:
    """A transform with a periodic Hann window; `hop` divides `n_fft` at least four times."""

    n_fft: int
    hop: int

    @property
    def bins(self) -> int:
        """Return how many bins a frame has."""
        return self.n_fft // 2 + 1

    @property
    def lead(self) -> int:
        """Return how many zeros stand before the first sample, so that every sample is fully covered."""
        return self.n_fft - self.hop

    def count_frames(self, length_frames: int) -> int:
        """Return how many spectra cover `length_frames` samples."""
        return -(-(length_frames + self.lead) // self.hop)


class Analyser:
    """Turns blocks of samples `(channels, n)` into spectra `(channels, frames, bins)`."""

    def __init__(self, stft: Stft, channels: int, *, at_start: bool = True) -> None:
        """Start before the first sample of a song, or of a frame in its middle."""
        self._stft = stft
        self._window = hann(stft.n_fft)
        self._lead = stft.lead if at_start else 0
        self._waiting = np.zeros((channels, self._lead), np.float32)
        self._length_frames = 0
        self._spectra = 0

    def push(self, block: NDArray[np.float32]) -> NDArray[np.complex64]:
        """Return the spectra, maybe none, that `block` completes."""
        self._length_frames += block.shape[1]
        return self._transform(block)

    def flush(self) -> NDArray[np.complex64]:
        """Return the last spectra, of frames that reach beyond the end; zeros stand there."""
        missing = -(-(self._lead + self._length_frames) // self._stft.hop) - self._spectra
        wanted = (missing - 1) * self._stft.hop + self._stft.n_fft if missing else 0
        channels, waiting = self._waiting.shape
        return self._transform(np.zeros((channels, max(0, wanted - waiting)), np.float32))

    def _transform(self, block: NDArray[np.float32]) -> NDArray[np.complex64]:
        n_fft, hop = self._stft.n_fft, self._stft.hop
        samples = np.concatenate([self._waiting, block], axis=1)
        count = max(0, (samples.shape[1] - n_fft) // hop + 1)
        self._waiting = samples[:, count * hop :]
        self._spectra += count
        if not count:
            return np.zeros((samples.shape[0], 0, self._stft.bins), np.complex64)
        frames = np.lib.stride_tricks.sliding_window_view(samples, n_fft, axis=1)[:, ::hop]
        return np.fft.rfft(frames * self._window).astype(np.complex64, copy=False)


class Synthesiser:
    """Turns spectra `(channels, frames, bins)` back into samples, aligned with the analyser's input."""

    def __init__(self, stft: Stft, channels: int, *, at_start: bool = True) -> None:
        """Start before the first sample of a song, or of a frame in its middle."""
        self._stft = stft
        window = hann(stft.n_fft)
        power = float(np.sum(window.astype(np.float64) ** 2)) / stft.hop
        self._window = (window / power).astype(np.float32)
        self._tail = np.zeros((channels, stft.lead), np.float32)
        self._skip = stft.lead if at_start else 0

    def push(self, spectra: NDArray[np.complex64]) -> NDArray[np.float32]:
        """Return the samples, `hop` for each spectrum, that are now complete."""
        n_fft, hop = self._stft.n_fft, self._stft.hop
        channels, count, _ = spectra.shape
        frames = np.fft.irfft(spectra, n_fft).astype(np.float32, copy=False) * self._window
        parts = frames.reshape(channels, count, n_fft // hop, hop)
        joined = np.zeros((channels, count + n_fft // hop - 1, hop), np.float32)
        for part in range(n_fft // hop):
            joined[:, part : part + count] += parts[:, :, part]
        samples = joined.reshape(channels, -1)
        samples[:, : self._stft.lead] += self._tail
        self._tail = samples[:, count * hop :].copy()
        skipped = min(self._skip, count * hop)
        self._skip -= skipped
        return samples[:, skipped : count * hop]


class Joiner:
    """Cross-fades values of overlapping windows along their frame axis, the last but one."""

    def __init__(self, overlap: int) -> None:
        """Start before the first window; neighbours share `overlap` frames."""
        self._overlap = overlap
        self._ramp = ((np.arange(overlap) + 0.5) / max(1, overlap)).astype(np.float32)[:, None]
        self._held: NDArray[np.float32] | None = None

    def push(self, values: NDArray[np.float32], *, last: bool) -> NDArray[np.float32]:
        """Return the frames that are settled: all but the shared ones, and those too if `last`."""
        if self._held is not None and self._overlap:
            head = values[..., : self._overlap, :]
            held = self._held[..., : head.shape[-2], :]
            ramp = self._ramp[: head.shape[-2]]
            values = np.concatenate([held + (head - held) * ramp, values[..., self._overlap :, :]], axis=-2)
        end = values.shape[-2] if last else values.shape[-2] - self._overlap
        self._held = values[..., end:, :].copy()
        return values[..., :end, :]
