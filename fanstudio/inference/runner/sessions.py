"""Opens a graph on the first device that starts it and passes its trial."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import onnxruntime

from fanstudio.errors import DeviceError, ModelError
from fanstudio.inference.runner.devices import DEVICE_HINT, Device, candidates
from fanstudio.inference.runner.measured import measure_cpu
from fanstudio.inference.runner.providers import CPU
from fanstudio.inference.runner.runtime import FAILURES, SILENT, describe
from fanstudio.inference.runner.trial import Trial, try_out
from fanstudio.paths import cache_dir


def open_session(
    path: Path, wanted: str, threads: int, *, unpack: bool = False
) -> tuple[Device, onnxruntime.InferenceSession]:
    """Return a session on the device that was wanted, or for "auto" on the best that works.

    Raises:
        DeviceError: the device asked for does not start, or fails its trial.
        ModelError: the file is not a graph that onnxruntime can run.

    """
    obstacles: dict[str, str] = {}
    failure: Exception | None = None
    for device in candidates(wanted, obstacles):
        try:
            session = start_session(path, device.provider, threads, unpack=unpack)
            trial = _try_unless_cpu(session, path, device, threads)
        except FAILURES as error:
            failure = error
            obstacles[device.name] = describe(error)
            continue
        slow = trial.slowness if wanted == "auto" else ""
        obstacle = trial.problem or slow
        if not obstacle:
            note = "; ".join(text for text in (trial.slowness, trial.note) if text)
            return replace(device, note=note), session
        obstacles[device.name] = obstacle
    if wanted in ("auto", CPU.name):
        raise ModelError(f"The model {path} cannot be loaded: {obstacles[CPU.name]}") from failure
    raise DeviceError(f"The device {wanted} failed: {obstacles[wanted]}.", hint=DEVICE_HINT) from failure


def start_session(
    path: Path, provider: str, threads: int, *, unpack: bool = False
) -> onnxruntime.InferenceSession:
    """Return a session on `provider`, or on the CPU alone where that did not start: `get_providers` tells.

    With `unpack`, int8 weights become float32 once and not in each run: faster, and four times as big.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Together they hold a fifth less memory, at the same speed; DirectML allows no pattern anyway.
    options.enable_mem_pattern = False
    options.execution_order = onnxruntime.ExecutionOrder.PRIORITY_BASED
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if unpack:
        options.add_session_config_entry("session.disable_quant_qdq", "1")
    if provider == CPU.provider:
        return onnxruntime.InferenceSession(path, options, [provider], enable_fallback=0)
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    providers: list[str | tuple[str, dict[str, str]]] = [
        (provider, _provider_options(provider)),
        CPU.provider,
    ]
    return onnxruntime.InferenceSession(path, options, providers, enable_fallback=0)


def _provider_options(provider: str) -> dict[str, str]:
    """Let TensorRT keep the engines that it builds: each takes it minutes."""
    if provider != "TensorrtExecutionProvider":
        return {}
    folder = cache_dir() / "tensorrt"
    return {"trt_engine_cache_enable": "True", "trt_engine_cache_path": str(folder)}


def _try_unless_cpu(session: onnxruntime.InferenceSession, path: Path, device: Device, threads: int) -> Trial:
    if device.name == CPU.name:
        return Trial()
    if session.get_providers()[0] != device.provider:
        return Trial(problem="onnxruntime could not start it")
    cpu = measure_cpu(path, lambda: start_session(path, CPU.provider, threads))
    return try_out(session, device.provider, cpu)
