"""One net at several scales, for `quality="best"`: what it hears through transforms of other lengths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples
from fanstudio.inference.grid import Grid
from fanstudio.inference.kinds import Infer, Task
from fanstudio.inference.windowed import CHANNELS, WindowEstimator
from fanstudio.inference.windows import Stft, Synthesiser, hann

#: Spectra `(channels, frames, bins)` and the masks of one stem by each pass, `(passes, channels, frames,
#: bins)`, the shortest transform first: returns the mask to use, `(channels, frames, bins)`.
Refine = Callable[[NDArray[np.complex64], Samples], Samples]

#: One of so many frames of a window is faded into the next window.
_FADE = 10
#: The spectra that get masks come in so many, which a graph that refines them may count on.
_BLOCK = 8


class MaskNet(Protocol):
    """A net that gives masks for windows of magnitudes, such as `MagnitudeMask`."""

    @property
    def window(self) -> tuple[int, ...]:
        """Return (channels, frames, bins)."""

    @property
    def layout(self) -> tuple[int, ...]:
        """Return the order of (batch, channels, frames, bins) in the graph."""

    @property
    def stft(self) -> Stft:
        """Return the transform for which the net was made."""

    @property
    def band_extension(self) -> str:
        """Return what the bins above those that the net sees get: "mean" or "zero"."""

    def masks(self, rows: Samples, window: Samples, *, whole: bool) -> Samples:
        """Return masks for the rows that the net gave for a window of magnitudes."""


@dataclass(frozen=True, slots=True)
class ManyScales:
    """A kind whose masks are the mean over several passes of `net`, one for each of `hops`, or refined.

    To the net, a transform longer by some factor is a song that is faster and higher by it, and it errs
    elsewhere. All passes over a window share its centre; the masks are brought to the spectra of the
    net's own transform that lie within the shortest pass. They can be refined where one stem is estimated.
    """

    net: MaskNet
    hops: tuple[int, ...]
    refine: Refine | None = None

    @property
    def window(self) -> tuple[int, ...]:
        """Return what the net sees at once."""
        return self.net.window

    @property
    def layout(self) -> tuple[int, ...]:
        """Return the net's layout."""
        return self.net.layout

    @property
    def frames(self) -> int:
        """Return how many spectra of a window get masks."""
        _, frames, _ = self.net.window
        return (frames - 1) * min(self.hops) // self.net.stft.hop // _BLOCK * _BLOCK

    @property
    def cells(self) -> int:
        """Return the size of the masks of all passes."""
        return len(self.hops) * CHANNELS * self.frames * self.net.stft.bins

    @property
    def grid(self) -> Grid:
        """Return where the windows lie: each gives the samples that its spectra cover fully."""
        stft = self.net.stft
        fade = max(1, self.frames // _FADE) * stft.hop
        step = self.frames * stft.hop - stft.lead - fade
        return Grid(size=self._size, step=step, lead=self._margin + stft.lead, fade=fade)

    def finer(self) -> ManyScales:
        """Return itself."""
        return self

    def start(self, task: Task, infer: Infer) -> WindowEstimator:
        """Return an estimator for one stream."""

        def estimate(windows: NDArray[np.float32]) -> NDArray[np.float32]:
            return np.stack([self._separate(window, task.rows, infer) for window in windows])

        return WindowEstimator(self.grid, task, estimate)

    def spectra(self, samples: Samples) -> NDArray[np.complex64]:
        """Return the spectra of a window of samples that get masks, `(channels, frames, all bins)`."""
        return np.stack([*_analyse(self.net.stft, samples[:, self._margin :], self.frames)])

    def passes(self, samples: Samples, rows: tuple[int, ...], infer: Infer) -> Samples:
        """Return the masks of all passes, `(passes, rows, channels, frames, all bins)`.

        Above the highest bin that a pass sees stands what the next shorter one says; above all of them,
        the net's `band_extension` by the shortest transform, which reaches highest.
        """
        passes: list[Samples] = []
        for hop in sorted(self.hops):
            seen = self._look(samples, hop, rows, infer)
            above = passes[-1][..., seen.shape[-1] :] if passes else self._extend(seen)
            passes.append(np.concatenate([seen, above], axis=-1))
        return np.stack(passes)

    def _extend(self, seen: Samples) -> Samples:
        """Return the masks of the bins that no pass sees."""
        rest = self.net.stft.bins - seen.shape[-1]
        mean = seen.mean(axis=-1, keepdims=True)
        return np.repeat(mean if self.net.band_extension == "mean" else 0 * mean, rest, axis=-1)

    @property
    def _size(self) -> int:
        """Return how many samples the longest pass reads."""
        return self._span(max(self.hops))

    @property
    def _margin(self) -> int:
        """Return how many samples stand before the first spectrum that gets a mask."""
        stft = self.net.stft
        return (self._size - (self.frames - 1) * stft.hop - stft.n_fft) // 2

    def _span(self, hop: int) -> int:
        """Return how many samples a pass reads."""
        _, frames, _ = self.net.window
        return (frames - 1) * hop + self._transform(hop).n_fft

    def _transform(self, hop: int) -> Stft:
        stft = self.net.stft
        return Stft(hop * (stft.n_fft // stft.hop), hop)

    def _separate(self, samples: Samples, rows: tuple[int, ...], infer: Infer) -> Samples:
        """Return the rows' stems `(rows, channels, step + fade)` in the middle of a window of samples."""
        stft = self.net.stft
        passes = self.passes(samples, rows, infer)
        spectra = self.spectra(samples)
        masks = passes.mean(axis=0) if self.refine is None else self.refine(spectra, passes[:, 0])[None]
        stems = [Synthesiser(stft, CHANNELS, at_start=False).push(mask * spectra) for mask in masks]
        return np.stack(stems)[..., stft.lead :]

    def _look(self, samples: Samples, hop: int, rows: tuple[int, ...], infer: Infer) -> Samples:
        """Return the masks of one pass, `(rows, channels, frames, the bins that it sees)`."""
        stft, transform = self.net.stft, self._transform(hop)
        _, frames, bins = self.net.window
        start = (self._size - self._span(hop)) // 2
        magnitude = np.zeros((CHANNELS, frames, bins), np.float32)
        for channel, spectra in zip(magnitude, _analyse(transform, samples[:, start:], frames), strict=True):
            seen = np.abs(spectra[:, :bins])
            channel[:, : seen.shape[-1]] = seen * np.float32(np.sqrt(stft.hop / hop))
        given = infer(magnitude[None])[0]
        masks = self.net.masks(given, magnitude, whole=len(given) > len(rows))[list(rows)]
        middles = np.arange(self.frames) * stft.hop + self._margin + stft.n_fft / 2
        masks = _interpolate(masks, 2, (middles - start - transform.n_fft / 2) / hop)
        ratio = hop / stft.hop
        return _interpolate(masks, 3, np.arange(min(stft.bins, int((bins - 1) / ratio) + 1)) * ratio)


def _analyse(stft: Stft, samples: Samples, count: int) -> Iterator[NDArray[np.complex64]]:
    """Yield the first `count` spectra of each channel; one at a time, for they are big."""
    window = hann(stft.n_fft)
    for channel in samples[:, : (count - 1) * stft.hop + stft.n_fft]:
        frames = np.lib.stride_tricks.sliding_window_view(channel, stft.n_fft)[:: stft.hop]
        yield np.fft.rfft(frames * window).astype(np.complex64, copy=False)


def _interpolate(values: Samples, axis: int, positions: NDArray[np.floating]) -> Samples:
    """Return values at broken positions along an axis."""
    whole = np.clip(positions.astype(np.intp), 0, values.shape[axis] - 2)
    part = np.clip(positions - whole, 0, 1).astype(np.float32)
    shape = [1] * values.ndim
    shape[axis] = -1
    low, high = np.take(values, whole, axis), np.take(values, whole + 1, axis)
    mixed: Samples = low + (high - low) * part.reshape(shape)
    return mixed
