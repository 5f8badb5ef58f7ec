"""Graphs that make a runtime's life hard: endless, hungry, different each time."""

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from tests.support.models import BINS, SHAPE, finish_graph


def endless_masks(size: int = 256) -> ModelProto:
    """A graph that multiplies matrices until it is stopped."""
    body = helper.make_graph(
        [
            helper.make_node("MatMul", ["was", "was"], ["product"]),
            helper.make_node("Tanh", ["product"], ["is"]),
            helper.make_node("Identity", ["go"], ["go_on"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("was", TensorProto.FLOAT, [size, size]),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("is", TensorProto.FLOAT, [size, size]),
        ],
    )
    nodes = [
        helper.make_node("RandomNormal", [], ["matrix"], shape=[size, size]),
        helper.make_node("Loop", ["turns", "go", "matrix"], ["last"], body=body),
        helper.make_node("ReduceSum", ["last"], ["sum"], keepdims=0),
        *_as_masks("sum"),
    ]
    return finish_graph(nodes, [_int64([1], "axis"), _int64(2**62, "turns"), _bool("go")], SHAPE)


def hungry_masks(per_window: int = 1024) -> ModelProto:
    """A graph that holds `per_window` numbers for one window, and that to the n-th power for n."""
    nodes = [
        helper.make_node("Shape", ["magnitude"], ["windows"], end=1),
        helper.make_node("Pow", ["base", "windows"], ["size"]),
        helper.make_node("ConstantOfShape", ["size"], ["big"]),
        helper.make_node("ReduceMax", ["big"], ["sum"], keepdims=0),
        *_as_masks("sum"),
    ]
    return finish_graph(nodes, [_int64([1], "axis"), _int64([per_window], "base")], SHAPE)


def random_masks() -> ModelProto:
    """A graph that computes something else in every session."""
    nodes = [helper.make_node("RandomUniform", [], ["number"], shape=[BINS]), *_as_masks("number")]
    return finish_graph(nodes, [_int64([1], "axis")], SHAPE)


def _as_masks(number: str) -> list:
    """Nodes that turn a number, or one for each bin, into two rows of masks."""
    return [
        helper.make_node("Mul", ["magnitude", number], ["scaled"]),
        helper.make_node("Unsqueeze", ["scaled", "axis"], ["row"]),
        helper.make_node("Concat", ["row", "row"], ["masks"], axis=1),
    ]


def _int64(value, name):
    return numpy_helper.from_array(np.int64(value), name)


def _bool(name):
    return numpy_helper.from_array(np.bool_(True), name)
