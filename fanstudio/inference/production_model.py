"""The shipped net that sets a chain after a reference: its manifest, and its graph loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from fanstudio import paths
from fanstudio.errors import ModelError
from fanstudio.inference.manifest import PinnedFile, read_pinned, read_table
from fanstudio.inference.production import Choice
from fanstudio.inference.production_features import BANDS_HZ, Curve, Features, shared_bands
from fanstudio.inference.production_net import KNOBS, Knobs, Numbers, numbers_of
from fanstudio.inference.production_search import Foretold, search
from fanstudio.jobs import Work

#: The model's id; it comes with the program.
MODEL: Final = "production"
_TASK: Final = "production"
#: A record whose sides are so soft is mono: there is nothing to widen, or to narrow after.
_MONO_DB: Final = -35.0
#: How many measures `dynamics_of` has.
_MEASURES: Final = 8


@dataclass(frozen=True, slots=True)
class ProductionModel:
    """What `model.toml` says of a net of the kind `production`: its graph, its inputs and its outputs."""

    id: str
    file: PinnedFile
    own: str
    wanted: str
    outputs: tuple[str, str, str, str, str]
    foretelling: PinnedFile


def load_model(folder: Path | None = None) -> ProductionModel:
    """Read the manifest of the built-in net, or of the one in `folder`; hashes are checked later.

    Raises:
        ModelError: the manifest is missing, malformed, newer, or of another kind.

    """
    folder = folder or paths.models_dir() / MODEL
    table = read_table(folder)
    table.choice("task", (_TASK,))
    table.choice("kind", (_TASK,))
    inputs, outputs = table.table("input"), table.table("output")
    return ProductionModel(
        id=table.text("id", folder.name),
        file=read_pinned(folder, table.table("file")),
        own=inputs.text("own"),
        wanted=inputs.text("wanted"),
        outputs=(
            outputs.text("curve"),
            outputs.text("knobs"),
            outputs.text("louder"),
            outputs.text("spectrum"),
            outputs.text("dynamics"),
        ),
        foretelling=read_pinned(folder, table.table("foretelling")),
    )


class ProductionNet:
    """The loaded net, a `production.Chooser`; it runs on the CPU in some milliseconds."""

    def __init__(self, model: ProductionModel | None = None) -> None:
        """Load the graph.

        Raises:
            ModelError: it is missing, is not the one that the manifest names, or cannot be run.

        """
        from fanstudio.inference.runner import Graph

        self.model = model or load_model()
        self.model.file.verify(Work())
        self.model_id = self.model.id
        self.model_sha256 = self.model.file.sha256
        self.model.foretelling.verify(Work())
        self._graph = Graph(self.model.file.path, "cpu", threads=1)
        self._foretelling = Graph(self.model.foretelling.path, "cpu", threads=1)

    def choose(self, own: Features, wanted: Features) -> Choice:
        """Return what makes `own` sound like `wanted`: what the net sets, bettered by what it foretells.

        Raises:
            ModelError: the graph failed, or gave what is no choice.

        """
        inputs = {
            self.model.own: numbers_of(own)[None],
            self.model.wanted: numbers_of(_with_bands_of(wanted, own))[None],
        }
        curve, knobs, louder, spectrum, dynamics = (
            array[0].astype(np.float64) for array in self._run(inputs)
        )
        width = {"width": 0.5} if min(own.width_db, wanted.width_db) < _MONO_DB else {}
        held = Knobs(**{**dict(zip(KNOBS, np.clip(knobs, 0, 1).tolist(), strict=True)), **width})
        counts = shared_bands(own, wanted)
        choice = Choice(np.where(counts, curve, 0.0), held, spectrum, dynamics, float(louder[0]))
        return search(choice, partial(self.foretell, own), counts)

    def foretell(self, own: Features, curves: Curve, knobs: Curve) -> Foretold:
        """Return what curves `(n, bands)` in dB and knobs `(n, knobs)` would make of a record.

        Raises:
            ModelError: the graph failed, or gave what is no such thing.

        """
        count = len(curves)
        inputs = {
            "own": np.repeat(numbers_of(own)[None], count, axis=0),
            "curve": curves.astype(np.float32),
            "knobs": knobs.astype(np.float32),
        }
        arrays = self._foretelling.run_all(Work(), inputs, ("louder", "spectrum", "dynamics"))
        self._check(arrays, count, (1, len(BANDS_HZ), _MEASURES))
        louder, spectrum, dynamics = (array.astype(np.float64) for array in arrays)
        return Foretold(louder[:, 0], spectrum, dynamics)

    def _run(self, inputs: dict[str, Numbers]) -> tuple[Numbers, ...]:
        arrays = self._graph.run_all(Work(), inputs, self.model.outputs)
        self._check(arrays, 1, (len(BANDS_HZ), len(KNOBS), 1, len(BANDS_HZ), _MEASURES))
        return tuple(arrays)

    def _check(self, arrays: Sequence[Numbers], count: int, widths: tuple[int, ...]) -> None:
        for array, width in zip(arrays, widths, strict=True):
            if array.shape != (count, width) or not np.isfinite(array).all():
                raise ModelError(f"The model {self.model.id} returned an array of shape {array.shape}.")


def _with_bands_of(record: Features, other: Features) -> Features:
    """Return a record whose bands that are unknown are those of another."""
    both = shared_bands(record, other)
    rows = zip(record.bands, other.bands, strict=True)
    return replace(record, bands=tuple(tuple(np.where(both, mine, theirs).tolist()) for mine, theirs in rows))
