"""Guesses the manifest of a lone graph from its shapes, where they leave no doubt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fanstudio.errors import ModelError
from fanstudio.inference.runner import Graph
from fanstudio.jobs import Work

Shape = tuple[int | None, ...]

#: The rows of Demucs, by how many there are.
_DEMUCS_STEMS = {
    4: ("drums", "bass", "other", "vocals"),
    6: ("drums", "bass", "other", "vocals", "guitar", "piano"),
}
_LEAST_SAMPLES = 44_100
_MDX = (
    "It looks like an MDX-Net, but its file does not say its n_fft, its stem and what to multiply it by: "
    "look them up and write a model.toml of kind complex; onnx_models/README.md has the keys."
)


@dataclass(frozen=True, slots=True)
class Shapes:
    """What a graph takes and gives, by the names of its tensors."""

    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class Guess:
    """A manifest that fits a graph, and by what it was guessed."""

    manifest: bytes
    reason: str


def read_shapes(_work: Work, path: Path) -> Shapes:
    """Load a graph and return its shapes; for a process of its own. ModelError where it is none."""
    graph = Graph(path, "cpu", threads=1)
    return Shapes(graph.inputs, graph.outputs)


def guess(path: Path, sha256: str, shapes: Shapes) -> Guess | None:
    """Return a manifest for the graph at `path`, or None where its shapes are not known.

    Raises:
        ModelError: the shapes are known, but do not say all that is needed.

    """
    if len(shapes.inputs) != 1 or len(shapes.outputs) != 1:
        return None
    ((input_name, taken),) = shapes.inputs.items()
    ((output_name, given),) = shapes.outputs.items()
    if len(taken) == 4 and taken[1] == 4 and given[1:] == taken[1:]:
        raise ModelError(f"{path.name} cannot be used without a manifest.", hint=_MDX)
    stems = _DEMUCS_STEMS.get(given[1] or 0) if len(given) == 4 else None
    samples = taken[2] if len(taken) == 3 and taken[1] == 2 else None
    if stems is None or samples is None or samples < _LEAST_SAMPLES or given[2:] != taken[1:]:
        return None
    text = _write_demucs(path, sha256, (input_name, output_name), samples, stems)
    return Guess(text.encode(), f"Its shapes are those of Demucs with {len(stems)} stems.")


def _write_demucs(
    path: Path, sha256: str, names: tuple[str, str], samples: int, stems: tuple[str, ...]
) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]", "_", path.name.lstrip("._-"))[-90:].lstrip("._-") or "model.onnx"
    model_id = re.sub(r"[^a-z0-9_-]", "_", path.stem.lower()).strip("_-")[:60] or "demucs"
    values = {
        "format": "1",
        "id": _quote(model_id),
        "title": _quote(f"{model_id} (added by hand)"),
        "task": '"separation"',
        "licence": '"not known"',
        "source": '"added by hand"',
        "kind": '"waveform"',
        "sample_rate": "44100",
        "target_rms": "1.0",
        "residual": '"other"',
    }
    head = "\n".join(f"{key} = {value}" for key, value in values.items())
    listed = ", ".join(map(_quote, stems))
    return f"""{head}

[[files]]
name = {_quote(name)}
sha256 = "{sha256}"
stems = [{listed}]
rows = {list(range(len(stems)))}

[input]
name = {_quote(names[0])}
samples = {samples}
overlap = 0.25

[output]
name = {_quote(names[1])}
"""


def _quote(text: str) -> str:
    """Write a TOML string; what it could not hold is left out."""
    kept = "".join(letter for letter in text if letter.isprintable() and letter not in '"\\')
    return f'"{kept[:200]}"'
