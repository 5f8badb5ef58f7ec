"""The graphs of a model as one net: windows in, the rows of all its stems out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.errors import ModelError
from fanstudio.inference.manifest import ModelManifest
from fanstudio.inference.runner import Device, Graph
from fanstudio.jobs import Work


class Net:
    """The loaded graphs of one model."""

    def __init__(self, model: ModelManifest, device: str, threads: int | None) -> None:
        """Load the graphs on `device` and compare their shapes with the manifest."""
        self._model = model
        self._graphs = tuple(Graph(file.path, device, threads=threads) for file in model.files)
        for graph in self._graphs:
            _check_shapes(model, graph)

    @property
    def device(self) -> Device:
        """Return what the graphs run on, and why not on something better; the CPU if it is one of them."""
        devices = [graph.device for graph in self._graphs]
        return next((device for device in devices if device.name == "cpu"), devices[0])

    def run(self, work: Work, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the rows `(batch, rows, *window)` for windows `(batch, *window)`, in the manifest's order.

        Raises:
            ModelError: a graph failed, or gave a wrong shape or values that are no numbers.

        """
        model = self._model
        rows = []
        for file, graph in zip(model.files, self._graphs, strict=True):
            output = graph.run(work, {model.input_name: windows}, model.output_name)
            if output.ndim < 2 or output.shape[:1] + output.shape[2:] != windows.shape:
                raise ModelError(f"The model {model.id} returned an array of shape {output.shape}.")
            if output.shape[1] <= max(file.rows):
                raise ModelError(f"The model {model.id} returned only {output.shape[1]} rows: a wrong shape.")
            rows.append(output[:, list(file.rows)])
        return rows[0] if len(rows) == 1 else np.concatenate(rows, axis=1)


def _check_shapes(model: ModelManifest, graph: Graph) -> None:
    """Compare a graph with the manifest before any audio is read."""
    wanted = (1, *model.kind.window)
    has = graph.inputs.get(model.input_name)
    if len(graph.inputs) != 1 or has is None or not _fits(has, wanted):
        raise ModelError(f"The graph {graph.path} does not take {model.input_name!r} of shape {wanted}.")
    if model.output_name not in graph.outputs:
        raise ModelError(f"The graph {graph.path} has no output called {model.output_name!r}.")


def _fits(has: tuple[int | None, ...], wanted: tuple[int, ...]) -> bool:
    return len(has) == len(wanted) and all(a is None or a == b for a, b in zip(has, wanted, strict=True))
