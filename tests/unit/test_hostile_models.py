"""A model that lies, is broken or reaches out of its folder is one clear error, never a crash."""

import contextlib
import hashlib
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from fanstudio.errors import ModelError
from fanstudio.inference import manifest
from fanstudio.inference.graph_file import _MOST_FIELDS, find_external_files
from fanstudio.inference.separation import Separator
from fanstudio.jobs import Work
from tests.support import kinds
from tests.support.models import constant_masks, write_model

KINDS = ["mdx", "demucs", "magnitude", "magnitude, batch inside"]


def open_and_split(folder, length=3000):
    separator = Separator(manifest.load(folder), "cpu", threads=1)
    mix = np.full((2, length), 0.1, np.float32)
    for _ in separator.split(Work(), [mix], sample_rate=44100, length_frames=length, rms=0.1):
        pass


def refuse(folder, match):
    with pytest.raises(ModelError, match=match) as caught:
        open_and_split(folder)
    assert "\n" not in caught.value.message


def model_of(nodes, weights=(), *, taken, given, opset=17, domain="", kind=TensorProto.FLOAT, more=()):
    inputs = [helper.make_tensor_value_info("x", kind, taken), *more]
    outputs = [helper.make_tensor_value_info("y", kind, given)]
    graph = helper.make_graph(nodes, "test", inputs, outputs, list(weights))
    opsets = [helper.make_opsetid("", opset), *([helper.make_opsetid(domain, 1)] if domain else [])]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def identity(shape, **more):
    return model_of([helper.make_node("Identity", ["x"], ["y"])], taken=shape, given=shape, **more)


@pytest.mark.parametrize("name", KINDS)
def test_graph_of_other_shapes_is_refused_before_any_audio(tmp_path, name):
    model = kinds.SMALL[name]
    shape = model.shape
    wrong = {
        "longer": (*shape[:-1], shape[-1] + 1),
        "rank": shape[:-1],
        "more": (*shape, 1),
        "batch": (7, *shape[1:]),
    }
    for case, other in wrong.items():
        with pytest.raises(ModelError, match="does not take"):
            Separator(manifest.load(model.write(tmp_path / case, identity(other))), "cpu", threads=1)


@pytest.mark.parametrize("name", KINDS)
def test_graph_that_says_it_gives_other_shapes_is_refused_before_any_audio(tmp_path, name):
    model = kinds.SMALL[name]
    flat = [helper.make_node("ReduceMean", ["x"], ["y"], axes=[-1], keepdims=1)]
    graph = model_of(flat, taken=model.shape, given=[*model.shape[:-1], 1])
    with pytest.raises(ModelError, match="shape other than"):
        Separator(manifest.load(model.write(tmp_path, graph)), "cpu", threads=1)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("axis", [-1, 0])
def test_graph_that_gives_other_shapes_than_it_says_is_refused(tmp_path, name, axis):
    model = kinds.SMALL[name]
    nodes = [helper.make_node("Concat", ["x", "x"], ["y"], axis=axis)]
    given = [f"d{i}" for i in range(len(model.shape))]
    refuse(model.write(tmp_path, model_of(nodes, taken=model.shape, given=given)), "shape|failed")


@pytest.mark.parametrize("rank", [0, 1, 6])
def test_output_of_an_odd_rank_is_refused(tmp_path, rank):
    model = kinds.SMALL["demucs"]
    nodes = [helper.make_node("Reshape", ["x", "shape"], ["y"])]
    if rank == 0:
        nodes = [helper.make_node("ReduceSum", ["x"], ["y"], keepdims=0)]
    shape = numpy_helper.from_array(np.int64([1] * (rank - 1) + [-1]), "shape")
    graph = model_of(nodes, [shape], taken=model.shape, given=None)
    refuse(model.write(tmp_path, graph), "shape")


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_values_that_are_no_sound_are_refused(tmp_path, name, value):
    model = kinds.SMALL[name]
    nodes = [helper.make_node("Add", ["x", "value"], ["y"])]
    weights = [numpy_helper.from_array(np.float32(value), "value")]
    refuse(
        model.write(tmp_path, model_of(nodes, weights, taken=model.shape, given=model.shape)),
        "not numbers|no sound",
    )


def test_missing_rows_are_refused_before_any_audio(tmp_path):
    model = kinds.demucs(1024)
    folder = model.write(tmp_path, kinds.scaling(model.shape, [1, 1, 1]))
    with pytest.raises(ModelError, match="3 rows"):
        Separator(manifest.load(folder), "cpu", threads=1)


def test_row_of_a_graph_without_rows_is_the_first_alone(tmp_path):
    model = replace(kinds.SMALL["demucs"], rows=([1],))
    with pytest.raises(ModelError, match="1 rows"):
        Separator(manifest.load(model.write(tmp_path)), "cpu", threads=1)


def test_further_inputs_are_refused(tmp_path):
    model = kinds.SMALL["demucs"]
    more = helper.make_tensor_value_info("z", TensorProto.FLOAT, [1])
    refuse(model.write(tmp_path, identity(model.shape, more=[more])), "does not take")


@pytest.mark.parametrize("kind", [TensorProto.INT64, TensorProto.DOUBLE, TensorProto.FLOAT16])
def test_numbers_of_another_type_are_refused(tmp_path, kind):
    model = kinds.SMALL["demucs"]
    refuse(model.write(tmp_path, identity(model.shape, kind=kind)), "failed|not numbers")


@pytest.mark.parametrize("operator", ["SequenceConstruct", "Shape"])
def test_output_that_is_no_float_tensor_is_refused(tmp_path, operator):
    model = kinds.SMALL["demucs"]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, model.shape)
    tensor = helper.make_tensor_type_proto(TensorProto.FLOAT, model.shape)
    kind = {
        "SequenceConstruct": helper.make_sequence_type_proto(tensor),
        "Shape": helper.make_tensor_type_proto(TensorProto.INT64, [3]),
    }[operator]
    graph = helper.make_graph(
        [helper.make_node(operator, ["x"], ["y"])], "test", [x], [helper.make_value_info("y", kind)]
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    refuse(model.write(tmp_path, proto), "shape|failed")


@pytest.mark.parametrize("case", ["operator", "domain", "opset"])
def test_what_the_runtime_does_not_know_is_refused(tmp_path, case):
    model = kinds.SMALL["demucs"]
    domain = "com.example" if case == "domain" else ""
    node = helper.make_node("Identity" if case == "opset" else "Sing", ["x"], ["y"], domain=domain)
    opset = 999 if case == "opset" else 17
    graph = model_of([node], taken=model.shape, given=model.shape, opset=opset, domain=domain)
    refuse(model.write(tmp_path, graph), "cannot be loaded")


def test_compiled_programs_are_refused(tmp_path):
    model = kinds.SMALL["demucs"]
    node = helper.make_node("EPContext", ["x"], ["y"], domain="com.microsoft", ep_cache_context="../x")
    graph = model_of([node], taken=model.shape, given=model.shape, domain="com.microsoft")
    refuse(model.write(tmp_path, graph), "not an ONNX graph that can be used")


@pytest.mark.parametrize("keep", [0, 1, 10, 0.5, 0.99])
def test_truncated_graph_is_refused_even_with_the_hash_of_what_is_left(tmp_path, keep):
    model = kinds.SMALL["demucs"]
    data = kinds.scaling(model.shape, [1.0, 2.0]).SerializeToString()
    refuse(
        model.write(tmp_path, data[: int(keep * len(data)) if keep < 1 else keep]), "model file|graph|model"
    )


def test_hash_of_another_file_is_refused(tmp_path):
    folder = kinds.SMALL["mdx"].write(tmp_path)
    with (folder / "0.onnx").open("ab") as stream:
        stream.write(b"\x00")
    refuse(folder, "damaged")


# ---- weights in files of their own


def outside_weights(shape, location, *, place="initializer"):
    """A graph whose weights are, or are said to be, in the file `location`."""
    factor = TensorProto(name="factor", data_type=TensorProto.FLOAT, dims=[1])
    factor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, "offset": "0", "length": "4"}.items():
        factor.external_data.add(key=key, value=value)
    nodes = [helper.make_node("Mul", ["x", "factor"], ["y"])]
    if place == "initializer":
        return model_of(nodes, [factor], taken=shape, given=shape)
    if place == "constant":
        nodes = [helper.make_node("Constant", [], ["factor"], value=factor), *nodes]
        return model_of(nodes, taken=shape, given=shape)
    inner = helper.make_graph(
        [helper.make_node("Mul", ["x", "factor"], ["z"])],
        "inner",
        [],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, shape)],
        [factor],
    )
    true = numpy_helper.from_array(np.bool_(True), "true")
    nodes = [helper.make_node("If", ["true"], ["y"], then_branch=inner, else_branch=inner)]
    return model_of(nodes, [true], taken=shape, given=shape)


def write_with_weights(tmp_path, location, listed, *, place="initializer", value=0.5):
    model = kinds.SMALL["demucs"]
    folder = model.write(tmp_path, outside_weights(model.shape, location, place=place))
    data = np.float32([value]).tobytes()
    (folder / "weights.bin").write_bytes(data)
    (tmp_path / "secret.bin").write_bytes(data)
    if listed is not None:
        entry = kinds.toml([{"name": listed, "sha256": hashlib.sha256(data).hexdigest()}])
        file = folder / "model.toml"
        file.write_text(file.read_text().replace("rows = ", f"external = {entry}\nrows = "))
    return folder


def test_listed_weights_are_loaded(tmp_path):
    folder = write_with_weights(tmp_path, "weights.bin", "weights.bin")
    separator = Separator(manifest.load(folder), "cpu", threads=1)
    mix = np.full((2, 3000), 0.1, np.float32)
    pieces = separator.split(Work(), [mix], sample_rate=44100, length_frames=3000, rms=0.1)
    vocals = np.concatenate([piece["vocals"] for piece in pieces], axis=1)
    assert np.abs(vocals - 0.05).max() < 1e-6
    assert separator.model.sha256 != separator.model.files[0].sha256


@pytest.mark.parametrize("place", ["initializer", "constant", "branch"])
@pytest.mark.parametrize("location", ["weights.bin", "../secret.bin", "/etc/hostname", "sub/weights.bin"])
def test_weights_that_are_not_listed_are_refused_wherever_they_are_named(tmp_path, place, location):
    folder = write_with_weights(tmp_path, location, None, place=place)
    with pytest.raises(ModelError, match="does not list"):
        manifest.load(folder).verify()


@pytest.mark.parametrize("listed", ["../secret.bin", "/etc/hostname", "..", "sub/weights.bin", ""])
def test_manifest_cannot_list_weights_outside_its_folder(tmp_path, listed):
    with pytest.raises(ModelError, match=r"external\[0\]\.name"):
        manifest.load(write_with_weights(tmp_path, "weights.bin", listed))


def test_link_to_weights_outside_the_folder_is_refused(tmp_path):
    folder = write_with_weights(tmp_path, "weights.bin", "weights.bin")
    (folder / "weights.bin").unlink()
    (folder / "weights.bin").symlink_to(tmp_path / "secret.bin")
    with pytest.raises(ModelError, match="leads out"):
        manifest.load(folder)


@pytest.mark.parametrize("damage", [b"", b"\x00\x00\x00", b"\x00\x00\x80\x3e"])
def test_damaged_weights_are_refused(tmp_path, damage):
    folder = write_with_weights(tmp_path, "weights.bin", "weights.bin")
    (folder / "weights.bin").write_bytes(damage)
    refuse(folder, "damaged")


def test_weights_beside_a_graph_that_refines_are_refused(tmp_path):
    refiner = outside_weights((1, 2, 1024), "weights.bin").SerializeToString()
    digest = hashlib.sha256(refiner).hexdigest()
    best = {"best__hops": [48, 64, 80], "best__name": "refine.onnx", "best__sha256": digest}
    folder = write_model(tmp_path, constant_masks([1, 0]), **best)
    (folder / "refine.onnx").write_bytes(refiner)
    (folder / "weights.bin").write_bytes(b"1234")
    with pytest.raises(ModelError, match="does not list"):
        manifest.load(folder).verify()


def test_shipped_graph_wants_no_other_file():
    from fanstudio.paths import models_dir

    assert find_external_files(models_dir() / "spleeter_2stems" / "model.onnx") == set()


@given(st.binary(max_size=300))
def test_no_bytes_but_a_graph_or_a_clear_error(data):
    check_scan(data)


@given(st.data())
def test_damaged_graphs_are_scanned_or_refused(data):
    graph = bytearray(outside_weights((1, 2, 1024), "weights.bin", place="branch").SerializeToString())
    for at in data.draw(st.lists(st.integers(0, len(graph) - 1), min_size=1, max_size=5)):
        graph[at] = data.draw(st.integers(0, 255))
    check_scan(bytes(graph))


def test_countless_fields_are_refused_before_they_fill_the_memory(tmp_path):
    path = tmp_path / "graph.onnx"
    path.write_bytes(b"\x3a\x00" * (_MOST_FIELDS + 1))
    with pytest.raises(ModelError, match="not an ONNX graph"):
        find_external_files(path)


def check_scan(data):
    handle, name = tempfile.mkstemp()
    os.write(handle, data)
    os.close(handle)
    try:
        with contextlib.suppress(ModelError):
            find_external_files(Path(name))
    finally:
        Path(name).unlink()


def test_what_the_library_finds_in_a_graph_is_found(tmp_path):
    """The scan misses nothing that onnx's own loader would open."""
    path = tmp_path / "graph.onnx"
    for place in ("initializer", "constant", "branch"):
        graph = outside_weights((1, 2, 1024), "some where/else.bin", place=place)
        path.write_bytes(graph.SerializeToString())
        assert find_external_files(path) == {"some where/else.bin"}
        assert onnx.load(path, load_external_data=False).graph.name == "test"


# ---- manifests


@pytest.mark.parametrize(
    ("name", "table", "values", "complaint"),
    [
        ("mdx", "input", {"frames": 3}, "too few"),
        ("mdx", "input", {"frames": 10**9}, "frames"),
        ("mdx", "input", {"overlap": 0.75}, "overlap"),
        ("mdx", "input", {"overlap": "nan"}, "overlap"),
        ("mdx", "stft", {"n_fft": 10**9}, "n_fft"),
        ("mdx", "stft", {"n_fft": 161}, "odd"),
        ("mdx", "stft", {"hop": 0}, "hop"),
        ("mdx", "stft", {"hop": 41}, "hop"),
        ("mdx", "stft", {"bins": 82}, "bins"),
        ("mdx", "stft", {"window": "boxcar"}, "window"),
        ("mdx", "stft", {"low_cut_bins": -1}, "low_cut_bins"),
        ("mdx", "post", {"compensate": 0}, "compensate"),
        ("mdx", "post", {"compensate": "inf"}, "compensate"),
        ("demucs", "input", {"samples": 1}, "samples"),
        ("demucs", "input", {"samples": 10**12}, "samples"),
        ("demucs", "input", {"overlap": 1.0}, "overlap"),
        ("magnitude", "input", {"layout": "bctt"}, "layout"),
        ("magnitude", "input", {"layout": "bct"}, "layout"),
        ("magnitude", "input", {"channels": 0}, "channels"),
        ("magnitude", "post", {"mask_power": 0}, "mask_power"),
    ],
)
def test_wrong_values_of_a_kind_are_named(tmp_path, name, table, values, complaint):
    with pytest.raises(ModelError, match=complaint):
        manifest.load(kinds.SMALL[name].with_table(table, **values).write(tmp_path))


@pytest.mark.parametrize("table", ["input", "stft", "post", "output"])
def test_missing_tables_are_named(tmp_path, table):
    model = kinds.SMALL["mdx"]
    folder = model.write(tmp_path)
    text = (folder / "model.toml").read_text()
    (folder / "model.toml").write_text(text.replace(f"[{table}]", "[nothing]"))
    with pytest.raises(ModelError, match=table):
        manifest.load(folder)


@pytest.mark.parametrize(
    "model",
    [
        kinds.magnitudes(frames=8192, bins=32769, n_fft=65536, hop=16384, overlap_frames=0),
        kinds.mdx(65536, 32769, 8192, hop=16384),
        kinds.demucs(1 << 23),
    ],
    ids=["magnitude", "mdx", "demucs"],
)
def test_windows_that_would_eat_gigabytes_are_refused_unseen(tmp_path, model):
    with pytest.raises(ModelError, match="too big"):
        manifest.load(model.write(tmp_path, b"never read"))


@pytest.mark.parametrize(
    ("residual", "complaint"),
    [("../x", "residual"), ("Vocals", "residual"), (3, "residual"), ("vocals", "two to sixteen")],
)
def test_odd_residual_stems_are_refused(tmp_path, residual, complaint):
    model = replace(kinds.SMALL["mdx"], top={"residual": residual})
    with pytest.raises(ModelError, match=complaint):
        manifest.load(model.write(tmp_path))


def fuzz(data, name):
    """Change some bytes, cut or repeat a part: the manifest loads, or is one clear error."""
    with tempfile.TemporaryDirectory() as folder:
        target = kinds.SMALL[name].write(Path(folder))
        text = bytearray((target / "model.toml").read_bytes())
        for at in data.draw(st.lists(st.integers(0, len(text) - 1), max_size=6)):
            text[at] = data.draw(st.integers(0, 255))
        start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        text[start:end] = text[start:end] * data.draw(st.sampled_from([0, 1, 1, 2]))
        (target / "model.toml").write_bytes(text)
        with contextlib.suppress(ModelError):
            loaded = manifest.load(target)
            loaded.verify()
            assert loaded.kind.grid.step > 0


@given(data=st.data(), name=st.sampled_from(KINDS))
@settings(deadline=None, max_examples=50)
def test_damaged_manifests_load_or_are_one_clear_error(data, name):
    fuzz(data, name)


@pytest.mark.soak
@given(data=st.data(), name=st.sampled_from(KINDS))
@settings(deadline=None, max_examples=5000)
def test_damaged_manifests_for_long(data, name):
    fuzz(data, name)
