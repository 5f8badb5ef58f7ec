"""Commands that are run to be measured: their time, and the memory of their whole tree of processes."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import children

_POLL_S = 0.05


@dataclass(frozen=True)
class MeasuredRun:
    """Seconds by the clock and of processors, the most MB that all processes and that one held, stdout."""

    seconds: float
    cpu_seconds: float
    together_mb: float
    largest_mb: float
    out: str


def run_measured(command: list[object], home: Path, threads: int = 2) -> MeasuredRun:
    """Run a command that must succeed, its libraries held to `threads` threads."""
    environment = {**os.environ, "FANSTUDIO_HOME": str(home), "OMP_NUM_THREADS": str(threads)}
    log = home.parent / "stderr.txt"
    together = largest = 0.0
    began, spent = time.monotonic(), _spent()
    with (
        log.open("wb") as err,
        subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=err, text=True, env=environment
        ) as process,
    ):
        while not _ended(process):
            held = [held_mb(pid) for pid in _tree(process.pid)]
            together = max(together, sum(now for now, _most in held))
            largest = max(largest, *(most for _now, most in held), 0.0)
        seconds = time.monotonic() - began
        out = process.stdout.read() if process.stdout else ""
    assert process.returncode == 0, log.read_text()[-2000:]
    return MeasuredRun(seconds, _spent() - spent, max(together, largest), largest, out)


def _spent() -> float:
    """Return the processor seconds of all processes that were started from here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _ended(process: subprocess.Popen[str]) -> bool:
    try:
        process.wait(_POLL_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def _tree(pid: int) -> list[int]:
    try:
        below = children(pid)
    except OSError:
        return []
    return [pid, *(one for child in below for one in _tree(child))]


def held_mb(pid: int) -> tuple[float, float]:
    """Return the resident memory of a process now, and the most it ever was, in MB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    values = {name: rest for name, _, rest in (line.partition(":") for line in lines)}
    now, most = (float(values.get(name, "0").split()[0]) * 1.024e-3 for name in ("VmRSS", "VmHWM"))
    return now, most
