"""The net that hears which notes sound at once: its manifest, and its graph loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio import paths
from fanstudio.errors import ModelError
from fanstudio.inference.manifest import PinnedFile, read_pinned, read_table
from fanstudio.jobs import Work

#: The model's id; it comes with the program.
MODEL: Final = "basic_pitch"
_TASK = "transcription"
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NoteModel:
    """What `model.toml` says of a net of the kind `transcription`.

    A window of `window` samples gives `window_hops` entries, of which entry i is about sample i · `hop`; the
    first and last `edge_hops` of them know too little of what is around. A note has `steps_per_note` places
    in the contours, from place (n − `lowest_note`) · `steps_per_note` on; the middle one is its own pitch.
    """

    id: str
    file: PinnedFile
    sample_rate: int
    hop: int
    window: int
    window_hops: int
    edge_hops: int
    lowest_note: int
    notes: int
    steps_per_note: int
    input: str
    outputs: tuple[str, str, str]

    @property
    def sha256(self) -> str:
        """Return the graph's hash."""
        return self.file.sha256

    @property
    def hop_s(self) -> float:
        """Return the time from one entry to the next, in seconds."""
        return self.hop / self.sample_rate

    @property
    def kept_hops(self) -> int:
        """Return how many entries of a window are used."""
        return self.window_hops - 2 * self.edge_hops


def load_model(folder: Path | None = None) -> NoteModel:
    """Read the manifest of the built-in net, or of the one in `folder`; its hash is checked by `NoteNet`.

    Raises:
        ModelError: the manifest is missing, malformed, newer, or of another kind.

    """
    folder = folder or paths.models_dir() / MODEL
    table = read_table(folder)
    table.choice("task", (_TASK,))
    table.choice("kind", (_TASK,))
    hop = table.integer("hop", 16, 4096)
    window_hops = table.integer("window_hops", 8, 4096)
    given = table.table("output")
    return NoteModel(
        id=table.text("id", folder.name),
        file=read_pinned(folder, table.table("file")),
        sample_rate=table.integer("sample_rate", 8000, 48_000),
        hop=hop,
        window=table.integer("window", hop * (window_hops - 1), hop * window_hops),
        window_hops=window_hops,
        edge_hops=table.integer("edge_hops", 0, (window_hops - 2) // 2),
        lowest_note=table.integer("lowest_note", 0, 127),
        notes=table.integer("notes", 1, 128),
        steps_per_note=table.integer("steps_per_note", 1, 16),
        input=table.table("input").text("audio"),
        outputs=(given.text("onset"), given.text("frame"), given.text("contour")),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Posteriors:
    """What the net takes for likely at each entry, 0..1: that a note begins, that it sounds, at which pitch.

    `onset` and `frame` are `(entries, notes)`, `contour` is `(entries, notes · steps)`. `level_db`, which the
    net does not tell, is how strong each note's partials are, `(entries, notes)`.
    """

    onset: Floats
    frame: Floats
    contour: Floats
    level_db: Floats

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self.frame)


class NoteNet:
    """The loaded net; it is so small that the CPU is the best device for it."""

    def __init__(self, model: NoteModel | None = None, threads: int | None = None) -> None:
        """Load the graph.

        Raises:
            ModelError: it is missing, is not the one that the manifest names, or cannot be run.

        """
        from fanstudio.inference.runner import Graph

        self.model = model or load_model()
        self.model.file.verify(Work())
        self._graph = Graph(self.model.file.path, "cpu", threads=threads)

    def hear(self, work: Work, window: Floats) -> tuple[Floats, Floats, Floats]:
        """Return onset, frame and contour of one window `(samples,)`, without its edges.

        Raises:
            ModelError: the graph failed, or its outputs are of another shape.
            Cancelled: within a tenth of a second.

        """
        model = self.model
        heard = self._graph.run_all(work, {model.input: window[None, :, None]}, model.outputs)
        steps = model.notes * model.steps_per_note
        for array, width in zip(heard, (model.notes, model.notes, steps), strict=True):
            if array.shape != (1, model.window_hops, width):
                raise ModelError(f"The model {model.id} returned an array of shape {array.shape}.")
        kept = slice(model.edge_hops, model.edge_hops + model.kept_hops)
        onset, frame, contour = (array[0, kept] for array in heard)
        return onset, frame, contour
