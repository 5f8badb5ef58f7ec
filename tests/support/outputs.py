"""Outputs that keep what they were given."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from fanstudio.audio.device import NullOutput, Output
from fanstudio.errors import DeviceError


class Recording(NullOutput):
    """A clocked output that keeps what it was given, and can fail."""

    def __init__(self, sample_rate: int) -> None:
        super().__init__(sample_rate, "No sound device: playing silently.")
        self.takes: list[list[np.ndarray]] = []
        self.fails = False
        self.closed = False

    def start(self) -> None:
        super().start()
        self.takes.append([])

    def write(self, block: np.ndarray) -> None:
        if self.fails:
            raise DeviceError("The sound device is gone")
        super().write(block)
        self.takes[-1].append(block.copy())

    def heard_so_far(self) -> np.ndarray:
        return np.concatenate([np.zeros((2, 0), np.float32), *self.takes[-1]], axis=1)

    def close(self) -> None:
        self.closed = True


def opener(outputs: list[Recording]) -> Callable[[int], Output]:
    """Return what opens recordings, and adds them to `outputs`."""

    def open_recording(sample_rate: int) -> Output:
        outputs.append(Recording(sample_rate))
        return outputs[-1]

    return open_recording


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
