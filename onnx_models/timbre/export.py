"""Writes a trained net as `model.onnx`, weights in half precision, and its manifest `model.toml`.

    python export.py OUT tuned.pt DATA [--gates gates.json]

`gates.json` is what `judge.py` wrote: an instrument that misses a gate is left out of the manifest, and the
figures of the others go into it. Without it, all are named, without figures. Needs `torch` and `onnx`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from instruments import INSTRUMENTS, Instrument
from net import CONTEXT, Net
from onnx import TensorProto, helper, numpy_helper

_OPSET = 17
_SMALLEST = 500
_SURE = 0.5
_QUANTILES = np.linspace(5, 95, 10)
_INPUTS = ("pitch", "voiced", "loudness", "instrument")
_OUTPUTS = ("harmonics", "noise")
_HEAD = """\
format = 1
id = "timbre"
title = "Instruments that play a sung line"
task = "timbre"
licence = "GPL-3.0-or-later"
source = "Trained by this project: train.py in this folder"
kind = "timbre"
mixed = {mixed}
context = {context}

[file]
name = "model.onnx"
sha256 = "{sha256}"

[input]
pitch = "pitch"
voiced = "voiced"
loudness = "loudness"
instrument = "instrument"

[output]
harmonics = "harmonics"
noise = "noise"
"""


def write_graph(checkpoint: Path, target: Path) -> list[str]:
    """Write the running average of a checkpoint as a graph; return the ids of its instruments, in order."""
    state = torch.load(checkpoint, weights_only=False)
    ids: list[str] = state["ids"]
    net = Net(len(ids)).eval()
    net.load_state_dict(state["average"])
    curve = torch.zeros(1, 100)
    torch.onnx.export(
        net,
        (curve, curve + 1, curve + 1, torch.full((1, len(ids), 100), 1 / len(ids))),
        target,
        input_names=list(_INPUTS),
        output_names=list(_OUTPUTS),
        dynamic_axes={
            name: {2 if name in (*_OUTPUTS, "instrument") else 1: "T"} for name in (*_INPUTS, *_OUTPUTS)
        },
        opset_version=_OPSET,
        dynamo=False,
    )
    model = onnx.load(target)
    _halve(model.graph)
    onnx.checker.check_model(model)
    onnx.save(model, target)
    return ids


def _halve(graph: onnx.GraphProto) -> None:
    """Store every large weight as float16, with a cast back before it is used."""
    casts = []
    for weight in list(graph.initializer):
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < _SMALLEST or np.abs(values).max() > 100:
            continue
        graph.initializer.remove(weight)
        stored = f"{weight.name}_half"
        graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), stored))
        casts.append(
            helper.make_node("Cast", [stored], [weight.name], f"{weight.name}_cast", to=TensorProto.FLOAT)
        )
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def describe(instrument: Instrument, row: int, data: Path, gates: dict[str, float]) -> str:
    """Return the manifest's entry of an instrument; `data` holds the render that it was trained on."""
    with np.load(data / f"{instrument.id}.npz") as table:
        sung = table["level_db"][0][table["voiced"][0] > _SURE]
    levels = ", ".join(f"{level:.1f}" for level in np.percentile(sung, _QUANTILES))
    lines = [
        "\n[[instruments]]",
        f'id = "{instrument.id}"',
        f'title = "{instrument.title}"',
        f'family = "{instrument.family}"',
        f"row = {row}",
        f"lowest = {instrument.lowest}",
        f"highest = {instrument.highest}",
        f"loudness_db = [{levels}]",
    ]
    if gates:
        lines += ["", "[instruments.gates]", *(f"{name} = {value:.3f}" for name, value in gates.items())]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read the command line and write graph and manifest."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--gates", type=Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    graph = args.out / "model.onnx"
    ids = write_graph(args.checkpoint, graph)
    judged = json.loads(args.gates.read_text()) if args.gates else None
    text = _HEAD.format(
        mixed=len(ids), context=CONTEXT, sha256=hashlib.sha256(graph.read_bytes()).hexdigest()
    )
    for instrument in INSTRUMENTS:
        row = ids.index(instrument.id)
        if judged is None or judged[instrument.id]["passed"]:
            gates = judged[instrument.id]["gates"] if judged else {}
            text += describe(instrument, row, args.data, gates)
    (args.out / "model.toml").write_text(text)


if __name__ == "__main__":
    main()
