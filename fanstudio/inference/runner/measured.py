"""What a graph computes of made-up inputs, and how fast; what the CPU does is kept for the next time."""

from __future__ import annotations

import contextlib
import hashlib
import io
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from fanstudio.errors import FanstudioError
from fanstudio.files import make_folder, write_whole
from fanstudio.inference.runner.runtime import FAILURES
from fanstudio.paths import cache_dir

#: Stands for an axis, other than the first, that the graph leaves free.
_FREE_SIZE = 256
#: Values of each output that are kept, evenly taken out of all.
_MOST_VALUES = 1 << 16
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Values of each output, evenly taken out of all, and the seconds that one run took."""

    values: tuple[NDArray[np.float32], ...]
    seconds: float

    @property
    def finite(self) -> bool:
        """Tell whether the outputs are numbers."""
        return all(bool(np.isfinite(values).all()) for values in self.values)


def measure(session: onnxruntime.InferenceSession, rounds: int = 1) -> Measured:
    """Run a graph on noise; the last of `rounds` counts. The runtime's exceptions pass."""
    rng = np.random.default_rng(0)
    inputs = {arg.name: rng.random(_made_up(arg.shape), dtype=np.float32) for arg in session.get_inputs()}
    for _round in range(rounds):
        started = time.perf_counter()
        outputs = session.run(None, inputs)
        seconds = time.perf_counter() - started
    return Measured(tuple(_thin(np.asarray(output, np.float32)) for output in outputs), seconds)


def measure_cpu(path: Path, open_session: Callable[[], onnxruntime.InferenceSession]) -> Measured | None:
    """Return what the CPU does with a graph, kept from an earlier time; None if it cannot tell."""
    kept = _kept_at(path)
    with contextlib.suppress(*_UNREADABLE):
        return _read(kept)
    try:
        measured = measure(open_session())
    except FAILURES:
        return None
    if not measured.finite:
        return None
    with contextlib.suppress(FanstudioError):
        _write(kept, measured)
    return measured


def _made_up(shape: list[int | str | None]) -> list[int]:
    """Return one window where the first axis is free."""
    free = [1] + [_FREE_SIZE] * len(shape)
    return [size if isinstance(size, int) else free[axis] for axis, size in enumerate(shape)]


def _thin(output: NDArray[np.float32]) -> NDArray[np.float32]:
    return output.ravel()[:: -(-output.size // _MOST_VALUES) or 1].copy()


def _kept_at(path: Path) -> Path:
    """Return where a graph's run on the CPU is kept: another file or runtime has another place."""
    state = path.stat()
    names = (path.resolve(), state.st_size, state.st_mtime_ns, onnxruntime.__version__)
    key = hashlib.sha256("\n".join(map(str, names)).encode()).hexdigest()[:32]
    return cache_dir() / "trials" / f"{key}.npz"


def _read(kept: Path) -> Measured:
    with kept.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        values = [archive[f"output{number}"] for number in range(len(archive.files) - 1)]
        return Measured(tuple(values), float(archive["seconds"]))


def _write(kept: Path, measured: Measured) -> None:
    named = {f"output{number}": values for number, values in enumerate(measured.values)}
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, seconds=measured.seconds, **named)
    make_folder(kept.parent)
    write_whole(kept, stream.getvalue())
