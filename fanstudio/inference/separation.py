"""Separates a mix into stems, streaming: bounded memory, any rate, sums that are exact."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
import soxr
from numpy.typing import NDArray

from fanstudio.errors import InputError, ModelError
from fanstudio.inference.catalogue import ModelManifest
from fanstudio.inference.report import SplitReport, peak_rss_mb
from fanstudio.inference.runner import Device, Graph
from fanstudio.inference.windows import Analyser, Joiner, Synthesiser
from fanstudio.jobs import Work

Samples = NDArray[np.float32]
_PIECE_FRAMES = 1 << 16
_TINY = 1e-20


def measure_rms(work: Work, blocks: Iterable[Samples]) -> float:
    """Return the root mean square over all channels and samples of `blocks`, 0.0 for none."""
    total, count = 0.0, 0
    for block in blocks:
        work.check()
        total += float(np.sum(np.square(block, dtype=np.float64)))
        count += block.size
    return float(np.sqrt(total / count)) if count else 0.0


class Separator:
    """A separation model, loaded once; each `split` is a stream of its own."""

    def __init__(self, model: ModelManifest, device: str = "auto", *, threads: int | None = None) -> None:
        """Verify and load `model` on `device` (auto, cpu, cuda, …) with `threads` CPU threads.

        Raises:
            ModelError: a file is damaged, or a graph's shapes are not the manifest's.
            DeviceError: the device asked for cannot be used.

        """
        model.verify()
        self.model = model
        self._graphs = tuple(Graph(file.path, device, threads=threads) for file in model.files)
        for graph in self._graphs:
            _check_shapes(model, graph)

    @property
    def device(self) -> Device:
        """Return what the graphs run on, and why not on something better."""
        return self._graphs[0].device

    def split(
        self, work: Work, blocks: Iterable[Samples], *, sample_rate: int, length_frames: int, rms: float
    ) -> Iterator[dict[str, Samples]]:
        """Yield the stems of `blocks`, float32 `(channels, frames)` with 1 or 2 channels, piece by piece.

        Each yielded dictionary holds every stem of the model in order, equally long; together the
        pieces are exactly as long as `blocks` together. In each, the last stem is the mix minus the
        others. `rms` is the whole song's (`measure_rms`), `length_frames` serves the progress alone.

        Raises:
            InputError: more than two channels, or samples that are not finite.
            ModelError: the model failed or returned nonsense.
            Cancelled: within a second of being asked, in mid-inference too.

        """
        stream: _Split | None = None
        for piece in _cut(blocks):
            if stream is None:
                stream = _Split(self, work, piece.shape[0], sample_rate, length_frames, rms)
            yield from stream.push(piece)
        if stream is not None:
            yield from stream.finish()

    def report(self, *, seconds: float, audio_seconds: float) -> SplitReport:
        """Describe a split of `audio_seconds` that took `seconds`."""
        return SplitReport(
            model=self.model.id,
            sha256=self.model.sha256,
            device=self.device.name,
            why_not_better=self.device.why_not,
            seconds=seconds,
            times_realtime=audio_seconds / max(seconds, 1e-9),
            peak_rss_mb=peak_rss_mb(),
        )

    def estimate_masks(self, work: Work, magnitude: Samples) -> Samples:
        """Return masks `(stems, channels, frames, bins)` for one window `(channels, frames, bins)`."""
        model = self.model
        rows = []
        for file, graph in zip(model.files, self._graphs, strict=True):
            output = graph.run(work, {model.input_name: magnitude[None]}, model.output_name)
            if output.shape[2:] != magnitude.shape or output.shape[1] <= max(file.rows):
                raise ModelError(f"The model {model.id} returned an array of shape {output.shape}.")
            rows.append(output[0, list(file.rows)])
        masks = rows[0] if len(rows) == 1 else np.concatenate(rows)
        if model.mask_power != 1:
            powers = np.maximum(masks, 0) ** model.mask_power + _TINY
            masks = powers / powers.sum(axis=0)
        return masks


class _Split:
    """The state of one stream: mix waiting for its estimates, spectra waiting for a full window."""

    def __init__(
        self, separator: Separator, work: Work, channels: int, rate: int, length_frames: int, rms: float
    ) -> None:
        if not 1 <= channels <= 2:
            raise InputError(
                f"The audio has {channels} channels; only mono and stereo can be split.",
                hint="Mix it down to stereo first.",
            )
        model = separator.model
        self._separator = separator
        self._model = model
        self._work = work
        self._channels = channels
        self._length_frames = max(1, length_frames)
        self._gain = np.float32(model.target_rms / rms if rms > 0 else 1.0)
        self._mix: deque[Samples] = deque()
        self._to_net = _Resampler(rate, model.sample_rate, channels)
        self._analyser = Analyser(model.stft, channels)
        self._spectra = np.zeros((channels, 0, model.stft.bins), np.complex64)
        self._joiner = Joiner(model.overlap_frames)
        self._estimates = [_Estimate(model, rate, channels) for _ in model.stems[:-1]]
        self._done_frames = 0

    def push(self, block: Samples) -> Iterator[dict[str, Samples]]:
        """Take a piece of the mix; yield what is now settled."""
        if block.shape[0] != self._channels or not np.isfinite(block).all():
            raise InputError("The audio holds samples that are not numbers, or changes its channels.")
        self._mix.append(block.astype(np.float32, copy=True))
        yield from self._take(self._analyser.push(self._to_net.push(block)))

    def finish(self) -> Iterator[dict[str, Samples]]:
        """Yield what is left; the stems are then as long as the mix."""
        nothing = np.zeros((self._channels, 0), np.float32)
        yield from self._take(self._analyser.push(self._to_net.push(nothing, last=True)))
        yield from self._take(self._analyser.flush())
        yield from self._separate(self._spectra.shape[1], last=True)
        left = sum(block.shape[1] for block in self._mix)
        yield self._emit([estimate.finish(left) for estimate in self._estimates])

    def _take(self, spectra: NDArray[np.complex64]) -> Iterator[dict[str, Samples]]:
        self._spectra = np.concatenate([self._spectra, spectra], axis=1)
        while self._spectra.shape[1] >= self._model.frames + 1:
            yield from self._separate(self._model.frames, last=False)

    def _separate(self, frames: int, *, last: bool) -> Iterator[dict[str, Samples]]:
        """Run the net on the first `frames` waiting spectra; yield the stems of those settled."""
        self._work.report(self._done_frames / self._length_frames, "Splitting")
        masks = self._joiner.push(self._mask(self._spectra[:, :frames]), last=last)
        settled = self._spectra[:, : masks.shape[-2]]
        self._spectra = self._spectra[:, masks.shape[-2] :]
        for estimate, mask in zip(self._estimates, masks, strict=True):
            estimate.push(_extend(mask, settled.shape[-1], self._model.band_extension) * settled)
        ready = min(estimate.ready for estimate in self._estimates)
        ready = min(ready, sum(block.shape[1] for block in self._mix))
        if ready:
            yield self._emit([estimate.pull(ready) for estimate in self._estimates])

    def _mask(self, spectra: NDArray[np.complex64]) -> Samples:
        """Return the masks of all stems but the last, `(stems - 1, channels, frames, bins kept)`."""
        model = self._model
        frames = spectra.shape[1]
        magnitude = np.zeros((model.channels, model.frames, model.bins), np.float32)
        kept = np.abs(spectra[:, :, : model.bins]) * self._gain
        magnitude[:, :frames] = kept if model.channels >= self._channels else kept.mean(axis=0)
        masks = self._separator.estimate_masks(self._work, magnitude)[:-1, :, :frames]
        return masks if model.channels == self._channels else masks.mean(axis=1, keepdims=True)

    def _emit(self, estimates: list[Samples]) -> dict[str, Samples]:
        frames = estimates[0].shape[1]
        rest = _pull(self._mix, frames, self._channels)
        self._done_frames += frames
        for estimate in estimates:
            rest = rest - estimate
        return dict(zip(self._model.stems, [*estimates, rest], strict=True))


class _Estimate:
    """One stem on its way from spectra at the net's rate to samples at the mix's rate."""

    def __init__(self, model: ModelManifest, rate: int, channels: int) -> None:
        self._channels = channels
        self._synthesiser = Synthesiser(model.stft, channels)
        self._from_net = _Resampler(model.sample_rate, rate, channels)
        self._blocks: deque[Samples] = deque()
        self.ready = 0

    def push(self, spectra: NDArray[np.complex64]) -> None:
        self._keep(self._from_net.push(self._synthesiser.push(spectra)))

    def pull(self, frames: int) -> Samples:
        self.ready -= frames
        return _pull(self._blocks, frames, self._channels)

    def finish(self, frames: int) -> Samples:
        """Return the last `frames`; the transform's and the resampler's surplus is dropped."""
        self._keep(self._from_net.push(np.zeros((self._channels, 0), np.float32), last=True))
        self._keep(np.zeros((self._channels, max(0, frames - self.ready)), np.float32))
        return self.pull(frames)

    def _keep(self, block: Samples) -> None:
        self._blocks.append(block)
        self.ready += block.shape[1]


class _Resampler:
    """A streaming resampler of `(channels, frames)`; equal rates pass through untouched."""

    def __init__(self, rate_in: int, rate_out: int, channels: int) -> None:
        self._stream = soxr.ResampleStream(rate_in, rate_out, channels) if rate_in != rate_out else None

    def push(self, block: Samples, *, last: bool = False) -> Samples:
        if self._stream is None:
            return block
        return np.ascontiguousarray(self._stream.resample_chunk(np.ascontiguousarray(block.T), last).T)


def _cut(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Cut blocks into pieces that are not empty, so that a huge block costs no huge spectra."""
    for block in blocks:
        for start in range(0, block.shape[1], _PIECE_FRAMES):
            yield block[:, start : start + _PIECE_FRAMES]


def _pull(blocks: deque[Samples], frames: int, channels: int) -> Samples:
    """Take exactly `frames` from the front of `blocks`."""
    taken = [np.zeros((channels, 0), np.float32)]
    while frames:
        block = blocks.popleft()
        if block.shape[1] > frames:
            blocks.appendleft(block[:, frames:])
            block = block[:, :frames]
        taken.append(block)
        frames -= block.shape[1]
    return np.concatenate(taken, axis=1)


def _extend(mask: Samples, bins: int, how: str) -> Samples:
    """Give the bins above those the net sees the frame's mean mask, or zero."""
    missing = bins - mask.shape[-1]
    if not missing:
        return mask
    above = mask.mean(axis=-1, keepdims=True) if how == "mean" else np.zeros_like(mask[..., :1])
    return np.concatenate([mask, np.broadcast_to(above, (*mask.shape[:-1], missing))], axis=-1)


def _check_shapes(model: ModelManifest, graph: Graph) -> None:
    """Compare a graph with the manifest before any audio is read."""
    wanted = (1, model.channels, model.frames, model.bins)
    has = graph.inputs.get(model.input_name)
    if len(graph.inputs) != 1 or has is None or not _fits(has, wanted):
        raise ModelError(f"The graph {graph.path} does not take {model.input_name!r} of shape {wanted}.")
    if model.output_name not in graph.outputs:
        raise ModelError(f"The graph {graph.path} has no output called {model.output_name!r}.")


def _fits(has: tuple[int | None, ...], wanted: tuple[int, ...]) -> bool:
    return len(has) == len(wanted) and all(a is None or a == b for a, b in zip(has, wanted, strict=True))
