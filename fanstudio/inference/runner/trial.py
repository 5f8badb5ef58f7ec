"""A device's trial: one run of the graph on made-up inputs, beside the same on the CPU."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import onnxruntime

from fanstudio.inference.runner.measured import Measured, measure
from fanstudio.inference.runner.providers import CPU
from fanstudio.inference.runner.runtime import FAILURES

#: Of the CPU's output, in RMS. Half precision and TF32 stay ten times below; a stem errs ten times more.
_LARGEST_ERROR = 0.03
_MOST_NAMES = 3
#: Older builds cannot tell where operations run.
_UNTOLD: tuple[type[Exception], ...] = (AttributeError, *FAILURES)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial found, each "" if nothing: wrong results, less speed than the CPU, less than all of it."""

    problem: str = ""
    slowness: str = ""
    note: str = ""


def try_out(session: onnxruntime.InferenceSession, provider: str, cpu: Measured | None) -> Trial:
    """Compare a session on `provider` with the CPU, in what it computes and how fast.

    Where nobody knows what the CPU computes, only where the operations run is looked at. The
    runtime's own exceptions pass, if the session fails.
    """
    placed = _place_operations(session)
    if placed and provider not in placed:
        return Trial(problem="it takes no operation of this model")
    note = _describe_leftover(placed)
    if cpu is None:
        return Trial(note=note)
    device = measure(session, rounds=2)
    slow = f"it is slower here than the CPU, {device.seconds:.2f} s against {cpu.seconds:.2f} s a window"
    return Trial(compare(device, cpu), slow if device.seconds > cpu.seconds else "", note)


def compare(device: Measured, cpu: Measured) -> str:
    """Return what is wrong with what a device computes, or ""."""
    if not device.finite:
        return "it computes values that are not numbers"
    for has, wanted in zip(device.values, cpu.values, strict=True):
        if has.shape != wanted.shape:
            return "it computes arrays of another size than the CPU"
        error = float(np.linalg.norm(has - wanted)) / max(float(np.linalg.norm(wanted)), 1e-9)
        if error > _LARGEST_ERROR:
            return f"it computes something else than the CPU, off by {100 * error:.0f} %"
    return ""


def _place_operations(session: onnxruntime.InferenceSession) -> dict[str, Counter[str]]:
    """Return how many operations of each type each provider runs; empty if onnxruntime does not tell."""
    placed: dict[str, Counter[str]] = {}
    try:
        parts = session.get_provider_graph_assignment_info()
    except _UNTOLD:
        return placed
    for part in parts:
        placed.setdefault(part.ep_name, Counter()).update(node.op_type for node in part.get_nodes())
    return placed


def _describe_leftover(placed: dict[str, Counter[str]]) -> str:
    if not placed:
        return "onnxruntime does not tell what it leaves to the CPU"
    left = placed.get(CPU.provider, Counter())
    if not left:
        return ""
    total = sum(types.total() for types in placed.values())
    names = ", ".join(name for name, _count in left.most_common(_MOST_NAMES))
    return f"{left.total()} of {total} operations stay on the CPU ({names})"
