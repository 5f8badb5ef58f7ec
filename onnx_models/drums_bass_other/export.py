"""Writes a trained net as an ONNX graph: magnitudes in, masks out, weights in half precision.

    python export.py model.onnx base.pt final.pt

Several checkpoints are averaged, weight by weight: a net that was tuned on few songs, averaged with the
one it began as, is better on other songs than either (Wortsman and others, *Robust fine-tuning of
zero-shot models*, CVPR 2022).

The graph takes `magnitude` `[1, 2, 256, 2049]` (channels, frames, bins) and returns `masks`
`[1, 3, 2, 256, 2049]` (drums, bass, other). Weights are stored as float16, every computation is float32.
Needs `torch` and `onnx`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from net import BINS, Net, group_power, ungroup
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

FRAMES = 256
_OPSET = 17
_SMALLEST = 1000


class Masks(nn.Module):
    """The net between whole bins; each channel is seen by itself."""

    def __init__(self, net: Net) -> None:
        """Wrap a trained net."""
        super().__init__()
        self.net = net

    def forward(self, magnitude: Tensor) -> Tensor:
        """Return masks that sum to one."""
        grouped = torch.sqrt(group_power(magnitude[0] ** 2))
        return ungroup(torch.softmax(self.net(grouped), 1)).transpose(0, 1)[None]


def average(checkpoints: Sequence[Path]) -> dict[str, Tensor]:
    """Return the mean of the running averages of several checkpoints; counts are those of the first."""
    first, *others = (torch.load(path, weights_only=False)["average"] for path in checkpoints)
    for name, values in first.items():
        if values.is_floating_point():
            first[name] = torch.stack([values, *(other[name] for other in others)]).mean(0)
    return first


def export(checkpoints: Sequence[Path], target: Path) -> None:
    """Write the averaged weights of checkpoints."""
    net = Net()
    net.load_state_dict(average(checkpoints))
    torch.onnx.export(
        Masks(net).eval(),
        (torch.rand(1, 2, FRAMES, BINS),),
        target,
        input_names=["magnitude"],
        output_names=["masks"],
        opset_version=_OPSET,
        dynamo=False,
    )
    model = onnx.load(target)
    halve(model.graph)
    onnx.checker.check_model(model)
    onnx.save(model, target)


def halve(graph: onnx.GraphProto) -> None:
    """Store every large weight as float16, with a cast back before it is used."""
    casts = []
    for weight in list(graph.initializer):
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < _SMALLEST:
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


def main() -> None:
    """Read the command line and write the graph."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", type=Path)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    args = parser.parse_args()
    export(args.checkpoints, args.target)


if __name__ == "__main__":
    main()
