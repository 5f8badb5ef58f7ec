"""Drums, bass and other by rule of thumb: what is sudden, what is steady and low, and the rest.

Medians of the spectrogram along time and along frequency tell steady tones from sudden noise (Fitzgerald,
*Harmonic/percussive separation using median filtering*, DAFx 2010).
"""

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
from fanstudio.inference.runner import Device
from fanstudio.inference.runner.providers import CPU
from fanstudio.inference.stream import StemStream, stream_stems
from fanstudio.inference.windows import Stft
from fanstudio.jobs import Work

RATE = 44_100
STEMS = ("drums", "bass", "other")
STFT = Stft(4096, 1024)
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
_MEDIAN_LENGTH = 31
#: A bin is the drums' as far as its sudden part outweighs this much of its steady one.
_STEADY_WEIGHT = 0.5
_EXCESS_BELOW_HZ = 120.0
_BASS_BELOW_HZ = 250.0
_TINY = 1e-20


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


def share(magnitude: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the masks `(batch, 3, channels, frames, bins)` of magnitudes `(batch, channels, frames, bins)`.

    The three are drums, bass and other; they sum to one. Frequency tells nothing about a kick drum, for
    a bass note has as few bins; so below 120 Hz whatever exceeds the steady part is the drums'.
    """
    hz = np.arange(magnitude.shape[-1]) * (RATE / STFT.n_fft)
    steady = _median(magnitude.swapaxes(-1, -2)).swapaxes(-1, -2)
    sudden = _median(magnitude) + np.float32(_TINY)
    excess = 1 - np.minimum(steady / (magnitude + np.float32(_TINY)), 1) ** 2
    drums = np.where(hz < _EXCESS_BELOW_HZ, excess, sudden / (_STEADY_WEIGHT * steady + sudden))
    bass = np.where(hz < _BASS_BELOW_HZ, 1 - drums, np.float32(0))
    return np.stack([drums, bass, 1 - drums - bass], axis=1)


def _median(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return running medians along the last axis, mirrored at its ends.

    One long row is what SciPy filters fast; the mirrored ends keep its neighbours apart.
    """
    from scipy.ndimage import median_filter

    half = _MEDIAN_LENGTH // 2
    padded = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(half, half)], mode="symmetric")
    filtered: NDArray[np.float32] = median_filter(padded.ravel(), _MEDIAN_LENGTH)
    return filtered.reshape(padded.shape)[..., half:-half]
