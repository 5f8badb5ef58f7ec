"""A note as somebody plays it: when, which, how hard, and how its pitch and strength move meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Seconds from one entry of a note's curves to the next.
CURVE_HOP_S: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class PlayedNote:
    """A note: start and length in seconds, its MIDI number, and how hard it is struck, 0..1.

    Entry i of a curve is about `start_s` + i · `CURVE_HOP_S`; its last one holds on. `bends` are semitones
    that are added to the note, `expression` factors of its amplitude. None is no bend, and a factor of one.
    """

    start_s: float
    length_s: float
    note: int
    velocity: float
    bends: NDArray[np.float32] | None = None
    expression: NDArray[np.float32] | None = None

    @property
    def end_s(self) -> float:
        """Return when the note is let go, in seconds."""
        return self.start_s + self.length_s
