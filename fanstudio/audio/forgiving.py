"""Sources that are silent where they cannot be read: playback goes on, says so and tries again."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np

from fanstudio.audio.samples import Readable, Samples, SampleSource, silence
from fanstudio.errors import AudioFileError, ChildError, StorageError
from fanstudio.model.session import Source
from fanstudio.model.warp import Warp

#: Gives a source's samples at a rate, warped as asked, `(channels, frames)`, at once; `Pool.samples_now`.
PoolSamples = Callable[[Source, int, Warp | None], Readable]

_RETRY_S = 0.25


class ForgivingSources:
    """Asks a pool for sources; one thread asks, any may read what is wrong."""

    def __init__(self, samples: PoolSamples) -> None:
        """Take what gives samples, and may raise AudioFileError, StorageError or ChildError."""
        self._samples = samples
        self._faults: dict[str, str] = {}
        self._retry_at = 0.0

    @property
    def faults(self) -> tuple[str, ...]:
        """Return what is wrong, a line for each source."""
        return tuple(self._faults.values())

    @property
    def is_due(self) -> bool:
        """Tell whether it is time to ask again for what was not ready."""
        return bool(self._faults) and time.monotonic() > self._retry_at

    def forget_faults(self) -> tuple[str, ...]:
        """Return the ids of the sources that were silent; they are to be asked for again now."""
        failed, self._faults = tuple(self._faults), {}
        self._retry_at = time.monotonic() + _RETRY_S
        return failed

    def at(self, sample_rate: int) -> SampleSource:
        """Return the sources at a rate."""
        return partial(self._ask, sample_rate)

    def _ask(self, sample_rate: int, source: Source, warp: Warp | None) -> Readable:
        tell = partial(self._tell, source.id)
        try:
            return _Forgiving(self._samples(source, sample_rate, warp), tell)
        except (AudioFileError, StorageError, ChildError) as error:
            tell(error.message)
            frames = source.length if warp is None else warp.length(source.length)
            return np.broadcast_to(np.float32(0), (source.channels, frames))

    def _tell(self, source_id: str, reason: str) -> None:
        self._faults = {**self._faults, source_id: reason}


class _Forgiving:
    """Reads other samples; `tell` hears why some could not be read."""

    def __init__(self, samples: Readable, tell: Callable[[str], None]) -> None:
        self.shape = samples.shape
        self._samples = samples
        self._tell = tell

    def __getitem__(self, key: tuple[slice, slice]) -> Samples:
        try:
            return self._samples[key]
        except (AudioFileError, StorageError) as error:
            self._tell(error.message)
            start, stop, _ = key[1].indices(self.shape[1])
            return silence(self.shape[0], max(0, stop - start))[key[0]]
