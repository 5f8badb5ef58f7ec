"""A very long source is warped in bounded memory."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.pool import Pool
from fanstudio.jobs import Work
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.warp import Warp

RATE = 16_000
HOURS = 3
_MOST_MB = 300


@pytest.mark.soak
@pytest.mark.skipif(sys.platform == "win32", reason="no getrusage")
def test_three_hours_are_warped_in_bounded_memory(tmp_path: Path) -> None:
    pool = Pool(tmp_path / "p.fanstudio" / "audio", tmp_path / "cache")
    writer = pool.writer(RATE, 1)
    minute = np.random.default_rng(0).uniform(-0.3, 0.3, (1, 60 * RATE)).astype(np.float32)
    minute *= np.sin(np.arange(60 * RATE) * 2 * np.pi / RATE, dtype=np.float32)
    for _ in range(60 * HOURS):
        writer.write(minute)
    source = writer.finish(Work(), "Long", RATE, Origin(Basis.RECORDED, "Long"))
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    whole = pool.prepare(Work(), source, RATE, Warp(0.8, -2.0, keep_formants=True))
    child_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1_024
    assert whole.shape == (1, round(source.length * 0.8))
    assert child_mb < _MOST_MB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < ours + 50 * 1_024
    sys.stdout.write(f"{HOURS} h at {RATE} Hz: {child_mb:.0f} MB\n")
