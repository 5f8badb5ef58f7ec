"""How a clip's material differs in time and pitch from its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIN_STRETCH: Final = 0.25
MAX_STRETCH: Final = 4.0
MAX_SEMITONES: Final = 24.0


@dataclass(frozen=True, slots=True)
class Warp:
    """Stretches a source to `stretch` times its length and moves it by `semitones`.

    A warped clip's `offset` and `length` count frames of the warped source, so that it is cut, trimmed
    and faded like any other. `keep_formants` lets a voice keep its character while its pitch moves.
    """

    stretch: float = 1.0
    semitones: float = 0.0
    keep_formants: bool = False

    @property
    def idle(self) -> bool:
        """Tell whether it changes nothing."""
        return self.stretch == 1.0 and self.semitones == 0.0

    def length(self, source_frames: int) -> int:
        """Return how many frames the warped source has."""
        return max(1, round(source_frames * self.stretch))
