"""The runner says what it runs on, never falls back in silence, and stops when asked."""

import os
import subprocess
import sys
import threading
import time

import numpy as np
import onnx
import pytest

from fanstudio.errors import Cancelled, DeviceError, ModelError
from fanstudio.inference import runner
from fanstudio.inference.runner import Graph, choose_device, obstacles
from fanstudio.jobs import Work
from tests.support.cancelling import cancelled_soon
from tests.support.models import BINS, FRAMES, constant_masks
from tests.support.odd_graphs import endless_masks

WINDOW = np.ones((1, 2, FRAMES, BINS), np.float32)
no_cuda = pytest.mark.skipif(not runner.find_obstacle("cuda"), reason="this machine has CUDA")


def write_graph(tmp_path, graph):
    path = tmp_path / "graph.onnx"
    path.write_bytes(graph if isinstance(graph, bytes) else graph.SerializeToString())
    return path


@no_cuda
def test_auto_says_why_it_is_the_cpu():
    device = choose_device()
    assert device.name == "cpu"
    assert "cuda" in device.why_not or sys.platform == "darwin"


@no_cuda
def test_cuda_asked_for_is_an_error_and_never_the_cpu(tmp_path):
    path = write_graph(tmp_path, constant_masks([1, 0]))
    with pytest.raises(DeviceError, match="cuda cannot be used"):
        choose_device("cuda")
    with pytest.raises(DeviceError, match="cuda cannot be used"):
        Graph(path, "cuda")


def test_provider_that_does_not_start_is_an_error_when_asked_for_and_a_reason_else(
    tmp_path, monkeypatch, capfd
):
    """With its libraries taken for present, onnxruntime itself fails to start the provider."""
    if not runner.find_obstacle("cuda") or sys.platform == "darwin":
        pytest.skip("needs a machine without CUDA whose onnxruntime is built for it")
    monkeypatch.setattr(obstacles, "_can_load", lambda library: True)
    path = write_graph(tmp_path, constant_masks([1, 0]))
    for wanted in ("cuda", "tensorrt"):
        with pytest.raises(DeviceError, match=wanted):
            Graph(path, wanted)
    device = Graph(path).device
    assert device.name == "cpu"
    assert "cuda" in device.why_not
    assert capfd.readouterr() == ("", "")


def test_unknown_device_names_the_choices():
    with pytest.raises(DeviceError) as caught:
        choose_device("gpu9000")
    assert "cpu" in caught.value.hint


def test_loading_prints_nothing(tmp_path):
    path = write_graph(tmp_path, constant_masks([1, 0]))
    code = (
        "import sys; from pathlib import Path; from fanstudio.inference.runner import Graph;"
        "Graph(Path(sys.argv[1])); \ntry: Graph(Path(sys.argv[2]))\nexcept Exception: pass"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(path), __file__], capture_output=True, text=True, check=True
    )
    assert (run.stdout, run.stderr) == ("", "")


def test_run_returns_the_output(tmp_path):
    graph = Graph(write_graph(tmp_path, constant_masks([0.25, 0.75])), "cpu", threads=1)
    assert graph.inputs == {"magnitude": (None, 2, FRAMES, BINS)}
    masks = graph.run(Work(), {"magnitude": WINDOW}, "masks")
    assert masks.shape == (1, 2, 2, FRAMES, BINS)
    assert np.all(masks[:, 0] == 0.25)
    assert np.all(masks[:, 1] == 0.75)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_outputs_that_are_not_numbers_are_refused(tmp_path, value):
    graph = Graph(write_graph(tmp_path, constant_masks([value, 0])))
    with pytest.raises(ModelError, match="not numbers"):
        graph.run(Work(), {"magnitude": WINDOW}, "masks")


@pytest.mark.parametrize(
    "inputs", [{"magnitude": WINDOW[:, :, :3]}, {"other": WINDOW}, {"magnitude": WINDOW[0]}]
)
def test_wrong_inputs_are_refused(tmp_path, inputs):
    graph = Graph(write_graph(tmp_path, constant_masks([1, 0])))
    with pytest.raises(ModelError, match=r"graph\.onnx failed"):
        graph.run(Work(), inputs, "masks")


@pytest.mark.parametrize("cut", [0, 10, 200])
def test_file_that_is_no_graph_is_refused(tmp_path, cut):
    data = constant_masks([1, 0]).SerializeToString()[:cut]
    with pytest.raises(ModelError, match="cannot be loaded"):
        Graph(write_graph(tmp_path, data))


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelError, match="cannot be loaded"):
        Graph(tmp_path / "none.onnx")


def test_cancel_ends_a_run_in_its_middle(tmp_path):
    graph = Graph(write_graph(tmp_path, endless_masks()), threads=1)
    work, cancelled_at = cancelled_soon()
    with pytest.raises(Cancelled):
        graph.run(work, {"magnitude": WINDOW}, "masks")
    assert time.process_time() - cancelled_at[0] < 1
    assert not [thread for thread in threading.enumerate() if thread.name == "cancel watcher"]


def test_nothing_is_reported_to_the_maker_of_the_runtime(tmp_path):
    """The runtime keeps what it is about to report, and an identifier, in the user's cache."""
    graph = write_graph(tmp_path, constant_masks([1, 0]))
    home = tmp_path / "user"
    home.mkdir()
    program = (
        "import sys, pathlib; from fanstudio.inference import runner as r; r.Graph(pathlib.Path(sys.argv[1]))"
    )
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", program, str(graph)], env=environment, check=True, timeout=120)
    assert list(home.iterdir()) == []


def test_devices_are_listed_best_first_and_the_cpu_always_works():
    devices = runner.list_devices()
    assert list(devices)[-1] == "cpu"
    assert devices["cpu"] == ""


def test_weights_outside_the_models_folder_are_not_read(tmp_path):
    model = constant_masks([1, 0])
    (tmp_path / "secret").write_bytes(bytes(4))
    (tmp_path / "model").mkdir()
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../secret")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Graph(write_graph(tmp_path / "model", model))
