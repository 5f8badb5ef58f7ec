"""Remembers in the cache how fast each model ran on this machine."""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import dataclass
from pathlib import Path

from fanstudio.errors import StorageError
from fanstudio.files import write_whole
from fanstudio.paths import cache_dir

_MOST_MODELS = 200
_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Speed:
    """The device that a model ran on last, and how many times faster than the song plays."""

    device: str
    times_realtime: float


def remember(name: str, speed: Speed) -> None:
    """Keep a speed under a model's hash or another name; a cache that cannot be written is left alone."""
    known = _load()
    known.pop(name, None)
    known[name] = speed
    latest = list(known.items())[-_MOST_MODELS:]
    value = {key: [kept.device, kept.times_realtime] for key, kept in latest}
    with contextlib.suppress(StorageError):
        write_whole(_path(), json.dumps(value).encode())


def recall(name: str) -> Speed | None:
    """Return the speed that was kept under a name, or None where it has not been measured here."""
    return _load().get(name)


def _path() -> Path:
    return cache_dir() / "model_speeds.json"


def _load() -> dict[str, Speed]:
    """Read what is known; a file that something else wrote counts as nothing."""
    try:
        stored = json.loads(_path().read_bytes()[:_MAX_BYTES])
        rows = {str(key): (str(device), float(times)) for key, (device, times) in stored.items()}
    except (OSError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return {}
    return {key: Speed(*row) for key, row in rows.items() if math.isfinite(row[1]) and row[1] > 0}
