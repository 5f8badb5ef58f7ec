"""Samples that are silent where they cannot be read: playback goes on when a disk is pulled out."""

from __future__ import annotations

from collections.abc import Callable

from fanstudio.audio.samples import Readable, Samples, silence
from fanstudio.errors import AudioFileError, StorageError


class Forgiving:
    """Reads other samples `(channels, frames)`."""

    def __init__(self, samples: Readable, tell: Callable[[str], None]) -> None:
        """Take samples; `tell` hears why some could not be read."""
        self.shape = samples.shape
        self._samples = samples
        self._tell = tell

    def __getitem__(self, key: tuple[slice, slice]) -> Samples:
        """Return frames `key[1]` of channels `key[0]`."""
        try:
            return self._samples[key]
        except (AudioFileError, StorageError) as error:
            self._tell(error.message)
            start, stop, _ = key[1].indices(self.shape[1])
            return silence(self.shape[0], max(0, stop - start))[key[0]]
