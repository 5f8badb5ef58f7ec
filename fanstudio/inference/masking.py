"""The kind `magnitude_mask`: magnitudes in, a mask for each stem out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples
from fanstudio.inference.grid import Grid
from fanstudio.inference.kinds import Infer, Task
from fanstudio.inference.table import Table
from fanstudio.inference.windows import Analyser, Joiner, Stft, Synthesiser

_TINY = 1e-20


@dataclass(frozen=True, slots=True)
class MagnitudeMask:
    """Windows of `frames` spectra, the lowest `bins` of each; neighbours share `overlap_frames`."""

    channels: int
    frames: int
    bins: int
    overlap_frames: int
    stft: Stft
    mask_power: float
    band_extension: str

    @property
    def window(self) -> tuple[int, ...]:
        """Return (channels, frames, bins)."""
        return self.channels, self.frames, self.bins

    @property
    def grid(self) -> Grid:
        """Return where the windows lie; each waits for a frame of the next, so that the last is not empty."""
        stft = self.stft
        return Grid(
            size=self.frames * stft.hop + stft.n_fft,
            step=(self.frames - self.overlap_frames) * stft.hop,
            lead=stft.lead,
            fade=self.overlap_frames * stft.hop,
        )

    def finer(self) -> MagnitudeMask:
        """Return itself: closer windows gain 0.1 dB and cost a third of the speed."""
        return self

    def start(self, task: Task, infer: Infer) -> MaskEstimator:
        """Return an estimator for one stream."""
        return MaskEstimator(self, task, infer)


def read(table: Table) -> MagnitudeMask:
    """Read the settings of a manifest of this kind."""
    source, post, transform = table.table("input"), table.table("post"), table.table("stft")
    n_fft = transform.integer("n_fft", 64, 65536)
    hop = transform.integer("hop", 16, n_fft // 4)
    if n_fft % hop:
        raise transform.wrong("hop", "does not divide n_fft")
    transform.choice("window", ("hann",))
    frames = source.integer("frames", 1, 8192)
    return MagnitudeMask(
        channels=source.integer("channels", 1, 2),
        frames=frames,
        bins=transform.integer("bins", 1, n_fft // 2 + 1),
        overlap_frames=source.integer("overlap_frames", 0, frames // 2),
        stft=Stft(n_fft, hop),
        mask_power=post.number("mask_power", 0.1, 8.0),
        band_extension=post.choice("band_extension", ("mean", "zero")),
    )


class MaskEstimator:
    """Masks the spectra of a stream window by window; masks are cross-faded where windows overlap."""

    def __init__(self, kind: MagnitudeMask, task: Task, infer: Infer) -> None:
        """Start before the first sample."""
        self._kind = kind
        self._task = task
        self._infer = infer
        self._analyser = Analyser(kind.stft, task.channels, at_start=task.at_start)
        self._spectra = np.zeros((task.channels, 0, kind.stft.bins), np.complex64)
        self._joiner = Joiner(kind.overlap_frames)
        self._synthesisers = [
            Synthesiser(kind.stft, task.channels, at_start=task.at_start) for _ in task.rows
        ]

    def push(self, samples: Samples) -> Iterator[Samples]:
        """Take samples at the net's rate; yield the estimates of each window that they complete."""
        yield from self._take(self._analyser.push(samples))

    def finish(self) -> Iterator[Samples]:
        """Yield the estimates of the last window, which may be a short one."""
        yield from self._take(self._analyser.flush())
        yield self._estimate(self._spectra.shape[1], last=True)

    def _take(self, spectra: NDArray[np.complex64]) -> Iterator[Samples]:
        self._spectra = np.concatenate([self._spectra, spectra], axis=1)
        while self._spectra.shape[1] >= self._kind.frames + 1:
            yield self._estimate(self._kind.frames, last=False)

    def _estimate(self, frames: int, *, last: bool) -> Samples:
        """Run the net on the first `frames` waiting spectra; return the stems of those settled."""
        masks = self._joiner.push(self._mask(self._spectra[:, :frames]), last=last)
        settled = self._spectra[:, : masks.shape[-2]]
        self._spectra = self._spectra[:, masks.shape[-2] :]
        how = self._kind.band_extension
        return np.stack(
            [
                synthesiser.push(_extend(mask, settled.shape[-1], how) * settled)
                for synthesiser, mask in zip(self._synthesisers, masks, strict=True)
            ]
        )

    def _mask(self, spectra: NDArray[np.complex64]) -> Samples:
        """Return the masks of the rows asked for, `(rows, channels, frames, bins kept)`."""
        kind, channels, frames = self._kind, self._task.channels, spectra.shape[1]
        magnitude = np.zeros(kind.window, np.float32)
        kept = np.abs(spectra[:, :, : kind.bins]) * np.float32(self._task.gain)
        magnitude[:, :frames] = kept if kind.channels >= channels else kept.mean(axis=0)
        masks = _share(self._infer(magnitude[None])[0], kind.mask_power)
        masks = masks[list(self._task.rows), :, :frames]
        return masks if kind.channels == channels else masks.mean(axis=1, keepdims=True)


def _share(masks: Samples, power: float) -> Samples:
    """Raise masks to `power` and let them sum to one; a power of 1 leaves them as they are."""
    if power == 1:
        return masks
    powers: Samples = np.maximum(masks, 0) ** np.float32(power)
    powers += _TINY
    powers /= powers.sum(axis=0)
    return powers


def _extend(mask: Samples, bins: int, how: str) -> Samples:
    """Give the bins above those the net sees the frame's mean mask, or zero."""
    missing = bins - mask.shape[-1]
    if not missing:
        return mask
    above = mask.mean(axis=-1, keepdims=True) if how == "mean" else np.zeros_like(mask[..., :1])
    return np.concatenate([mask, np.broadcast_to(above, (*mask.shape[:-1], missing))], axis=-1)
