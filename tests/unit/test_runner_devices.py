"""A device is tried out before it is used, and left, in so many words, when it fails."""

from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest
from onnxruntime.capi import onnxruntime_pybind11_state as ort

from fanstudio import paths
from fanstudio.cli import choices
from fanstudio.errors import DeviceError, ModelError
from fanstudio.inference.runner import Device, Graph, choose_device, list_devices, measured, providers
from fanstudio.inference.runner.measured import measure, measure_cpu
from fanstudio.inference.runner.runtime import describe, is_out_of_memory
from fanstudio.inference.runner.sessions import start_session
from fanstudio.inference.runner.trial import try_out
from fanstudio.jobs import Work
from tests.support.models import BINS, FRAMES, SHAPE, constant_masks, slow_masks
from tests.support.odd_graphs import hungry_masks, random_masks

CPU = "CPUExecutionProvider"
CUDA = Device("cuda", "CUDAExecutionProvider")


def windows(count):
    return {"magnitude": np.ones((count, 2, FRAMES, BINS), np.float32)}


def write_graph(folder, graph, name="graph"):
    path = folder / f"{name}.onnx"
    path.write_bytes(graph.SerializeToString())
    return path


def open_cpu(folder, graph, name):
    return start_session(write_graph(folder, graph, name), CPU, 1)


@pytest.fixture
def second_device(monkeypatch):
    """A device before the CPU whose provider is the CPU's: it starts, and its trial decides."""
    row = providers.Provider("second", CPU, ("linux", "win32", "darwin"), "onnxruntime")
    monkeypatch.setattr(providers, "PROVIDERS", (row, providers.CPU))


# ── memory ───────────────────────────────────────────────────────────────────────────────────


def test_short_memory_means_fewer_windows_at_once(tmp_path):
    """Four windows at once ask the runtime for 4 TB, two for 4 MB: its own failure, its own text."""
    graph = Graph(write_graph(tmp_path, hungry_masks()), "cpu", threads=1)
    graph.batch = 4
    masks = graph.run(Work(), windows(5), "masks")
    assert masks.shape == (5, 2, *SHAPE[1:])
    assert graph.batch == 2
    assert graph.device.note == "4 windows at once were too many: it ran out of memory"


def test_device_without_memory_for_one_window_is_left_for_the_cpu(tmp_path):
    path = write_graph(tmp_path, hungry_masks(2**45))
    graph = Graph(path, "cpu", threads=1)
    graph.device = CUDA
    write_graph(tmp_path, constant_masks([0.25, 0.75]))
    masks = graph.run(Work(), windows(2), "masks")
    assert masks.shape == (2, 2, *SHAPE[1:])
    assert graph.device.name == "cpu"
    assert graph.device.why_not == "cuda: it ran out of memory"
    assert "cuda failed while it ran" in graph.device.note
    assert graph.batch == 1


def test_cpu_without_memory_is_an_error(tmp_path):
    graph = Graph(write_graph(tmp_path, hungry_masks(2**45)), "cpu", threads=1)
    with pytest.raises(ModelError, match="ran out of memory") as caught:
        graph.run(Work(), windows(1), "masks")
    assert "Close other programs" in caught.value.hint


def test_device_that_fails_where_the_cpu_fails_too_is_an_error(tmp_path):
    path = write_graph(tmp_path, constant_masks([float("nan"), 0]))
    graph = Graph(path, "cpu", threads=1)
    graph.device = CUDA
    with pytest.raises(ModelError, match="not numbers"):
        graph.run(Work(), windows(1), "masks")
    path.unlink()
    graph.device = CUDA
    with pytest.raises(ModelError, match="cuda: it returned values that are not numbers"):
        graph.run(Work(), windows(1), "masks")


@pytest.mark.parametrize(
    "text",
    [
        "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running FusedMatMul"
        " node. Name:'MatMul_92' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:331"
        " void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool) Failed to allocate memory for"
        " requested buffer of size 8388608000",
        "[ONNXRuntimeError] : 1 : FAIL : CUDA failure 2: out of memory ; GPU=0 ; hostname=host ;"
        " file=cuda_allocator.cc ; line=48 ; expr=cudaMalloc((void**)&p, size);",
        "[ONNXRuntimeError] : 1 : FAIL : CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0",
        "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running"
        " MemcpyToHost node. Status Message: MLOperatorAuthorImpl.cpp(1978) Exception(3) tid(4304) 8007000E"
        " Not enough memory resources are available to complete this operation.",
        "std::bad_alloc",
    ],
)
def test_failures_that_mean_short_memory_are_known(text):
    for kind in (ort.RuntimeException, ort.Fail):
        assert is_out_of_memory(kind(text))
        assert describe(kind(text)) == "it ran out of memory"


def test_other_failures_do_not_mean_short_memory():
    failure = ort.EPFail("[ONNXRuntimeError] : 11 : EP_FAIL : CUDA failure 700: illegal access\n")
    assert not is_out_of_memory(failure)
    assert describe(failure) == "11 : EP_FAIL : CUDA failure 700: illegal access"
    placed = RuntimeError("/src/python/state.cc:729 void Register(Options&, const Map&) Please install it.")
    assert describe(placed) == "Please install it"


# ── the trial ────────────────────────────────────────────────────────────────────────────────


def test_device_that_computes_the_same_passes(tmp_path):
    path = write_graph(tmp_path, constant_masks([0.25, 0.75]))
    found = try_out(start_session(path, CPU, 1), CPU, measure(start_session(path, CPU, 1)))
    assert found.problem == ""


@pytest.mark.parametrize(
    ("values", "problem"),
    [([0.3, 0.75], "off by 6 %"), ([float("nan"), 1], "not numbers"), ([0.25, 0.5, 0.25], "another size")],
)
def test_device_that_computes_something_else_is_found_out(tmp_path, values, problem):
    wrong = open_cpu(tmp_path, constant_masks(values), "wrong")
    right = open_cpu(tmp_path, constant_masks([0.25, 0.75]), "right")
    assert problem in try_out(wrong, CPU, measure(right)).problem


def test_device_that_is_slower_than_the_cpu_is_found_out(tmp_path):
    slow = open_cpu(tmp_path, slow_masks(steps=20, size=256), "slow")
    fast = open_cpu(tmp_path, constant_masks([0, 0]), "fast")
    assert "slower here than the CPU" in try_out(slow, CPU, measure(fast)).slowness


def test_device_that_takes_nothing_of_the_graph_is_found_out(tmp_path):
    """onnxruntime places what a provider does not take on the CPU, and starts all the same."""
    path = write_graph(tmp_path, constant_masks([1, 0]))
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    session = onnxruntime.InferenceSession(path, options, [CPU])
    assert try_out(session, CUDA.provider, None).problem == "it takes no operation of this model"
    assert "operations stay on the CPU" in try_out(session, CPU, None).note


@pytest.mark.parametrize("graph", [hungry_masks(2**45), constant_masks([float("nan"), 0])])
def test_graph_with_which_the_cpu_does_no_better_is_not_judged(tmp_path, graph):
    path = write_graph(tmp_path, graph)
    assert measure_cpu(path, lambda: start_session(path, CPU, 1)) is None
    found = try_out(start_session(path, CPU, 1), CPU, None)
    assert found.problem == found.slowness == ""


def test_what_the_cpu_computes_is_measured_once(tmp_path):
    path = write_graph(tmp_path, constant_masks([0.25, 0.75]))
    first = measure_cpu(path, lambda: start_session(path, CPU, 1))
    again = measure_cpu(path, lambda: pytest.fail("it was measured again"))
    assert again.seconds == first.seconds
    np.testing.assert_array_equal(again.values, first.values)


def test_kept_measurement_that_is_damaged_or_of_another_graph_is_not_taken(tmp_path):
    path = write_graph(tmp_path, constant_masks([0.25, 0.75]))
    measure_cpu(path, lambda: start_session(path, CPU, 1))
    (kept,) = (paths.cache_dir() / "trials").iterdir()
    for damage in (b"", b"PK\x03\x04 no archive", kept.read_bytes()[:-30]):
        kept.write_bytes(damage)
        assert measure_cpu(path, lambda: start_session(path, CPU, 1)).values[0].max() == 0.75
    write_graph(tmp_path, constant_masks([0.5, 0.5, 0.1]))
    assert measure_cpu(path, lambda: start_session(path, CPU, 1)).values[0].max() == 0.5


def test_device_that_fails_its_trial_is_a_reason_and_the_next_is_taken(tmp_path, second_device):
    path = write_graph(tmp_path, random_masks())
    device = Graph(path).device
    assert device.name == "cpu"
    assert device.why_not.startswith("second: it computes something else than the CPU")


def test_device_that_fails_its_trial_is_an_error_when_asked_for(tmp_path, second_device):
    with pytest.raises(DeviceError, match="second failed: it computes something else"):
        Graph(write_graph(tmp_path, random_masks()), "second")


def test_slow_device_is_used_when_asked_for_and_says_so(tmp_path, second_device, monkeypatch):
    ticks = iter([0.0, 1.0, 1.0, 2.0, 2.0, 4.0])  # one run on the CPU, two on the device
    monkeypatch.setattr(measured, "time", SimpleNamespace(perf_counter=lambda: next(ticks)))
    device = Graph(write_graph(tmp_path, constant_masks([1, 0])), "second").device
    assert device.name == "second"
    assert "slower here than the CPU, 2.00 s against 1.00 s a window" in device.note


# ── which devices there are ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("system", "first", "wheel"),
    [
        ("linux", "tensorrt", "onnxruntime-openvino"),
        ("win32", "tensorrt", "onnxruntime-directml"),
        ("darwin", "coreml", "onnxruntime"),
    ],
)
def test_every_system_has_its_devices_and_says_how_to_get_them(monkeypatch, system, first, wheel):
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CPU])
    devices = list_devices()
    assert next(iter(devices)) == first
    assert list(devices)[-1] == "cpu"
    assert devices.pop("cpu") == ""
    assert any(f"the wheel {wheel} brings it" in obstacle for obstacle in devices.values())
    assert choose_device().why_not


def test_command_line_knows_every_device():
    assert {choice.value for choice in choices.Device} == {"auto", *(row.name for row in providers.PROVIDERS)}


def test_device_of_another_system_is_refused():
    foreign = next(row for row in providers.PROVIDERS if row not in providers.providers_here())
    with pytest.raises(DeviceError, match=f"{foreign.name} cannot be used"):
        choose_device(foreign.name)
