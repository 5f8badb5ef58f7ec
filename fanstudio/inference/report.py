"""What a run of a model is remembered by: which model, on what, how fast, how much memory."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SplitReport:
    """How a split was made; `why_not_better` is "" when the best device was used to the end."""

    model: str
    sha256: str
    device: str
    why_not_better: str
    seconds: float
    times_realtime: float
    peak_rss_mb: float
    #: What did not go as it should on that device: short memory, operations left to the CPU.
    note: str = ""
    #: Some of the stems are a rule of thumb's, not a net's, and must be called so.
    approximate: bool = False


def peak_rss_mb() -> float:
    """Return the most memory this process has held, in MB; 0.0 where the system does not tell."""
    if sys.platform == "linux":
        return _read_high_water() / 1000
    if sys.platform == "win32":
        return 0.0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _read_high_water() -> float:
    """Return VmHWM in kB: unlike ru_maxrss it does not count what the parent held before exec."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) * 1.024
    return 0.0
