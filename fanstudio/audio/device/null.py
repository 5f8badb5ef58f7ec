"""Outputs without a device: a clock that plays silently, and one that waits for a device to be opened."""

from __future__ import annotations

import time
from collections.abc import Callable

from fanstudio.audio.device.output import Output
from fanstudio.audio.samples import Samples


class NullOutput(Output):
    """Consumes frames at the pace of a clock and makes no sound."""

    silent = True

    def __init__(self, sample_rate: int, notice: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Say in `notice` why there is no sound."""
        super().__init__("No sound", sample_rate, notice)
        self._clock = clock
        self._consumed = 0
        self._since = clock()

    def start(self) -> None:
        """Begin anew with an empty ring."""
        super().start()
        self._consumed, self._since = 0, self._clock()

    def _put(self, _block: Samples) -> None:
        if self.queued() == 0:
            self._consumed, self._since = self._written, self._clock()

    def queued(self) -> int:
        """Return how many frames the clock has not reached."""
        reached = self._consumed + int((self._clock() - self._since) * self.sample_rate)
        return max(0, self._written - reached)

    def latency_frames(self) -> int:
        """Return 0: there is nothing behind the ring."""
        return 0

    def stop(self) -> None:
        """Drop what is queued."""
        self._written = self._consumed = 0

    def close(self) -> None:
        """Do nothing: there is no device."""


class AwaitedOutput(NullOutput):
    """Stands for a device that is being opened: takes nothing, so that playback waits."""

    def __init__(self, sample_rate: int) -> None:
        """Say nothing: this lasts a moment."""
        super().__init__(sample_rate, "")
        self.name = "Opening the sound device"

    def room(self) -> int:
        """Return 0."""
        return 0
