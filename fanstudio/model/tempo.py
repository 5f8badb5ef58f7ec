"""How fast music can be."""

from __future__ import annotations

from typing import Final

MIN_BPM: Final = 20
MAX_BPM: Final = 400


def is_tempo(bpm: float) -> bool:
    """Tell whether so many beats a minute are a tempo."""
    return MIN_BPM <= bpm <= MAX_BPM
