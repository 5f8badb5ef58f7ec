"""What stands in the way of a device, as far as can be told without running anything on it."""

from __future__ import annotations

import contextlib
import ctypes
import io
import sys

import onnxruntime

from fanstudio.inference.runner.providers import Provider, find_provider


def find_obstacle(name: str) -> str:
    """Return why the device `name` cannot be used here, or "" if nothing is known against it."""
    row = find_provider(name)
    if row is None:
        return "fanstudio knows no such device"
    if row.provider not in onnxruntime.get_available_providers():
        return f"this build of onnxruntime lacks it{_where_to_get(row)}"
    missing = _find_missing_library(name)
    return f"{missing} is not installed" if missing else ""


def _where_to_get(row: Provider) -> str:
    """Return which wheel brings a provider; wheels of onnxruntime replace, and never join, one another."""
    if sys.platform not in row.systems:
        return ""
    return f", the wheel {row.wheel} brings it in place of the one installed"


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
