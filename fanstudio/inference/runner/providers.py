"""The devices that graphs can run on: what a user calls them, and how each is had."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """One row: the device's name, onnxruntime's provider, the systems that have it, its wheel."""

    name: str
    provider: str
    systems: tuple[str, ...]
    wheel: str


#: Best first. Only the wheels of the first two and the last are dependencies of fanstudio.
PROVIDERS = (
    Provider("tensorrt", "TensorrtExecutionProvider", ("linux", "win32"), "onnxruntime-gpu"),
    Provider("cuda", "CUDAExecutionProvider", ("linux", "win32"), "onnxruntime-gpu"),
    Provider("migraphx", "MIGraphXExecutionProvider", ("linux",), "onnxruntime-migraphx"),
    Provider("coreml", "CoreMLExecutionProvider", ("darwin",), "onnxruntime"),
    Provider("directml", "DmlExecutionProvider", ("win32",), "onnxruntime-directml"),
    Provider("openvino", "OpenVINOExecutionProvider", ("linux", "win32"), "onnxruntime-openvino"),
    Provider("cpu", "CPUExecutionProvider", ("linux", "win32", "darwin"), "onnxruntime"),
)
CPU = PROVIDERS[-1]


def providers_here() -> tuple[Provider, ...]:
    """Return the rows that this system could have, best first; the CPU is the last."""
    return tuple(row for row in PROVIDERS if sys.platform in row.systems or row is CPU)


def find_provider(name: str) -> Provider | None:
    """Return the row of a device, whatever system it is for."""
    return next((row for row in PROVIDERS if row.name == name), None)
