"""A ring of stereo frames between one thread that writes and one that reads."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fanstudio.audio.samples import Samples


class Ring:
    """Holds up to `frames`; each side moves a counter of its own only, so no lock is taken."""

    def __init__(self, frames: int) -> None:
        """Start empty."""
        self._frames = np.zeros((frames, 2), np.float32)
        self._written = 0
        self._read = 0

    @property
    def queued(self) -> int:
        """Return how many frames wait to be read."""
        return self._written - self._read

    def write(self, block: Samples) -> None:
        """Append a block `(2, frames)` for which there is room."""
        places = np.arange(self._written, self._written + block.shape[1]) % len(self._frames)
        self._frames[places] = block.T
        self._written += block.shape[1]

    def read_into(self, target: npt.NDArray[np.float32]) -> int:
        """Fill `target` `(frames, 2)` with what is there, then silence; return how many frames were there."""
        count = min(len(target), self.queued)
        places = np.arange(self._read, self._read + count) % len(self._frames)
        target[:count] = self._frames[places]
        target[count:] = 0
        self._read += count
        return count

    def drop(self) -> None:
        """Drop what is queued; only while nobody reads."""
        self._read = self._written
