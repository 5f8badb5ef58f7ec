"""Big matrix products, to learn how many floating-point operations a second this machine can do."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

_SIZE = 1536
_ROUNDS = 12


def measure_numpy_gflops() -> float:
    """Return what numpy's library reaches, in GFLOP/s, with the threads that its environment gives it."""
    left, right = _operands()
    return _best(lambda: left @ right)


def measure_runtime_gflops(threads: int) -> float:
    """Return what onnxruntime reaches."""
    shape = [_SIZE, _SIZE]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "abc"]
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["a", "b"], ["c"])], "product", values[:2], values[2:]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    left, right = _operands()
    return _best(lambda: session.run(None, {"a": left, "b": right}))


def _operands() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    left, right = (rng.standard_normal((_SIZE, _SIZE)).astype(np.float32) for _ in range(2))
    return left, right


def _best(product: Callable[[], object]) -> float:
    seconds = []
    for _round in range(_ROUNDS):
        began = time.perf_counter()
        product()
        seconds.append(time.perf_counter() - began)
    return 2 * _SIZE**3 / min(seconds) / 1e9
