"""A splitter of accompaniments into drums, bass and other by the rule of thumb, without a net."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples
from fanstudio.inference import grid
from fanstudio.inference.grid import SONG_START, Entry
from fanstudio.inference.kinds import Task
from fanstudio.inference.masking import MagnitudeMask
from fanstudio.inference.report import SplitReport, peak_rss_mb
from fanstudio.inference.rule_of_thumb import RATE, STEMS, STFT, share
from fanstudio.inference.runner import Device
from fanstudio.inference.runner.providers import CPU
from fanstudio.inference.stream import StemStream, stream_stems
from fanstudio.jobs import Work

#: Windows share more than a median reaches, so that their borders are not heard.
_KIND = MagnitudeMask(
    channels=2,
    frames=256,
    bins=STFT.bins,
    overlap_frames=64,
    stft=STFT,
    mask_power=1,
    band_extension="zero",
)


class HarmonicPercussive:
    """A splitter of accompaniments into drums, bass and other; works like a `Separator`."""

    @property
    def stems(self) -> tuple[str, ...]:
        """Return the names of the stems, in the order of each yielded dictionary."""
        return STEMS

    @property
    def device(self) -> Device:
        """Return the CPU: there is no net to be run on anything else."""
        return Device(CPU.name, CPU.provider)

    def entry(self, sample_rate: int, frame: int) -> Entry:
        """Return the last place at or before `frame` of a mix where `split` may begin."""
        return grid.find_entry(_KIND.grid, RATE, sample_rate, frame)

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
        """Yield the stems of `blocks`, as `Separator.split` does; the level `rms` makes no difference."""
        done = entry.heard_from

        def infer(windows: NDArray[np.float32]) -> NDArray[np.float32]:
            work.report(done / max(1, length_frames), "Splitting")
            return share(windows)

        def start(channels: int) -> StemStream:
            kind = replace(_KIND, channels=channels)
            estimator = kind.start(Task(channels, 1.0, (0, 1), entry.at_start), infer)
            return StemStream(estimator, 2, channels=channels, rates=(sample_rate, RATE), entry=entry)

        for stems in stream_stems(blocks, start):
            done += stems[0].shape[1]
            yield dict(zip(STEMS, stems, strict=True))

    def report(self, *, seconds: float, audio_seconds: float) -> SplitReport:
        """Describe a split: no weights, so no hash; its stems are approximate."""
        return SplitReport(
            model="harmonic_percussive",
            sha256="",
            device=self.device.name,
            why_not_better="",
            seconds=seconds,
            times_realtime=audio_seconds / max(seconds, 1e-9),
            peak_rss_mb=peak_rss_mb(),
            approximate=True,
        )
