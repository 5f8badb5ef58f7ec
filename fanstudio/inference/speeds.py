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


def remember(sha256: str, speed: Speed) -> None:
    """Keep the speed of the model with this hash; a cache that cannot be written is left alone."""
    known = _load()
    known.pop(sha256, None)
    known[sha256] = speed
    latest = list(known.items())[-_MOST_MODELS:]
    value = {key: [kept.device, kept.times_realtime] for key, kept in latest}
    with contextlib.suppress(StorageError):
        write_whole(_path(), json.dumps(value).encode())


def recall(sha256: str) -> Speed | None:
    """Return the speed of the model with this hash, or None where it has not been measured here."""
    return _load().get(sha256)


def _path() -> Path:
    return cache_dir() / "model_speeds.json"


def _load() -> dict[str, Speed]:
    """Read what is known; a file that something else wrote counts as nothing."""
    try:
        stored = json.loads(_path().read_bytes()[:_MAX_BYTES])
        rows = {str(key): (str(device), float(times)) for key, (device, times) in stored.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return {key: Speed(*row) for key, row in rows.items() if math.isfinite(row[1]) and row[1] > 0}
