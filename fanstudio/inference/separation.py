"""Separates a mix into stems, streaming: bounded memory, any rate, sums that are exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples
from fanstudio.inference import grid
from fanstudio.inference.grid import SONG_START, Entry
from fanstudio.inference.kinds import Task
from fanstudio.inference.manifest import ModelManifest
from fanstudio.inference.nets import Net
from fanstudio.inference.refine import Refiner
from fanstudio.inference.report import SplitReport, peak_rss_mb
from fanstudio.inference.runner import Device
from fanstudio.inference.scales import ManyScales
from fanstudio.inference.stream import StemStream, stream_stems
from fanstudio.jobs import Work

Quality = Literal["fast", "best"]

#: Below this a song is silence and its level says nothing.
_SILENT_RMS = 1e-8


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

    def __init__(
        self,
        model: ModelManifest,
        device: str = "auto",
        *,
        threads: int | None = None,
        quality: Quality = "fast",
        unpack: bool = False,
    ) -> None:
        """Verify and load `model` on `device` (auto, cpu, cuda, …) with `threads` CPU threads.

        `quality="best"` takes whatever the model has to offer beyond speed; some have nothing.
        `unpack` makes it faster, and its int8 weights four times as big (`Graph`).

        Raises:
            ModelError: a file is damaged, or a graph's shapes are not the manifest's.
            DeviceError: the device asked for cannot be used.

        """
        model.verify()
        self.model = model
        self.net = Net(model, device, threads, unpack=unpack)
        self._kind = model.kind.finer() if quality == "best" else model.kind
        self._refiner: Refiner | None = None
        if isinstance(self._kind, ManyScales) and model.refiner is not None:
            self._refiner = Refiner(model, self._kind, device, threads)

    @property
    def stems(self) -> tuple[str, ...]:
        """Return the names of the stems, in the order of each yielded dictionary."""
        return self.model.stems

    @property
    def device(self) -> Device:
        """Return what the graphs run on, and why not on something better."""
        return self.net.device

    def entry(self, sample_rate: int, frame: int) -> Entry:
        """Return the last place at or before `frame` of a mix where `split` may begin.

        Begun there, on the mix from `entry.read_from` on, `split(…, entry=entry)` yields the stems
        from `entry.heard_from` on, and they are those of a run over the whole song: bit for bit where
        the mix has the net's rate, and to below -100 dB at other rates.
        """
        return grid.find_entry(self._kind.grid, self.model.sample_rate, sample_rate, frame)

    def lead_in_frames(self, sample_rate: int) -> int:
        """Return the most that an entry lies behind the first frame it needs: `heard_from - read_from`."""
        return grid.lead_in_frames(self._kind.grid, self.model.sample_rate, sample_rate)

    def tail_frames(self, sample_rate: int) -> int:
        """Return how far past a frame of the mix one must push, at most, for its stems to come out."""
        return grid.tail_frames(self._kind.grid, self.model.sample_rate, sample_rate, 2 * self.net.batch)

    def split(
        self,
        work: Work,
        blocks: Iterable[Samples],
        *,
        sample_rate: int,
        length_frames: int,
        rms: float,
        entry: Entry = SONG_START,
    ) -> Iterator[dict[str, Samples]]:
        """Yield the stems of `blocks`, float32 `(channels, frames)` with 1 or 2 channels, piece by piece.

        Each yielded dictionary holds every stem of the model in order, equally long; together the
        pieces are exactly as long as `blocks` together. In each, the model's residual stem (the last,
        unless its manifest says another) is the mix minus the others. `rms` is the whole song's
        (`measure_rms`), `length_frames`, the whole song's too, serves the progress alone.

        With an `entry` (see there), `blocks` begin at its `read_from` and the stems at its
        `heard_from`; end the iteration where you have what you need.

        Raises:
            InputError: more than two channels, or samples that are not finite.
            ModelError: the model failed or returned nonsense.
            Cancelled: within a second of being asked, in mid-inference too.

        """
        pool = ThreadPoolExecutor(1, "net")
        run = _Run(work, length_frames, entry.heard_from, pool)
        try:
            for stems in stream_stems(
                blocks, lambda channels: self._start(run, channels, sample_rate, rms, entry)
            ):
                yield self._name(run, stems)
        finally:
            pool.shutdown(cancel_futures=True)

    def report(self, *, seconds: float, audio_seconds: float) -> SplitReport:
        """Describe a split of `audio_seconds` that took `seconds`."""
        return SplitReport(
            model=self.model.id,
            sha256=self.model.sha256 if self._refiner is None else self.model.sha256_refined,
            device=self.device.name,
            why_not_better=self.device.why_not,
            seconds=seconds,
            times_realtime=audio_seconds / max(seconds, 1e-9),
            peak_rss_mb=peak_rss_mb(),
            note=self.device.note,
        )

    def _start(self, run: _Run, channels: int, sample_rate: int, rms: float, entry: Entry) -> StemStream:
        model = self.model
        rows = tuple(model.rows.index(stem) for stem in model.estimated)
        wanted = model.target_rms
        gain = wanted / rms if wanted is not None and rms > _SILENT_RMS else 1.0
        task = Task(
            channels, gain, rows, entry.at_start, self.net.batch, lambda windows: run.begin(self.net, windows)
        )
        kind = self._kind if self._refiner is None else self._refiner.attach(run.work)
        estimator = kind.start(task, lambda windows: run.infer(self.net, windows))
        rates = sample_rate, model.sample_rate
        return StemStream(estimator, len(rows), channels=channels, rates=rates, entry=entry)

    def _name(self, run: _Run, stems: list[Samples]) -> dict[str, Samples]:
        run.frames += stems[-1].shape[1]
        model = self.model
        named = dict(zip((*model.estimated, model.residual), stems, strict=True))
        return {stem: named[stem] for stem in model.stems}


class _Run:
    """The job of one stream: how far it is, and the net's work on its behalf."""

    def __init__(self, work: Work, length_frames: int, frames: int, pool: ThreadPoolExecutor) -> None:
        self.work = work
        self._pool = pool
        self._length_frames = max(1, length_frames)
        self.frames = frames

    def infer(self, net: Net, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        self._report(net)
        return net.run(self.work, windows)

    def begin(self, net: Net, windows: NDArray[np.float32]) -> Future[NDArray[np.float32]]:
        self._report(net)
        return self._pool.submit(net.run, self.work, windows)

    def _report(self, net: Net) -> None:
        note = net.device.note
        text = f"Splitting; {note}" if note else "Splitting"
        self.work.report(self.frames / self._length_frames, text)
