"""Runs windows of samples through a net and joins what comes back, for the kinds that need no masks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples, silence
from fanstudio.inference.grid import Grid
from fanstudio.inference.kinds import Task
from fanstudio.inference.windows import Joiner

#: The nets of these kinds are stereo.
CHANNELS = 2

#: Takes windows `(batch, 2, size)`, returns the stems `(batch, rows, 2, step + fade)` from `lead` on.
Estimate = Callable[[NDArray[np.float32]], NDArray[np.float32]]


class WindowEstimator:
    """The state of one stream: samples that wait for a full window, and the fade of the last one.

    Two neighbours are cross-faded linearly, as Demucs does with a triangular weight whose slopes sum to
    one in the overlap (`demucs/apply.py`, `apply_model`, `transition_power` 1). Zeros follow the song.
    """

    def __init__(self, grid: Grid, task: Task, estimate: Estimate) -> None:
        """Start before the first sample."""
        self._grid = grid
        self._task = task
        self._estimate = estimate
        self._joiner = Joiner(grid.fade)
        self._waiting = silence(task.channels, grid.lead if task.at_start else 0)
        #: Counted from the first window's `j * step`.
        self._taken = 0 if task.at_start else -grid.lead
        self._windows = 0
        self._unknown = 0 if task.at_start else grid.lead

    def push(self, samples: Samples) -> Iterator[Samples]:
        """Take samples at the net's rate; yield the estimates of each window that they complete."""
        if self._unknown:
            yield np.zeros((len(self._task.rows), self._task.channels, self._unknown), np.float32)
            self._unknown = 0
        self._taken += samples.shape[1]
        yield from self._take(samples)

    def finish(self) -> Iterator[Samples]:
        """Yield the estimates of the windows that reach beyond the end."""
        grid = self._grid
        windows = -(-self._taken // grid.step)
        end = (windows - 1) * grid.step + grid.size - grid.lead
        missing = end - self._taken if windows > self._windows else 0
        yield from self._take(silence(self._task.channels, missing), batch=1)

    def _take(self, samples: Samples, batch: int = 0) -> Iterator[Samples]:
        """Run what is complete, in batches of this size: the first window alone, unless told."""
        grid = self._grid
        self._waiting = np.concatenate([self._waiting, samples], axis=1)
        while True:
            count = batch or (self._task.batch if self._windows else 1)
            if self._waiting.shape[1] < grid.size + (count - 1) * grid.step:
                return
            yield from self._run(count)

    def _run(self, count: int) -> Iterator[Samples]:
        grid, gain = self._grid, np.float32(self._task.gain)
        cuts = [self._waiting[:, i * grid.step : i * grid.step + grid.size] for i in range(count)]
        windows = np.broadcast_to(np.stack(cuts), (count, CHANNELS, grid.size)) * gain
        self._waiting = self._waiting[:, count * grid.step :]
        self._windows += count
        for estimate in self._estimate(windows):
            stems = estimate if self._task.channels == CHANNELS else estimate.mean(axis=1, keepdims=True)
            yield self._joiner.push(stems[..., None] / gain, last=False)[..., 0]
