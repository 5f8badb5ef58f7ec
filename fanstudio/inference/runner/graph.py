"""One loaded graph: fewer windows at once where many fail, the CPU where a device fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from fanstudio.errors import ModelError
from fanstudio.inference.runner.cancelling import ended_by
from fanstudio.inference.runner.devices import Device, join_obstacles
from fanstudio.inference.runner.providers import CPU
from fanstudio.inference.runner.runtime import FAILURES, SILENT, describe, is_out_of_memory
from fanstudio.inference.runner.sessions import open_session, start_session
from fanstudio.jobs import Work, count_cpus

#: Windows at once on a device that is not the CPU, where more cost memory and gain no speed.
_BATCH = 4
_MEMORY_HINT = "Close other programs, or split with another model."

Inputs = Mapping[str, NDArray[np.float32]]


class Graph:
    """One loaded ONNX graph on its device; `run` may be called again and again from one thread.

    `batch` is how many windows `run` takes at once, where the graph leaves the first axis of its
    inputs and outputs free. A device that fails, most often for want of memory, is given fewer; one
    that fails with a single window is left for the CPU. `device` then says so.
    """

    def __init__(
        self, path: Path, device: str = "auto", *, threads: int | None = None, unpack: bool = False
    ) -> None:
        """Load `path` on `device` (auto, cpu, cuda, …) with `threads` CPU threads.

        With `unpack`, it is faster and its int8 weights take four times the memory.

        Raises:
            DeviceError: the device asked for cannot be used, or fails its trial.
            ModelError: the file is not a graph that onnxruntime can run.

        """
        self.path = path
        self._threads = threads or count_cpus()
        self._unpack = unpack
        self.device, self._session = open_session(path, device, self._threads, unpack=unpack)
        shapes = (*self.inputs.values(), *self.outputs.values())
        self._counts_windows = all(shape[:1] == (None,) for shape in shapes)
        self.batch = _BATCH if self._counts_windows and self.device.name != CPU.name else 1

    @property
    def inputs(self) -> dict[str, tuple[int | None, ...]]:
        """Return the shape of each input; None where any size goes."""
        return {arg.name: _fixed_sizes(arg.shape) for arg in self._session.get_inputs()}

    @property
    def outputs(self) -> dict[str, tuple[int | None, ...]]:
        """Return the shape of each output; None where any size goes."""
        return {arg.name: _fixed_sizes(arg.shape) for arg in self._session.get_outputs()}

    def run(self, work: Work, inputs: Inputs, output: str) -> NDArray[np.float32]:
        """Return one output of the graph, finite float32; as `run_all` gives it."""
        return self.run_all(work, inputs, (output,))[0]

    def run_all(self, work: Work, inputs: Inputs, outputs: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return outputs of the graph, finite float32; cancelling ends it within a tenth of a second.

        Where the graph leaves it free, the first axis of inputs and outputs counts windows.

        Raises:
            ModelError: the graph does not take these inputs, failed, or returned NaN or infinity.

        """
        windows = self._count_windows(inputs)
        parts: list[list[NDArray[np.float32]]] = []
        start = 0
        while start < windows:
            end = min(start + self.batch, windows)
            part = inputs if windows == 1 else {name: array[start:end] for name, array in inputs.items()}
            try:
                parts.append(self._run_once(work, part, outputs))
            except FAILURES as error:
                work.check()
                self._retreat(error, end - start)
            else:
                start = end
        if len(parts) == 1:
            return parts[0]
        return [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]

    def _count_windows(self, inputs: Inputs) -> int:
        if not self._counts_windows:
            return 1
        return min((len(array) for array in inputs.values() if array.ndim), default=1) or 1

    def _run_once(self, work: Work, inputs: Inputs, outputs: Sequence[str]) -> list[NDArray[np.float32]]:
        options = onnxruntime.RunOptions()
        options.log_severity_level = SILENT
        with ended_by(work, options):
            results = self._session.run(list(outputs), inputs, options)
        work.check()
        return [_as_numbers(result) for result in results]

    def _retreat(self, error: Exception, windows: int) -> None:
        """Take fewer windows at once, or the CPU, or give up."""
        if windows > 1:
            self.batch = windows // 2
            note = f"{windows} windows at once were too many: {describe(error)}"
            self.device = replace(self.device, note=note)
        elif self.device.name != CPU.name:
            self._move_to_cpu(describe(error))
        else:
            hint = _MEMORY_HINT if is_out_of_memory(error) else ""
            raise ModelError(f"The model {self.path.name} failed: {describe(error)}.", hint=hint) from error

    def _move_to_cpu(self, reason: str) -> None:
        before = self.device
        why_not = "; ".join(filter(None, (before.why_not, join_obstacles({before.name: reason}))))
        try:
            self._session = start_session(self.path, CPU.provider, self._threads, unpack=self._unpack)
        except FAILURES as error:
            raise ModelError(f"The model {self.path.name} failed: {why_not}.") from error
        self.device = Device(CPU.name, CPU.provider, why_not, f"{before.name} failed while it ran: {reason}")
        self.batch = 1


def _as_numbers(result: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return an output as float32; raise ValueError where it is no array of finite numbers."""
    if isinstance(result, np.ndarray) and result.dtype in (np.float32, np.float64):
        with np.errstate(over="ignore"):
            numbers = result.astype(np.float32, copy=False)
        if np.isfinite(numbers).all():
            return numbers
    raise ValueError("it returned values that are not numbers")


def _fixed_sizes(shape: list[int | str | None]) -> tuple[int | None, ...]:
    return tuple(size if isinstance(size, int) else None for size in shape)
