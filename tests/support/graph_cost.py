"""The arithmetic of an ONNX graph: what its convolutions and products must multiply and add."""

from __future__ import annotations

from math import prod
from pathlib import Path

import onnx
from onnx import shape_inference


def count_flops(path: Path, batch: int = 1) -> int:
    """Return the floating-point operations of one run: two for each product in a convolution or matrix.

    What is done once for each value (norms, activations, masks) is left out: it is under a hundredth.
    """
    model = onnx.load(path)
    for value in (*model.graph.input, *model.graph.output):
        first = value.type.tensor_type.shape.dim[0]
        if not first.HasField("dim_value"):
            first.dim_value = batch
    graph = shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {value.name: _shape(value) for value in (*graph.input, *graph.value_info, *graph.output)}
    shapes |= {weight.name: list(weight.dims) for weight in graph.initializer}
    return sum(_node_flops(node, shapes) for node in graph.node)


def _shape(value: onnx.ValueInfoProto) -> list[int]:
    return [dim.dim_value for dim in value.type.tensor_type.shape.dim]


def _node_flops(node: onnx.NodeProto, shapes: dict[str, list[int]]) -> int:
    if node.op_type == "Conv":
        return 2 * prod(shapes[node.output[0]]) * prod(shapes[node.input[1]][1:])
    if node.op_type == "ConvTranspose":
        return 2 * prod(shapes[node.input[0]]) * prod(shapes[node.input[1]][1:])
    if node.op_type in ("MatMul", "Gemm"):
        return 2 * prod(shapes[node.output[0]]) * shapes[node.input[0]][-1]
    return 0
