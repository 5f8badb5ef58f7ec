"""What every kind of separation model offers: the shape of its windows, their grid, its estimator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples
from fanstudio.inference.grid import Grid

#: Runs the net: windows `(batch, *window)` in, `(batch, rows, *window)` out, rows in the files' order.
Infer = Callable[[NDArray[np.float32]], NDArray[np.float32]]
#: Starts the net as `Infer` runs it, on a thread of its own; what fails there, the result raises.
Begin = Callable[[NDArray[np.float32]], Future[NDArray[np.float32]]]


@dataclass(frozen=True, slots=True)
class Task:
    """What one stream asks of an estimator.

    `channels` of the mix, 1 or 2; `gain` brings the song to the level that the net wants; `rows` are
    those to estimate. `at_start`: the first sample pushed is the song's first, else the first that a
    window of the grid reads. `batch` windows may go through the net at once; the first goes alone, so
    that it is heard at once. With `begin`, an estimator may go on while the net runs on its last
    windows, and yield what comes of them when it has begun the next.
    """

    channels: int
    gain: float
    rows: tuple[int, ...]
    at_start: bool = True
    batch: int = 1
    begin: Begin | None = None


class Estimator(Protocol):
    """Estimates stems at the net's rate, as a stream.

    All that is yielded, joined, is as long as what was pushed or longer, and aligned with it: sample
    `i` estimates the stems at the `i`-th sample pushed. In mid-song (`Task.at_start` is false) the
    first `grid.lead + grid.fade` samples are not to be used.
    """

    def push(self, samples: Samples) -> Iterator[Samples]:
        """Take samples `(channels, n)`; yield settled estimates `(rows, channels, m)`, window by window."""

    def finish(self) -> Iterator[Samples]:
        """Yield the estimates of what is left."""


class Kind(Protocol):
    """A kind of net with its settings, as a manifest states them."""

    @property
    def window(self) -> tuple[int, ...]:
        """Return the shape of what the net sees at once, without the batch axis."""

    @property
    def layout(self) -> tuple[int, ...]:
        """Return the order in which the graph has the axes of `(batch, *window)`."""

    @property
    def cells(self) -> int:
        """Return how many numbers one stem of one window is, at full bandwidth."""

    @property
    def grid(self) -> Grid:
        """Return where the windows lie."""

    def finer(self) -> Kind:
        """Return what is run for `quality="best"`; itself where nothing better is known."""

    def start(self, task: Task, infer: Infer) -> Estimator:
        """Return an estimator for one stream."""
