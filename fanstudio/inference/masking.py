"""The kind `magnitude_mask`: magnitudes in, a mask for each stem out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples
from fanstudio.inference.grid import Grid
from fanstudio.inference.kinds import Begin, Infer, Task
from fanstudio.inference.scales import ManyScales
from fanstudio.inference.table import Table
from fanstudio.inference.windowed import CHANNELS
from fanstudio.inference.windows import Analyser, Joiner, Stft, Synthesiser

_TINY = 1e-20
#: Of fewer frames, too few would be left in the middle of a window.
_BEST_FRAMES = 16


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
    best_hops: tuple[int, ...] = ()

    @property
    def window(self) -> tuple[int, ...]:
        """Return (channels, frames, bins)."""
        return self.channels, self.frames, self.bins

    @property
    def layout(self) -> tuple[int, ...]:
        """Return (batch, channels, frames, bins)."""
        return 0, 1, 2, 3

    @property
    def cells(self) -> int:
        """Return the size of a window's spectra."""
        return self.channels * self.frames * self.stft.bins

    @property
    def step_frames(self) -> int:
        """Return how many frames lie between the starts of two windows."""
        return self.frames - self.overlap_frames

    @property
    def grid(self) -> Grid:
        """Return where the windows lie; each waits for a frame of the next, so that the last is not empty."""
        stft = self.stft
        return Grid(
            size=self.frames * stft.hop + stft.n_fft,
            step=self.step_frames * stft.hop,
            lead=stft.lead,
            fade=self.overlap_frames * stft.hop,
        )

    def finer(self) -> ManyScales | Self:
        """Return the mean over several scales where the manifest names them.

        Closer windows alone gain 0.1 dB and cost a third of the speed.
        """
        return ManyScales(self, self.best_hops) if self.best_hops else self

    def start(self, task: Task, infer: Infer) -> MaskEstimator:
        """Return an estimator for one stream."""
        return MaskEstimator(self, task, infer)

    def masks(self, rows: Samples, window: Samples, *, whole: bool) -> Samples:
        """Return masks for the rows that the net gave for a window of magnitudes."""
        return rows if self.mask_power == 1 else share(rows, self.mask_power)


def read(table: Table) -> MagnitudeMask:
    """Read the settings of a manifest of this kind."""
    return MagnitudeMask(**read_masking(table))


def read_masking(table: Table) -> dict[str, Any]:
    """Read what the kinds that end in masks have in common, by field."""
    source, post, transform = table.table("input"), table.table("post"), table.table("stft")
    n_fft = transform.integer("n_fft", 64, 65536)
    hop = transform.integer("hop", 16, n_fft // 4)
    if n_fft % hop:
        raise transform.wrong("hop", "does not divide n_fft")
    transform.choice("window", ("hann",))
    frames = source.integer("frames", 1, 8192)
    return {
        "channels": source.integer("channels", 1, 2),
        "frames": frames,
        "bins": transform.integer("bins", 1, n_fft // 2 + 1),
        "overlap_frames": source.integer("overlap_frames", 0, frames // 2),
        "stft": Stft(n_fft, hop),
        "mask_power": post.number("mask_power", 0.1, 8.0),
        "band_extension": post.choice("band_extension", ("mean", "zero")),
        "best_hops": _read_hops(table, hop) if table.has("best") else (),
    }


def _read_hops(table: Table, hop: int) -> tuple[int, ...]:
    """Read the hops of the passes for `quality="best"`."""
    best, source = table.table("best"), table.table("input")
    hops = best.items("hops")
    if not all(type(value) is int and hop <= 2 * value <= 4 * hop for value in hops):
        raise best.wrong("hops", "are not whole numbers within half and twice the hop of the transform")
    if source.integer("channels", 1, 2) != CHANNELS or source.integer("frames", 1, 8192) < _BEST_FRAMES:
        raise best.wrong("hops", f"are for nets with two channels and {_BEST_FRAMES} frames or more")
    return tuple(hops)


@dataclass(frozen=True, slots=True)
class _Begun:
    """Windows that the net has begun on: their magnitudes, how many frames of each are no padding."""

    rows: Future[NDArray[np.float32]]
    windows: Samples
    lengths: list[int]


class MaskEstimator:
    """Masks the spectra of a stream window by window; masks are cross-faded where windows overlap.

    While the net runs on some windows, those before them are masked and the next are transformed.
    """

    def __init__(self, kind: MagnitudeMask, task: Task, infer: Infer) -> None:
        """Start before the first sample."""
        self._kind = kind
        self._task = task
        self._begin: Begin = task.begin or (lambda windows: _done(infer(windows)))
        self._begun: deque[_Begun] = deque()
        #: Of the waiting spectra, how many lie before the next window.
        self._ahead = 0
        self._ended = False
        self._windows = 0
        self._analyser = Analyser(kind.stft, task.channels, at_start=task.at_start)
        self._spectra = np.zeros((task.channels, 0, kind.stft.bins), np.complex64)
        self._fresh: list[NDArray[np.complex64]] = []
        self._joiner = Joiner(kind.overlap_frames)
        self._synthesisers = [
            Synthesiser(kind.stft, task.channels, at_start=task.at_start) for _ in task.rows
        ]

    def push(self, samples: Samples) -> Iterator[Samples]:
        """Take samples at the net's rate; yield the estimates of each window that they complete."""
        yield from self._take(self._analyser.push(samples))

    def finish(self) -> Iterator[Samples]:
        """Yield the estimates of the last windows, of which the very last may be a short one."""
        yield from self._take(self._analyser.flush())
        yield from self._take(self._spectra[:, :0], batch=1)
        self._gather()
        self._ended = True
        self._start([self._spectra.shape[1] - self._ahead])
        while self._begun:
            yield from self._settle(self._begun.popleft())

    def _take(self, spectra: NDArray[np.complex64], batch: int = 0) -> Iterator[Samples]:
        """Run what is complete, in batches of this size: the first window alone, unless told."""
        frames, step = self._kind.frames, self._kind.step_frames
        self._fresh.append(spectra)
        while True:
            count = batch or (self._task.batch if self._windows else 1)
            waiting = self._spectra.shape[1] - self._ahead + sum(block.shape[1] for block in self._fresh)
            if waiting <= frames + (count - 1) * step:
                return
            self._gather()
            self._windows += count
            self._start([frames] * count)
            while len(self._begun) > (self._task.begin is not None):
                yield from self._settle(self._begun.popleft())

    def _gather(self) -> None:
        """Join the waiting spectra, once for a window: at each push it took a twentieth of the time."""
        self._spectra = np.concatenate([self._spectra, *self._fresh], axis=1)
        self._fresh.clear()

    def _start(self, lengths: list[int]) -> None:
        """Begin the net on as many windows of the waiting spectra."""
        step, at = self._kind.step_frames, self._ahead
        cuts = [self._spectra[:, at + i * step : at + i * step + n] for i, n in enumerate(lengths)]
        windows = np.stack([self._measure(cut) for cut in cuts])
        self._begun.append(_Begun(self._begin(windows), windows, lengths))
        self._ahead += len(lengths) * step

    def _settle(self, begun: _Begun) -> Iterator[Samples]:
        """Wait for the net; yield the stems of the frames that are settled."""
        last_window = self._ended and not self._begun
        for rows, window, length in zip(begun.rows.result(), begun.windows, begun.lengths, strict=True):
            masks = self._masks(rows, window)[:, :, :length]
            yield self._apply(self._joiner.push(masks, last=last_window))

    def _measure(self, spectra: NDArray[np.complex64]) -> Samples:
        """Return the magnitudes of a window that may be short, with zeros after it."""
        kind = self._kind
        magnitude = np.zeros(kind.window, np.float32)
        kept = np.abs(spectra[:, :, : kind.bins]) * np.float32(self._task.gain)
        magnitude[:, : spectra.shape[1]] = kept if kind.channels >= len(kept) else kept.mean(axis=0)
        return magnitude

    def _masks(self, rows: Samples, window: Samples) -> Samples:
        """Return the masks of the rows asked for, `(rows, channels, frames, bins kept)`."""
        wanted = list(self._task.rows)
        masks = self._kind.masks(rows, window, whole=len(rows) > len(wanted))[wanted]
        return masks if masks.shape[1] == self._task.channels else masks.mean(axis=1, keepdims=True)

    def _apply(self, masks: Samples) -> Samples:
        """Mask as many of the waiting spectra; return the samples that are now complete."""
        settled = self._spectra[:, : masks.shape[-2]]
        self._spectra = self._spectra[:, masks.shape[-2] :]
        self._ahead -= masks.shape[-2]
        how = self._kind.band_extension
        return np.stack(
            [
                synthesiser.push(_extend(mask, settled.shape[-1], how) * settled)
                for synthesiser, mask in zip(self._synthesisers, masks, strict=True)
            ]
        )


def _done(rows: NDArray[np.float32]) -> Future[NDArray[np.float32]]:
    future: Future[NDArray[np.float32]] = Future()
    future.set_result(rows)
    return future


def share(rows: Samples, power: float) -> Samples:
    """Return the powers of rows that are not negative, divided by their sum; equal parts of nothing."""
    rows = np.maximum(rows, 0)
    powers: Samples = (rows / np.maximum(rows.max(axis=0), _TINY)) ** np.float32(power) + np.float32(_TINY)
    powers /= powers.sum(axis=0)
    return powers


def _extend(mask: Samples, bins: int, how: str) -> Samples:
    """Give the bins above those the net sees the frame's mean mask, or zero."""
    missing = bins - mask.shape[-1]
    if not missing:
        return mask
    above = mask.mean(axis=-1, keepdims=True) if how == "mean" else np.zeros_like(mask[..., :1])
    return np.concatenate([mask, np.broadcast_to(above, (*mask.shape[:-1], missing))], axis=-1)
