"""What a split does in its child process before the first piece, step by step, importing no more than it."""

from __future__ import annotations

import time
from pathlib import Path

from fanstudio.jobs import Work


def time_steps(work: Work, started: float, mix: Path, frames: int) -> list[tuple[str, float]]:
    """Return each step's name and seconds, up to the first piece of a stereo rendition at 44.1 kHz."""
    steps = [("start a process", time.monotonic())]
    from fanstudio.studio import split_ahead as child

    steps.append(("import numpy and onnxruntime", time.monotonic()))
    samples = child.open_prepared(mix, 2, frames)
    rms = child.measure_rms(work, (samples[:, at : at + 65536] for at in range(0, frames, 65536)))
    steps.append(("level of the whole song", time.monotonic()))
    splitter = child.open_splitter()
    steps.append(("verify and load the model", time.monotonic()))
    next(child.AheadSplit(splitter, samples, 44_100, rms).pieces(work, lambda: 0))
    steps.append(("first 8.9 s of the song", time.monotonic()))
    times = [started, *(at for _, at in steps)]
    return [(name, at - before) for (name, at), before in zip(steps, times, strict=False)]
