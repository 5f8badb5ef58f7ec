"""The net that hears the pitch of one voice: its manifest, and its graph loaded."""

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
MODEL: Final = "swift_f0"
_TASK = "pitch"


@dataclass(frozen=True, slots=True)
class PitchModel:
    """What `model.toml` says of a net of the kind `pitch`; `onnx_models/README.md` has each key.

    Frame i is about the sound around sample i · `hop` at `sample_rate`. It is final once `after_hops`
    more hops were heard, and as in the whole song where `before_hops` were heard before it.
    """

    id: str
    file: PinnedFile
    sample_rate: int
    hop: int
    range_hz: tuple[float, float]
    silence_peak: float
    before_hops: int
    after_hops: int
    inputs: tuple[str, str, str]
    outputs: tuple[str, str]

    @property
    def sha256(self) -> str:
        """Return the graph's hash."""
        return self.file.sha256

    @property
    def hop_s(self) -> float:
        """Return the time from one frame to the next, in seconds."""
        return self.hop / self.sample_rate


def load_model(folder: Path | None = None) -> PitchModel:
    """Read the manifest of the built-in net, or of the one in `folder`; its hash is checked by `PitchNet`.

    Raises:
        ModelError: the manifest is missing, malformed, newer, or of another kind.

    """
    folder = folder or paths.models_dir() / MODEL
    table = read_table(folder)
    table.choice("task", (_TASK,))
    table.choice("kind", (_TASK,))
    names = table.table("input")
    lowest = table.number("fmin_hz", 10.0, 1000.0)
    return PitchModel(
        id=table.text("id", folder.name),
        file=read_pinned(folder, table.table("file")),
        sample_rate=table.integer("sample_rate", 8000, 48_000),
        hop=table.integer("hop", 16, 4096),
        range_hz=(lowest, table.number("fmax_hz", lowest, 8000.0)),
        silence_peak=table.number("silence_peak", 0.0, 1.0),
        before_hops=table.integer("before_hops", 0, 256),
        after_hops=table.integer("after_hops", 0, 256),
        inputs=(names.text("audio"), names.text("fmin"), names.text("fmax")),
        outputs=(table.table("output").text("pitch"), table.table("output").text("confidence")),
    )


class PitchNet:
    """The loaded net; it is so small that the CPU is the best device for it."""

    def __init__(self, model: PitchModel | None = None, threads: int | None = None) -> None:
        """Load the graph.

        Raises:
            ModelError: it is missing, is not the one that the manifest names, or cannot be run.

        """
        from fanstudio.inference.runner import Graph

        self.model = model or load_model()
        self.model.file.verify(Work())
        self._graph = Graph(self.model.file.path, "cpu", threads=threads)
        self._range = [np.array(bound, np.float32) for bound in self.model.range_hz]

    def hear(self, work: Work, audio: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return f0 in Hz and how sure the net is, 0..1, of each hop of `audio` `(samples,)`, at its rate.

        Raises:
            ModelError: the graph failed, or its outputs are not of one length.
            Cancelled: within a tenth of a second.

        """
        inputs = dict(zip(self.model.inputs, (audio[None, :], *self._range), strict=True))
        f0_hz, confidence = self._graph.run_all(work, inputs, self.model.outputs)
        if f0_hz.shape != confidence.shape or f0_hz.ndim != 2 or len(f0_hz) != 1:
            raise ModelError(f"The model {self.model.id} returned arrays of shape {f0_hz.shape}.")
        return f0_hz[0], confidence[0]
