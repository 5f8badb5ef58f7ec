"""Separates a mix into stems, streaming: bounded memory, any rate, sums that are exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from fanstudio.audio.samples import Samples
from fanstudio.errors import ModelError
from fanstudio.inference.manifest import ModelManifest
from fanstudio.inference.report import SplitReport, peak_rss_mb
from fanstudio.inference.runner import Device, Graph
from fanstudio.inference.stream import StemStream
from fanstudio.jobs import Work

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
        stream: StemStream | None = None
        for piece in _cut(blocks):
            if stream is None:
                stream = StemStream(
                    self.model,
                    self.estimate_masks,
                    work,
                    channels=piece.shape[0],
                    sample_rate=sample_rate,
                    length_frames=length_frames,
                    rms=rms,
                )
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


def _cut(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Cut blocks into pieces that are not empty, so that a huge block costs no huge spectra."""
    for block in blocks:
        for start in range(0, block.shape[1], _PIECE_FRAMES):
            yield block[:, start : start + _PIECE_FRAMES]


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
