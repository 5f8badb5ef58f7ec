"""A drum pattern: what a clip plays that was written as steps, and stays editable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STEPS_PER_BAR: Final = 16
MAX_BARS: Final = 16
MAX_ROWS: Final = 32


@dataclass(frozen=True, slots=True)
class PatternRow:
    """The steps of one sound of the kit: how hard each is struck, 0 (not at all) to 1."""

    sound: str
    steps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Sixteenths of `bars` bars on a kit of the shelf, at the tempo at which it was rendered.

    `swing` (0 to 1) delays every second sixteenth, at 1 by a third of an eighth. All rows have
    `STEPS_PER_BAR` × `bars` steps.
    """

    kit: str
    bpm: float
    rows: tuple[PatternRow, ...]
    bars: int = 1
    swing: float = 0.0
