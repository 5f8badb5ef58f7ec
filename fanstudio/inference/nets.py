"""The graphs of a model as one net: windows in, the rows of all its stems out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.errors import ModelError
from fanstudio.inference.manifest import ModelFile, ModelManifest
from fanstudio.inference.runner import Device, Graph, worst_off
from fanstudio.jobs import Work

#: Numbers beyond this are nothing that a net means, and would overflow on the way back to samples.
_LARGEST = 1e12

Shape = tuple[int | None, ...]


class Net:
    """The loaded graphs of one model."""

    def __init__(
        self, model: ModelManifest, device: str, threads: int | None, *, unpack: bool = False
    ) -> None:
        """Load the graphs on `device`, `unpack` as `Graph` does, and compare their shapes with the manifest.

        Raises:
            ModelError: a graph cannot be loaded, or takes or gives other shapes.
            DeviceError: the device asked for cannot be used.

        """
        self._model = model
        self._graphs = tuple(Graph(file.path, device, threads=threads, unpack=unpack) for file in model.files)
        for file, graph in zip(model.files, self._graphs, strict=True):
            _check_input(model, graph)
            _check_output(model, file, graph)

    @property
    def device(self) -> Device:
        """Return what the graphs run on, and why not on something better: the worst off, if they differ."""
        return worst_off([graph.device for graph in self._graphs])

    @property
    def batch(self) -> int:
        """Return how many windows may go through at once."""
        return min(graph.batch for graph in self._graphs) if self._model.kind.layout[0] == 0 else 1

    def run(self, work: Work, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the rows `(batch, rows, *window)` for windows `(batch, *window)`, in the files' order.

        Raises:
            ModelError: a graph failed, or gave a wrong shape or values that are no numbers.

        """
        model = self._model
        laid_out = np.ascontiguousarray(windows.transpose(model.kind.layout))
        rows = []
        for file, graph in zip(model.files, self._graphs, strict=True):
            output = graph.run(work, {model.input_name: laid_out}, model.output_name)
            rows.append(self._pick(file, output, laid_out.shape))
        return rows[0] if len(rows) == 1 else np.concatenate(rows, axis=1)

    def _pick(
        self, file: ModelFile, output: NDArray[np.float32], shape: tuple[int, ...]
    ) -> NDArray[np.float32]:
        """Return the file's rows `(batch, rows, *window)` of an output that may lack the axis of rows."""
        rows = np.moveaxis(output, 1, 0) if output.ndim > len(shape) else output[None]
        if rows.shape[1:] != shape or len(rows) <= max(file.rows):
            raise ModelError(f"The model {self._model.id} returned an array of shape {output.shape}.")
        picked = rows[list(file.rows)]
        refuse_nonsense(self._model, picked)
        order = np.argsort(self._model.kind.layout) + 1
        return picked.transpose(0, *order).swapaxes(0, 1)


def refuse_nonsense(model: ModelManifest, values: NDArray[np.float32]) -> None:
    """Raise ModelError where a graph of the model gave numbers that would overflow on the way to samples."""
    if not np.abs(values).max() <= _LARGEST:
        raise ModelError(f"The model {model.id} returned values that are no sound.")


def _window_shape(model: ModelManifest) -> tuple[int, ...]:
    """Return the shape of one window as the graph has it."""
    shape = (1, *model.kind.window)
    return tuple(shape[axis] for axis in model.kind.layout)


def _check_input(model: ModelManifest, graph: Graph) -> None:
    """Compare what a graph takes with the manifest before any audio is read."""
    wanted = _window_shape(model)
    has = graph.inputs.get(model.input_name)
    if len(graph.inputs) != 1 or has is None or not _fits(has, wanted):
        raise ModelError(f"The graph {graph.path} does not take {model.input_name!r} of shape {wanted}.")
    if model.kind.layout[0] and has[0] is None:
        raise ModelError(f"The graph {graph.path} leaves its first axis open, which is not that of windows.")


def _check_output(model: ModelManifest, file: ModelFile, graph: Graph) -> None:
    """Compare what a graph says it gives, as far as it does, with the manifest."""
    if model.output_name not in graph.outputs:
        raise ModelError(f"The graph {graph.path} has no output called {model.output_name!r}.")
    has, wanted = graph.outputs[model.output_name], _window_shape(model)
    rows = has[1] if len(has) > len(wanted) else 1
    one = has if len(has) == len(wanted) else has[:1] + has[2:]
    if has and not _fits(one, wanted):
        raise ModelError(
            f"The graph {graph.path} gives {model.output_name!r} of a shape other than {wanted}."
        )
    if has and rows is not None and rows <= max(file.rows):
        raise ModelError(f"The graph {graph.path} gives {rows} rows, too few for its shape in the manifest.")


def _fits(has: Shape, wanted: tuple[int, ...]) -> bool:
    return len(has) == len(wanted) and all(a is None or a == b for a, b in zip(has, wanted, strict=True))
