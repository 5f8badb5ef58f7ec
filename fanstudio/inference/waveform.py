"""The kind `waveform`: samples in, the samples of each stem out (Demucs)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fanstudio.inference.grid import Grid
from fanstudio.inference.kinds import Infer, Task
from fanstudio.inference.table import Table
from fanstudio.inference.windowed import CHANNELS, WindowEstimator


@dataclass(frozen=True, slots=True)
class Waveform:
    """Windows of `samples`, of which neighbours share the part `overlap`.

    As demucs-onnx does it (`demucs_onnx/inference.py`): windows of 7.8 s, a quarter shared, linear
    cross-fades, no random shifts. Demucs itself first brings the song to a mean of 0 and a deviation of
    1 (`demucs/separate.py`), which its hybrid nets do again inside; demucs-onnx leaves it out. A
    manifest's `target_rms = 1.0` does as much here; the mean is left alone.
    """

    samples: int
    overlap: float

    @property
    def window(self) -> tuple[int, ...]:
        """Return (channels, samples)."""
        return CHANNELS, self.samples

    @property
    def layout(self) -> tuple[int, ...]:
        """Return (batch, channels, samples)."""
        return 0, 1, 2

    @property
    def cells(self) -> int:
        """Return the size of a window."""
        return CHANNELS * self.samples

    @property
    def grid(self) -> Grid:
        """Return where the windows lie."""
        fade = int(self.samples * self.overlap)
        return Grid(size=self.samples, step=self.samples - fade, lead=0, fade=fade)

    def finer(self) -> Waveform:
        """Return the same with twice the overlap, at least a quarter and at most half."""
        return replace(self, overlap=min(0.5, max(0.25, 2 * self.overlap)))

    def start(self, task: Task, infer: Infer) -> WindowEstimator:
        """Return an estimator for one stream."""

        def estimate(windows: NDArray[np.float32]) -> NDArray[np.float32]:
            return infer(windows)[:, list(task.rows)]

        return WindowEstimator(self.grid, task, estimate)


def read(table: Table) -> Waveform:
    """Read the settings of a manifest of this kind."""
    source = table.table("input")
    return Waveform(
        samples=source.integer("samples", 1024, 1 << 23),
        overlap=source.number("overlap", 0.0, 0.5) if source.has("overlap") else 0.25,
    )
