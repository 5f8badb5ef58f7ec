"""Samples that stay in their file and are read in slices: memory does not grow with a song's length."""

from __future__ import annotations

import threading
import weakref
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples
from fanstudio.errors import AudioFileError

#: What is read at once where less is asked for: the blocks of playback come out of one reading.
_WINDOW_FRAMES = 8_192


class FileSamples(ABC):
    """An open file, read as samples `(channels, frames)` are, by any number of threads.

    It is closed by `close()`, or when nobody holds it any more.

    It is not mapped: pages of a mapped song that was read through count as this process's memory, and
    a file that is cut short or pulled out would end the process instead of raising AudioFileError.
    """

    def __init__(self, path: Path, channels: int, frames: int) -> None:
        """Open `path`; raise OSError where it is gone."""
        self.shape = channels, frames
        #: Whether it could not be read once: it must be opened again then.
        self.failed = False
        #: What it is called in errors.
        self.name = path.name
        self._reading = threading.Lock()
        self._stream = path.open("rb", buffering=0)
        self.close = weakref.finalize(self, self._stream.close)
        self._held: tuple[int, Samples] = 0, np.zeros((channels, 0), np.float32)

    def __getitem__(self, key: tuple[slice, slice]) -> Samples:
        """Return frames `key[1]` of channels `key[0]`, not to be written to; raises AudioFileError."""
        start, stop, _ = key[1].indices(self.shape[1])
        stop = max(start, stop)
        if stop - start >= _WINDOW_FRAMES:
            return self._read(start, stop)[key[0]]
        first, held = self._held
        if start < first or stop > first + held.shape[1]:
            first, held = start, self._read(start, min(start + _WINDOW_FRAMES, self.shape[1]))
            held.flags.writeable = False
            self._held = first, held
        return held[key[0], start - first : stop - first]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return everything, as numpy asks for it."""
        return np.asarray(self._read(0, self.shape[1]), dtype)

    @abstractmethod
    def _read(self, start: int, stop: int) -> Samples:
        """Return frames of every channel."""

    def _fill(self, at: int, target: memoryview) -> None:
        """Read the bytes from `at` on."""
        try:
            with self._reading:
                self._stream.seek(at)
                while target and (count := self._stream.readinto(target)):
                    target = target[count:]
        except OSError as error:
            self.failed = True
            raise AudioFileError(
                f"“{self.name}” cannot be read: {error.strerror}.", hint="Check that it is still there."
            ) from error
        if target:
            self.failed = True
            raise AudioFileError(
                f"“{self.name}” is cut short: its end is missing.", hint="Check that its file is whole."
            )
