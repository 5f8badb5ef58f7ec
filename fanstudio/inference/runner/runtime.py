"""onnxruntime, silent and reporting to nobody; and what its failures mean."""

from __future__ import annotations

import re

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort

#: It logs what it also raises; only the exception reaches the user.
SILENT = 4
onnxruntime.set_default_logger_severity(SILENT)
onnxruntime.disable_telemetry_events()

#: Its failures, which have no common base and differ from build to build; the last two are what its
#: Python side raises for a provider that does not start, and for wrong inputs.
FAILURES: tuple[type[Exception], ...] = (
    *(kind for kind in vars(ort).values() if isinstance(kind, type) and issubclass(kind, Exception)),
    RuntimeError,
    ValueError,
)

#: Of these only the text tells that memory was short: onnxruntime's arena, CUDA, cuBLAS and cuDNN,
#: DirectML (E_OUTOFMEMORY), HIP, and C++.
_OUT_OF_MEMORY = (
    "failed to allocate memory",
    "out of memory",
    "alloc_failed",
    "memoryallocation",
    "8007000e",
    "not enough memory",
    "bad_alloc",
)
#: The place in its source that a failure begins with: `/path/file.cc:12 type function(arguments) `.
_PLACE = re.compile(r"^\S+\.\w+:\d+ .*\) (?=\S)")


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether a failure says that memory was short."""
    text = str(error).lower()
    return any(words in text for words in _OUT_OF_MEMORY)


def describe(error: Exception) -> str:
    """Return a failure in one line: its cause, which a provider writes last."""
    if is_out_of_memory(error):
        return "it ran out of memory"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    cause = lines[-1] if lines else type(error).__name__
    cause = cause.rpartition("Status Message: ")[2].removeprefix("[ONNXRuntimeError] : ")
    return _PLACE.sub("", cause).rstrip(" .")[:200]
