"""What every output does: it takes stereo blocks into a ring of 200 ms and plays them in real time."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque

from fanstudio.audio.samples import Samples

BLOCK_FRAMES = 1024
RING_S = 0.2
_MANY = 10
_IN_A_ROW = 3
_LATELY_S = 10.0


class Interruptions:
    """How often sound broke off: `starved`, for we wrote too late; `late`, for the device was late itself."""

    def __init__(self) -> None:
        """Count from 0."""
        self.starved = 0
        self.late = 0
        self._latest: deque[float] = deque(maxlen=_MANY)
        self._in_a_row = 0

    def add(self, *, starved: int = 0, late: int = 0) -> None:
        """Count some more."""
        self.starved += starved
        self.late += late
        self._latest.extend([time.monotonic()] * (starved + late))

    def note_write(self, *, starved: bool) -> None:
        """Note that a block was written, too late or in time."""
        self._in_a_row = self._in_a_row + 1 if starved else 0
        self.add(starved=int(starved))

    @property
    def many(self) -> bool:
        """Tell whether, within the last ten seconds, there were ten or more, or no block came in time."""
        since = time.monotonic() - _LATELY_S
        if self._in_a_row >= _IN_A_ROW:
            return self._latest[-1] > since
        return len(self._latest) == _MANY and self._latest[0] > since


class Output(ABC):
    """Takes stereo blocks and plays them in real time, between `start` and `stop`.

    One thread writes. After `close` every method still answers; what is written then is lost.
    """

    #: Whether nothing can be heard.
    silent = False

    def __init__(self, name: str, sample_rate: int, notice: str = "") -> None:
        """Name the output; `notice` is what the user should know about it."""
        self.name = name
        self.sample_rate = sample_rate
        self.notice = notice
        self.interruptions = Interruptions()
        self._ring_frames = round(RING_S * sample_rate)
        self._written = 0

    def start(self) -> None:
        """Begin anew with an empty ring."""
        self._written = 0

    def write(self, block: Samples) -> None:
        """Queue a block `(2, frames)` of at most `room()` frames."""
        self.interruptions.note_write(starved=bool(self._written) and not self.queued())
        self._put(block)
        self._written += block.shape[1]

    def room(self) -> int:
        """Return how many frames can be written now.

        Raises:
            DeviceError: the device is gone.

        """
        return max(0, self._ring_frames - self.queued())

    def heard(self) -> int:
        """Return how many frames since `start` have left the loudspeaker."""
        return max(0, self._written - self.queued() - self.latency_frames())

    def finish(self) -> int:
        """Queue what is held back, for nothing follows until `start`; return how many frames that was."""
        return 0

    @abstractmethod
    def _put(self, block: Samples) -> None:
        """Queue a block."""

    @abstractmethod
    def queued(self) -> int:
        """Return how many frames wait in the ring."""

    @abstractmethod
    def latency_frames(self) -> int:
        """Return how long the device takes from the ring to the loudspeaker, in frames."""

    @abstractmethod
    def stop(self) -> None:
        """Fall silent at once and drop what is queued."""

    @abstractmethod
    def close(self) -> None:
        """Give the device back."""
