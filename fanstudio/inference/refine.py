"""The small graph that makes one mask of several passes, for `quality="best"`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples
from fanstudio.errors import ModelError
from fanstudio.inference.manifest import ModelManifest
from fanstudio.inference.nets import refuse_nonsense
from fanstudio.inference.runner import Graph
from fanstudio.inference.scales import ManyScales
from fanstudio.inference.windowed import CHANNELS
from fanstudio.jobs import Work


class Refiner:
    """The loaded graph.

    It takes `spectra`, `(1, 4, frames, bins)`: left real, left imaginary, right real, right imaginary, at
    the level that the net wants; and `masks`, `(1, 2 * passes, frames, bins)`: left and right by each
    pass, the shortest transform first. It gives `mask`, `(1, 2, frames, bins)`.
    """

    def __init__(self, model: ModelManifest, kind: ManyScales, device: str, threads: int | None) -> None:
        """Load the graph that `model` names and compare its shapes with those of `kind`.

        Raises:
            ModelError: the graph cannot be loaded, takes or gives other shapes, or the model has more
                than one stem to estimate.
            DeviceError: the device asked for cannot be used.

        """
        assert model.refiner is not None
        self._model = model
        self._kind = kind
        self._graph = Graph(model.refiner.path, device, threads=threads)
        plane = kind.frames, kind.net.stft.bins
        wanted = {"spectra": (1, 2 * CHANNELS, *plane), "masks": (1, CHANNELS * len(kind.hops), *plane)}
        has_mask = self._graph.outputs.get("mask") == (1, CHANNELS, *plane)
        if self._graph.inputs != wanted or not has_mask or len(model.estimated) != 1:
            raise ModelError(f"The graph {self._graph.path} does not refine the masks of {model.id}.")

    def attach(self, work: Work) -> ManyScales:
        """Return the kind that refines its masks on behalf of a job."""
        return replace(self._kind, refine=lambda spectra, masks: self._run(work, spectra, masks))

    def _run(self, work: Work, spectra: NDArray[np.complex64], masks: Samples) -> Samples:
        plane = spectra.shape[1:]
        parts = np.stack([spectra.real, spectra.imag], axis=1)
        inputs = {"spectra": parts.reshape(1, -1, *plane), "masks": masks.reshape(1, -1, *plane)}
        mask: Samples = self._graph.run(work, inputs, "mask")
        if mask.shape != (1, CHANNELS, *plane):
            raise ModelError(f"The graph {self._graph.path} returned a mask of shape {mask.shape}.")
        refuse_nonsense(self._model, mask)
        refined: Samples = mask[0]
        return refined
