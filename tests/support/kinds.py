"""Makes models of every kind, small ones and ones of exactly the shapes that are public."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

#: Stems as Demucs orders them.
DEMUCS_STEMS = ["drums", "bass", "other", "vocals"]


def scaling(shape, gains=None) -> onnx.ModelProto:
    """A graph that gives its input back, or, with `gains`, a row of it for each, times that gain."""
    if gains is None:
        return _graph([helper.make_node("Identity", ["x"], ["y"])], [], shape, shape)
    factors = np.float32(gains).reshape(-1, *[1] * (len(shape) - 1))
    nodes = [
        helper.make_node("Unsqueeze", ["x", "axis"], ["row"]),
        helper.make_node("Mul", ["row", "factors"], ["y"]),
    ]
    weights = [
        numpy_helper.from_array(np.int64([1]), "axis"),
        numpy_helper.from_array(factors, "factors"),
    ]
    return _graph(nodes, weights, shape, [shape[0], len(gains), *shape[1:]])


def whole_window(shape) -> onnx.ModelProto:
    """A graph whose every output hangs on its whole input: `x * mean(abs(x))`."""
    nodes = [
        helper.make_node("Abs", ["x"], ["size"]),
        helper.make_node("ReduceMean", ["size"], ["mean"], keepdims=1),
        helper.make_node("Mul", ["x", "mean"], ["y"]),
    ]
    return _graph(nodes, [], shape, shape)


def keeping_part(shape, kept) -> onnx.ModelProto:
    """A graph that gives its input back where the second axis is `kept`, and zero elsewhere."""
    factors = np.zeros((shape[1], *[1] * (len(shape) - 2)), np.float32)
    factors[kept] = 1
    nodes = [helper.make_node("Mul", ["x", "factors"], ["y"])]
    return _graph(nodes, [numpy_helper.from_array(factors, "factors")], shape, shape)


def _graph(nodes, weights, taken, given) -> onnx.ModelProto:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, taken)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, given)
    graph = helper.make_graph(nodes, "test", [x], [y], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@dataclass(frozen=True)
class Model:
    """A manifest in the making; `shape` is what its graphs take."""

    kind: str
    shape: tuple
    tables: dict
    stems: tuple = (["vocals"],)
    rows: tuple = ([0],)
    top: dict = field(default_factory=lambda: {"residual": "accompaniment"})

    def with_table(self, name, **values):
        return replace(self, tables={**self.tables, name: {**self.tables.get(name, {}), **values}})

    def write(self, folder: Path, *graphs: onnx.ModelProto) -> Path:
        """Write the model into `folder`/test_kind; without graphs, each gives its input back."""
        target = folder / "test_kind"
        target.mkdir(parents=True)
        files = []
        for number, (stems, rows) in enumerate(zip(self.stems, self.rows, strict=True)):
            graph = graphs[number] if graphs else scaling(self.shape)
            data = graph if isinstance(graph, bytes) else graph.SerializeToString()
            (target / f"{number}.onnx").write_bytes(data)
            files.append(
                {
                    "name": f"{number}.onnx",
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "stems": stems,
                    "rows": rows,
                }
            )
        (target / "model.toml").write_text(self.text(files))
        return target

    def text(self, files) -> str:
        top = {
            "format": 1,
            "id": "test_kind",
            "title": "A test",
            "task": "separation",
            "licence": "CC0-1.0",
            "source": "made by a test",
            "kind": self.kind,
            "sample_rate": 44100,
            **self.top,
        }
        lines = [f"{key} = {toml(value)}" for key, value in top.items()]
        for entry in files:
            lines += ["[[files]]", *(f"{key} = {toml(value)}" for key, value in entry.items())]
        for name, values in {"output": {"name": "y"}, **self.tables}.items():
            lines += [f"[{name}]", *(f"{key} = {toml(value)}" for key, value in values.items())]
        return "\n".join(lines) + "\n"


def toml(value) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    return str(value).lower()


def mdx(n_fft, bins, frames, *, hop=1024, compensate=1.0, overlap=0.0, stem="vocals") -> Model:
    """MDX-Net; the public ones have a hop of 1024 and 256 frames."""
    return Model(
        kind="complex",
        shape=("batch", 4, bins, frames),
        tables={
            "input": {"name": "x", "frames": frames, "overlap": overlap},
            "stft": {"n_fft": n_fft, "hop": hop, "window": "hann", "bins": bins},
            "post": {"compensate": compensate},
        },
        stems=([stem],),
        top={"residual": "accompaniment" if stem == "vocals" else "vocals"},
    )


def demucs(samples=343980, overlap=0.25, stems=DEMUCS_STEMS, files=1) -> Model:
    """Demucs as demucs-onnx exports it; with several `files`, a bag of one row of each."""
    each = [[stem] for stem in stems] if files > 1 else [list(stems)]
    rows = [[number] for number in range(len(stems))] if files > 1 else [list(range(len(stems)))]
    return Model(
        kind="waveform",
        shape=(1, 2, samples),
        tables={"input": {"name": "x", "samples": samples, "overlap": overlap}},
        stems=tuple(each),
        rows=tuple(rows),
        top={"target_rms": 1.0},
    )


def magnitudes(
    layout="bctf", *, frames=16, bins=129, n_fft=256, hop=64, overlap_frames=4, stems=("vocals",)
) -> Model:
    """Open-Unmix or sherpa-onnx's Spleeter: a file for each stem."""
    sizes = {"b": 1 if layout[0] == "b" else "splits", "c": 2, "t": frames, "f": bins}
    return Model(
        kind="magnitude",
        shape=tuple(sizes[axis] for axis in layout),
        tables={
            "input": {
                "name": "x",
                "channels": 2,
                "frames": frames,
                "overlap_frames": overlap_frames,
                "layout": layout,
            },
            "stft": {"n_fft": n_fft, "hop": hop, "window": "hann", "bins": bins},
            "post": {"mask_power": 2, "band_extension": "mean"},
        },
        stems=tuple([stem] for stem in stems),
        rows=tuple([0] for _ in stems),
        top={"residual": "accompaniment"},
    )


KARA_2 = mdx(5120, 2048, 256, compensate=1.065)
INST_HQ_3 = mdx(6144, 3072, 256, compensate=1.022, stem="accompaniment")
KIM_VOCAL_2 = mdx(7680, 3072, 256, compensate=1.009)
SPLEETER = magnitudes("cbtf", frames=512, bins=1024, n_fft=4096, hop=1024, overlap_frames=128)
SHERPA = replace(SPLEETER, stems=(["vocals"], ["accompaniment"]), rows=([0], [0]), top={})
OPEN_UNMIX = magnitudes("bcft", frames=256, bins=2049, n_fft=4096, hop=1024, overlap_frames=64)
#: Kinds with windows so small that a test can pass many.
SMALL = {
    "mdx": mdx(160, 81, 17, hop=32),
    "mdx, faded": mdx(240, 121, 33, hop=32, overlap=0.25),
    "demucs": replace(demucs(1024), stems=(["vocals"],), rows=([0],), top={"residual": "other"}),
    "demucs, plain": replace(
        demucs(1024, 0.0), stems=(["vocals"],), rows=([0],), top={"residual": "other", "target_rms": 1.0}
    ),
    "magnitude": magnitudes(),
    "magnitude, other order": magnitudes("bcft"),
    "magnitude, batch inside": magnitudes("cbtf"),
}
