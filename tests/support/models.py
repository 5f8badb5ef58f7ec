"""Makes small separation models of the catalogue's contract: a folder with a manifest and a graph."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FRAMES, OVERLAP, BINS, N_FFT, HOP = 16, 4, 100, 256, 64
SHAPE = ("N", 2, FRAMES, BINS)


def constant_masks(values: list[float], shape=SHAPE) -> onnx.ModelProto:
    """A graph whose masks are the same number everywhere, one for each row; `values` may be nan."""
    nodes = [
        helper.make_node("Mul", ["magnitude", "zero"], ["nothing"]),
        helper.make_node("Unsqueeze", ["nothing", "axis"], ["row"]),
        *(helper.make_node("Add", ["row", f"value{i}"], [f"mask{i}"]) for i in range(len(values))),
        helper.make_node("Concat", [f"mask{i}" for i in range(len(values))], ["masks"], axis=1),
    ]
    weights = [
        numpy_helper.from_array(np.float32(0), "zero"),
        numpy_helper.from_array(np.int64([1]), "axis"),
        *(numpy_helper.from_array(np.float32(v), f"value{i}") for i, v in enumerate(values)),
    ]
    return finish_graph(nodes, weights, shape)


def windowed_masks() -> onnx.ModelProto:
    """A graph whose two masks hang on the mean of the whole window."""
    nodes = [
        helper.make_node("ReduceMean", ["magnitude"], ["mean"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Sigmoid", ["mean"], ["share"]),
        helper.make_node("Sub", ["one", "share"], ["rest"]),
        *(
            helper.make_node(op, inputs, outputs)
            for name in ("share", "rest")
            for op, inputs, outputs in (
                ("Mul", ["magnitude", "zero"], [f"{name}_nothing"]),
                ("Add", [f"{name}_nothing", name], [f"{name}_wide"]),
                ("Unsqueeze", [f"{name}_wide", "axis"], [f"{name}_row"]),
            )
        ),
        helper.make_node("Concat", ["share_row", "rest_row"], ["masks"], axis=1),
    ]
    weights = [
        numpy_helper.from_array(np.float32(0), "zero"),
        numpy_helper.from_array(np.float32(1), "one"),
        numpy_helper.from_array(np.int64([1]), "axis"),
    ]
    return finish_graph(nodes, weights, SHAPE)


def slow_masks(steps: int = 400, size: int = 1024) -> onnx.ModelProto:
    """A graph that multiplies big matrices for many seconds before it answers."""
    nodes = [
        helper.make_node("MatMul", [f"m{i}" if i else "matrix", "matrix"], [f"m{i + 1}"])
        for i in range(steps)
    ]
    nodes += [
        helper.make_node("ReduceSum", [f"m{steps}"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["magnitude", "sum"], ["scaled"]),
        helper.make_node("Unsqueeze", ["scaled", "axis"], ["row"]),
        helper.make_node("Concat", ["row", "row"], ["masks"], axis=1),
        helper.make_node("RandomNormal", [], ["matrix"], shape=[size, size], scale=0.01),
    ]
    return finish_graph(nodes[-1:] + nodes[:-1], [numpy_helper.from_array(np.int64([1]), "axis")], SHAPE)


def finish_graph(nodes, weights, shape) -> onnx.ModelProto:
    magnitude = helper.make_tensor_value_info("magnitude", TensorProto.FLOAT, shape)
    masks = helper.make_tensor_value_info("masks", TensorProto.FLOAT, [shape[0], "S", *shape[1:]])
    graph = helper.make_graph(nodes, "test", [magnitude], [masks], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def manifest_text(**changes: object) -> str:
    """The manifest of the test models; `changes` replace whole values by their dotted key."""
    values: dict[str, object] = {
        "format": 1,
        "id": "test_model",
        "title": "A test",
        "task": "separation",
        "licence": "CC0-1.0",
        "source": "made by a test",
        "kind": "magnitude_mask",
        "sample_rate": 44100,
        "target_rms": 0.2,
        "files.name": "model.onnx",
        "files.sha256": "0" * 64,
        "files.stems": ["vocals", "accompaniment"],
        "files.rows": [0, 1],
        "input.name": "magnitude",
        "input.channels": 2,
        "input.frames": FRAMES,
        "input.overlap_frames": OVERLAP,
        "output.name": "masks",
        "stft.n_fft": N_FFT,
        "stft.hop": HOP,
        "stft.window": "hann",
        "stft.bins": BINS,
        "post.mask_power": 1,
        "post.band_extension": "mean",
    }
    values |= {key.replace("__", "."): value for key, value in changes.items()}
    lines, section = [], ""
    for key, value in values.items():
        table, _, name = key.rpartition(".")
        if table != section:
            lines.append(f"[[{table}]]" if table == "files" else f"[{table}]")
            section = table
        if value is not None:
            lines.append(f"{name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return str(value).lower()


def write_model(folder: Path, graph: onnx.ModelProto | bytes, **changes: object) -> Path:
    """Write a model into `folder`/test_model with the right hash, unless `changes` give another."""
    target = folder / "test_model"
    target.mkdir(parents=True)
    data = graph if isinstance(graph, bytes) else graph.SerializeToString()
    (target / "model.onnx").write_bytes(data)
    changes.setdefault("files__sha256", hashlib.sha256(data).hexdigest())
    (target / "model.toml").write_text(manifest_text(**changes))
    return target
