"""A process that frees a big array holds it no longer, however often it has had one."""

import subprocess
import sys

import pytest

_PROGRAM = """
import resource
import sys
from pathlib import Path
import numpy as np
from fanstudio.inference.heap import give_back_early

def held_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6

if sys.argv[1] == "early":
    give_back_early()
kept = []
before = held_mb()
for _ in range(40):
    big = [np.ones(1 << 20, np.float32) for _ in range(8)]
    kept.append(np.ones(1 << 12, np.float32))
    del big
print(held_mb() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap")
def test_freed_arrays_go_back_to_the_system():
    grown = {
        how: float(
            subprocess.run([sys.executable, "-c", _PROGRAM, how], capture_output=True, check=True).stdout
        )
        for how in ("early", "late")
    }
    assert grown["early"] < 5
    assert grown["early"] <= grown["late"]
