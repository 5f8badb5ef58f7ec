"""Runs ONNX graphs on the best device that works, and says which one and why not a better one."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort

from fanstudio.errors import DeviceError, ModelError
from fanstudio.jobs import Work

#: onnxruntime's failures, which have no common base.
_FAILURES = (
    ort.EPFail,
    ort.EngineError,
    ort.Fail,
    ort.InvalidArgument,
    ort.InvalidGraph,
    ort.InvalidProtobuf,
    ort.NoModel,
    ort.NoSuchFile,
    ort.NotImplemented,
    ort.RuntimeException,
)
#: onnxruntime logs what it also raises; only the exception reaches the user.
_SILENT = 4
onnxruntime.set_default_logger_severity(_SILENT)
onnxruntime.disable_telemetry_events()
_CANCEL_POLL_S = 0.05
_DEVICE_HINT = "Use --device auto or cpu; NVIDIA cards need their driver and the extra fanstudio[cuda]."

#: Best first; what a user calls the device, and onnxruntime's provider.
PROVIDERS = {
    "tensorrt": "TensorrtExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "cpu": "CPUExecutionProvider",
}


@dataclass(frozen=True, slots=True)
class Device:
    """What a graph runs on; `why_not` says why not on something better, "" if it is the best."""

    name: str
    provider: str
    why_not: str = ""


def find_obstacle(name: str) -> str:
    """Return why the device `name` cannot be used here, or "" if nothing is known against it."""
    if PROVIDERS[name] not in onnxruntime.get_available_providers():
        return "it is not in this build of onnxruntime"
    missing = _find_missing_library(name)
    return f"{missing} is not installed" if missing else ""


def list_devices() -> dict[str, str]:
    """Return what may stand in the way of each device that this system could have, best first."""
    return {name: find_obstacle(name) for name in _device_names()}


def choose_device(wanted: str = "auto") -> Device:
    """Return the best device for "auto", or the one asked for.

    Raises:
        DeviceError: the device asked for cannot be used here; never a silent CPU.

    """
    return next(_candidates(wanted, {}))


class Graph:
    """One loaded ONNX graph on its device; `run` may be called again and again from one thread."""

    def __init__(self, path: Path, device: str = "auto", *, threads: int | None = None) -> None:
        """Load `path` on `device` (auto, cpu, cuda, tensorrt, coreml) with `threads` CPU threads.

        Raises:
            DeviceError: the device asked for cannot be used.
            ModelError: the file is not a graph that onnxruntime can run.

        """
        self.path = path
        self.device, self._session = _open_session(path, device, threads or count_cpus())

    @property
    def inputs(self) -> dict[str, tuple[int | None, ...]]:
        """Return the shape of each input; None where any size goes."""
        return {arg.name: _fixed_sizes(arg.shape) for arg in self._session.get_inputs()}

    @property
    def outputs(self) -> dict[str, tuple[int | None, ...]]:
        """Return the shape of each output; None where any size goes."""
        return {arg.name: _fixed_sizes(arg.shape) for arg in self._session.get_outputs()}

    def run(self, work: Work, inputs: Mapping[str, NDArray[np.float32]], output: str) -> NDArray[np.float32]:
        """Return one output of the graph, finite float32; cancelling ends it within a tenth of a second.

        Raises:
            ModelError: the graph does not take these inputs, failed, or returned NaN or infinity.

        """
        options = onnxruntime.RunOptions()
        options.log_severity_level = _SILENT
        try:
            with _ended_by(work, options):
                (result,) = self._session.run([output], inputs, options)
        except (*_FAILURES, ValueError) as error:
            work.check()
            raise ModelError(f"The model {self.path.name} failed: {_first_line(error)}") from error
        work.check()
        if result.dtype != np.float32 or not np.isfinite(result).all():
            raise ModelError(f"The model {self.path.name} returned values that are not numbers.")
        return result.astype(np.float32, copy=False)


def count_cpus() -> int:
    """Return how many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _candidates(wanted: str, obstacles: dict[str, str]) -> Iterator[Device]:
    """Yield usable devices, best first; the caller may add `obstacles`, by name, between them."""
    if wanted == "auto":
        for name in _device_names():
            obstacle = find_obstacle(name)
            if obstacle:
                obstacles[name] = obstacle
            else:
                yield Device(name, PROVIDERS[name], _join_obstacles(obstacles))
        return
    if wanted not in PROVIDERS:
        choices = ", ".join(["auto", *_device_names()])
        raise DeviceError(f"There is no device called {wanted!r}.", hint=f"Choose one of: {choices}.")
    obstacle = find_obstacle(wanted)
    if obstacle:
        raise DeviceError(f"The device {wanted} cannot be used: {obstacle}.", hint=_DEVICE_HINT)
    yield Device(wanted, PROVIDERS[wanted], "it was asked for" if wanted == "cpu" else "")


def _device_names() -> list[str]:
    foreign = ("tensorrt", "cuda") if sys.platform == "darwin" else ("coreml",)
    return [name for name in PROVIDERS if name not in foreign]


def _join_obstacles(obstacles: Mapping[str, str]) -> str:
    """Return one sentence, with the names that share a reason put together."""
    names: dict[str, list[str]] = {}
    for name, reason in obstacles.items():
        names.setdefault(reason, []).append(name)
    return "; ".join(f"{', '.join(group)}: {reason}" for reason, group in names.items())


def _open_session(path: Path, wanted: str, threads: int) -> tuple[Device, onnxruntime.InferenceSession]:
    obstacles: dict[str, str] = {}
    failure: Exception | None = None
    for device in _candidates(wanted, obstacles):
        try:
            session = _start_session(path, device.provider, threads)
        except (*_FAILURES, RuntimeError) as error:
            failure = error
            obstacles[device.name] = _first_line(error)
            continue
        if session.get_providers()[0] == device.provider:
            return device, session
        obstacles[device.name] = "onnxruntime could not start it"
    if wanted in ("auto", "cpu"):
        raise ModelError(f"The model {path} cannot be loaded: {obstacles['cpu']}") from failure
    raise DeviceError(f"The device {wanted} failed: {obstacles[wanted]}.", hint=_DEVICE_HINT) from failure


def _start_session(path: Path, provider: str, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _SILENT
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = [provider] if provider == PROVIDERS["cpu"] else [provider, PROVIDERS["cpu"]]
    return onnxruntime.InferenceSession(path, options, providers, enable_fallback=0)


@contextlib.contextmanager
def _ended_by(work: Work, options: onnxruntime.RunOptions) -> Iterator[None]:
    """End the run that uses `options` as soon as `work` is cancelled."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_CANCEL_POLL_S):
            if work.cancelled:
                options.terminate = True
                return

    watcher = threading.Thread(target=watch, name="cancel watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _find_missing_library(name: str) -> str:
    """Return the first shared library that `name` needs and that cannot be loaded, or ""."""
    if name not in ("tensorrt", "cuda"):
        return ""
    driver, *libraries = _library_names(name)
    if not _can_load(driver):
        return f"NVIDIA's driver ({driver})"
    with contextlib.redirect_stdout(io.StringIO()):
        onnxruntime.preload_dlls()
    return next((library for library in libraries if not _can_load(library)), "")


def _library_names(name: str) -> list[str]:
    cuda = onnxruntime.cuda_version.partition(".")[0]
    if sys.platform == "win32":
        needed = ["nvcuda.dll", f"cudart64_{cuda}.dll", f"cublasLt64_{cuda}.dll", "cudnn64_9.dll"]
        more = {"tensorrt": ["nvinfer_10.dll", "nvonnxparser_10.dll"], "cuda": ["curand64_10.dll"]}
    else:
        needed = ["libcuda.so.1", f"libcudart.so.{cuda}", f"libcublasLt.so.{cuda}", "libcudnn.so.9"]
        more = {"tensorrt": ["libnvinfer.so.10", "libnvonnxparser.so.10"], "cuda": ["libcurand.so.10"]}
    return needed + more[name]


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _fixed_sizes(shape: list[int | str | None]) -> tuple[int | None, ...]:
    return tuple(size if isinstance(size, int) else None for size in shape)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0].removeprefix("[ONNXRuntimeError] : ")[:200]
