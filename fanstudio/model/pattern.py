"""A drum pattern: what a clip plays that was written as steps, and stays editable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fanstudio.model.tempo import is_tempo

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


def is_whole(pattern: Pattern) -> bool:
    """Tell whether a pattern fits together and can be rendered."""
    sounds = [row.sound for row in pattern.rows]
    return (
        1 <= pattern.bars <= MAX_BARS
        and is_tempo(pattern.bpm)
        and 0 <= pattern.swing <= 1
        and len(sounds) == len(set(sounds)) <= MAX_ROWS
        and all(len(row.steps) == pattern.bars * STEPS_PER_BAR for row in pattern.rows)
        and all(0 <= force <= 1 for row in pattern.rows for force in row.steps)
    )
