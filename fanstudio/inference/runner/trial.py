"""A device's trial: one run of the graph on made-up inputs, beside the same on the CPU."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from fanstudio.inference.runner.providers import CPU
from fanstudio.inference.runner.runtime import FAILURES

#: Of the CPU's output, in RMS. Half precision and TF32 stay ten times below; a stem errs ten times more.
_LARGEST_ERROR = 0.03
#: Stands for an axis, other than the first, that the graph leaves free.
_FREE_SIZE = 256
_MOST_NAMES = 3
#: Older builds cannot tell where operations run.
_UNTOLD: tuple[type[Exception], ...] = (AttributeError, *FAILURES)

Inputs = dict[str, NDArray[np.float32]]
Outputs = list[NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial found, each "" if nothing: wrong results, less speed than the CPU, less than all of it."""

    problem: str = ""
    slowness: str = ""
    note: str = ""


def try_out(
    session: onnxruntime.InferenceSession,
    provider: str,
    open_reference: Callable[[], onnxruntime.InferenceSession],
) -> Trial:
    """Compare a session on `provider` with one on the CPU, in what it computes and how fast.

    A graph whose inputs cannot be made up is tried for where its operations run, nothing more.
    The runtime's own exceptions pass, if the session fails.
    """
    placed = _place_operations(session)
    if placed and provider not in placed:
        return Trial(problem="it takes no operation of this model")
    note = _describe_leftover(placed)
    inputs = make_inputs(session)
    measured = _run_reference(open_reference(), inputs)
    if measured is None:
        return Trial(note=note)
    reference, cpu_seconds = measured
    _run_timed(session, inputs)
    outputs, seconds = _run_timed(session, inputs)
    problem = compare(outputs, reference)
    slow = f"it is slower here than the CPU, {seconds:.2f} s against {cpu_seconds:.2f} s a window"
    return Trial(problem, slow if seconds > cpu_seconds else "", note)


def compare(outputs: Outputs, reference: Outputs) -> str:
    """Return what is wrong with `outputs`, or ""."""
    for has, wanted in zip(outputs, reference, strict=True):
        if has.shape != wanted.shape:
            return f"it computes an array of shape {has.shape} and not {wanted.shape}"
        if not np.isfinite(has).all():
            return "it computes values that are not numbers"
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


def make_inputs(session: onnxruntime.InferenceSession) -> Inputs:
    """Return noise in the shapes that the graph takes; one window where the first axis is free."""
    rng = np.random.default_rng(0)
    return {arg.name: rng.random(_made_up(arg.shape), dtype=np.float32) for arg in session.get_inputs()}


def _made_up(shape: list[int | str | None]) -> list[int]:
    free = [1] + [_FREE_SIZE] * len(shape)
    return [size if isinstance(size, int) else free[axis] for axis, size in enumerate(shape)]


def _run_reference(session: onnxruntime.InferenceSession, inputs: Inputs) -> tuple[Outputs, float] | None:
    """Return what the CPU computes and its time, or None where it takes no such inputs."""
    try:
        outputs, seconds = _run_timed(session, inputs)
    except FAILURES:
        return None
    return (outputs, seconds) if all(np.isfinite(output).all() for output in outputs) else None


def _run_timed(session: onnxruntime.InferenceSession, inputs: Inputs) -> tuple[Outputs, float]:
    started = time.perf_counter()
    outputs = session.run(None, inputs)
    seconds = time.perf_counter() - started
    return [np.asarray(output, np.float32) for output in outputs], seconds
