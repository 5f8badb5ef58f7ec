"""The nets that hear beats and downbeats: their manifest, and their graph loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio import paths
from fanstudio.errors import ModelError
from fanstudio.inference.beat_features import HOP, SAMPLE_RATE
from fanstudio.inference.manifest import PinnedFile, read_pinned, read_table
from fanstudio.jobs import Work

Floats = NDArray[np.float32]

#: The model's id; it comes with the program.
MODEL: Final = "beatnet"
_TASK = "beats"


@dataclass(frozen=True, slots=True)
class BeatModel:
    """What `model.toml` says of nets of the kind `beats`; `onnx_models/README.md` has each key."""

    id: str
    file: PinnedFile
    state: tuple[int, int, int]
    inputs: tuple[str, str, str]
    outputs: tuple[str, str, str]

    @property
    def sha256(self) -> str:
        """Return the graph's hash."""
        return self.file.sha256


def load_model(folder: Path | None = None) -> BeatModel:
    """Read the manifest of the built-in nets, or of those in `folder`; `BeatNet` checks the hash.

    Raises:
        ModelError: the manifest is missing, malformed, newer, of another kind or for other features.

    """
    folder = folder or paths.models_dir() / MODEL
    table = read_table(folder)
    table.choice("task", (_TASK,))
    table.choice("kind", (_TASK,))
    if (table.integer("sample_rate", 1, 192_000), table.integer("hop", 1, 65_536)) != (SAMPLE_RATE, HOP):
        raise table.wrong("hop", "is not that of the features")
    inputs, outputs = table.table("input"), table.table("output")
    return BeatModel(
        id=table.text("id", folder.name),
        file=read_pinned(folder, table.table("file")),
        state=(table.integer("layers", 1, 64), 1, table.integer("cells", 1, 4096)),
        inputs=(inputs.text("features"), inputs.text("hidden"), inputs.text("cell")),
        outputs=(outputs.text("beats"), outputs.text("hidden"), outputs.text("cell")),
    )


class BeatNet:
    """The loaded nets, in the middle of a song: they remember what they heard. They hear no future."""

    def __init__(self, model: BeatModel | None = None, threads: int | None = None) -> None:
        """Load the graph, before a song.

        Raises:
            ModelError: it is missing, is not the one that the manifest names, or cannot be run.

        """
        from fanstudio.inference.runner import Graph

        self.model = model or load_model()
        self.model.file.verify(Work())
        self._graph = Graph(self.model.file.path, "cpu", threads=threads)
        self.begin()

    def begin(self) -> None:
        """Forget what was heard: another song begins."""
        self._state = (np.zeros(self.model.state, np.float32), np.zeros(self.model.state, np.float32))

    def hear(self, work: Work, features: Floats) -> Floats:
        """Return how likely each frame of `features` `(n, bands)` is a beat, and a downbeat: `(n, 2)`, 0..1.

        Raises:
            ModelError: the graph failed, or gave arrays of another shape.
            Cancelled: within a tenth of a second.

        """
        inputs = dict(zip(self.model.inputs, (features, *self._state), strict=True))
        told, hidden, cell = self._graph.run_all(work, inputs, self.model.outputs)
        if told.shape != (len(features), 2) or {hidden.shape, cell.shape} != {self.model.state}:
            raise ModelError(f"The model {self.model.id} returned arrays of another shape.")
        self._state = (hidden, cell)
        return told
