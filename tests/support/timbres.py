"""Makes a small net of the timbre contract: a folder with a manifest and a graph."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HARMONICS, BANDS, REACH = 80, 64, 4
#: Instruments by the slope of their harmonics, and by the level of their noise.
SLOPES, NOISE = {"reed": 1.0, "pipe": 2.5, "wind": 1.5}, {"reed": 1e-3, "pipe": 1e-4, "wind": 0.02}
LOWEST, HIGHEST = 55, 84


def timbre_graph(noise: float = 1.0) -> onnx.ModelProto:
    """A graph whose harmonics fall by a power of their number, as loud as asked, softened over time."""
    nodes = [
        helper.make_node("Mul", ["loudness", "span"], ["above"]),
        helper.make_node("Sub", ["above", "floor"], ["nepers"]),
        helper.make_node("Exp", ["nepers"], ["level"]),
        helper.make_node("Mul", ["pitch", "zero"], ["nothing"]),
        helper.make_node("Add", ["level", "nothing"], ["level_seen"]),
        helper.make_node("Unsqueeze", ["level_seen", "axis"], ["level_row"]),
        helper.make_node("Conv", ["level_row", "bell"], ["soft"], pads=[REACH, REACH]),
        helper.make_node("Unsqueeze", ["voiced", "axis"], ["voiced_row"]),
        helper.make_node("Mul", ["soft", "voiced_row"], ["tone"]),
        helper.make_node("MatMul", ["spectra", "instrument"], ["shape"]),
        helper.make_node("Mul", ["shape", "tone"], ["harmonics"]),
        helper.make_node("MatMul", ["noises", "instrument"], ["noise_shape"]),
        helper.make_node("Mul", ["noise_shape", "soft"], ["noise"]),
    ]
    partials = np.arange(1, HARMONICS + 1)
    spectra = np.stack([partials**-slope for slope in SLOPES.values()], axis=1)
    noises = noise * np.tile(list(NOISE.values()), (BANDS, 1))
    bell = np.hanning(2 * REACH + 3)[1:-1]
    weights = [
        numpy_helper.from_array(np.float32(30 * np.log(10) / 20), "span"),
        numpy_helper.from_array(np.float32(60 * np.log(10) / 20), "floor"),
        numpy_helper.from_array(np.float32(0), "zero"),
        numpy_helper.from_array(np.int64([1]), "axis"),
        numpy_helper.from_array((bell / bell.sum()).astype(np.float32)[None, None], "bell"),
        numpy_helper.from_array(spectra.astype(np.float32)[None], "spectra"),
        numpy_helper.from_array(noises.astype(np.float32)[None], "noises"),
    ]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "T"])
        for name in ("pitch", "voiced", "loudness")
    ]
    inputs.append(helper.make_tensor_value_info("instrument", TensorProto.FLOAT, [1, len(SLOPES), "T"]))
    outputs = [
        helper.make_tensor_value_info("harmonics", TensorProto.FLOAT, [1, HARMONICS, "T"]),
        helper.make_tensor_value_info("noise", TensorProto.FLOAT, [1, BANDS, "T"]),
    ]
    graph = helper.make_graph(nodes, "test", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def timbre_manifest(digest: str) -> str:
    """The manifest of the test net."""
    head = f"""format = 1
id = "timbre"
title = "A test"
task = "timbre"
kind = "timbre"
licence = "CC0-1.0"
source = "made by a test"
mixed = {len(SLOPES)}
context = {REACH}

[file]
name = "model.onnx"
sha256 = "{digest}"

[input]
pitch = "pitch"
voiced = "voiced"
loudness = "loudness"
instrument = "instrument"

[output]
harmonics = "harmonics"
noise = "noise"
"""
    rows = [
        f"""
[[instruments]]
row = {row}
id = "{name}"
title = "{name.capitalize()}"
family = "test"
lowest = {LOWEST}
highest = {HIGHEST}
loudness_db = [-45.0, -35.0, -30.0, -25.0, -18.0]
gates = {{ pitch_accuracy = 0.99 }}
"""
        for row, name in enumerate(SLOPES)
    ]
    return head + "".join(rows)


def write_timbre(folder: Path, graph: onnx.ModelProto | None = None, manifest: str = "") -> Path:
    """Write the net into `folder`/timbre; with a `manifest` that is it, whatever it says."""
    target = folder / "timbre"
    target.mkdir(parents=True)
    data = (graph or timbre_graph()).SerializeToString()
    (target / "model.onnx").write_bytes(data)
    (target / "model.toml").write_text(manifest or timbre_manifest(hashlib.sha256(data).hexdigest()))
    return target
