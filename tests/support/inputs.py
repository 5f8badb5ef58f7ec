"""An input that needs no device, for what only goes wrong with one, and for windows."""

from __future__ import annotations

import time

import numpy as np

from fanstudio.audio.capture import Input, gone
from tests.support.sounds import noise


class Clocked(Input):
    """An input that hears noise at the pace of a clock, until it is told to fail."""

    def __init__(self, channels: int = 1, rate: int = 48_000, peak: float = 0.5) -> None:
        super().__init__("Clock", rate, channels, shares_clock=False, round_trip_s=0.0)
        self.sound = noise(rate * 20, channels, peak=peak)
        self.gone = False
        self.closed = False
        self._taken = 0
        self._since = 0.0

    def start(self) -> None:
        self._since = time.monotonic()

    def captured(self) -> int:
        return int((time.monotonic() - self._since) * self.sample_rate)

    def read(self) -> np.ndarray:
        if self.gone:
            raise gone()
        start, self._taken = self._taken, self.captured()
        return self.sound[:, start : self._taken]

    def close(self) -> None:
        self.closed = True
