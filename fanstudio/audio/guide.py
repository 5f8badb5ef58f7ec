"""What is heard besides the song while one records: clicks before it and beside it, never exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fanstudio.audio.metronome import Metronome
from fanstudio.audio.samples import Samples
from fanstudio.model.session import Session


class Guide(Protocol):
    """What a transport plays besides the song, and for how many frames before it."""

    @property
    def lead_in(self) -> int:
        """Return for how many frames there is no song yet."""

    def clicks(self, position: int, frames: int) -> Samples | None:
        """Return what is added to a stretch of timeline `(2, frames)`, or None for nothing."""


@dataclass(frozen=True)
class CountIn:
    """Clicks that lead in for `lead_in` frames up to timeline frame `start`, and go on if they are to."""

    metronome: Metronome
    start: int
    lead_in: int = 0
    goes_on: bool = False

    def clicks(self, position: int, frames: int) -> Samples | None:
        """Return the clicks of a stretch."""
        if self.goes_on or self.start - self.lead_in <= position < self.start:
            return self.metronome.render(position, frames)
        return None


def count_in(session: Session, start: int, bars: int, *, goes_on: bool = False) -> CountIn:
    """Return so many bars of clicks before `start`, at the tempo that rules there."""
    metronome = Metronome(session)
    return CountIn(metronome, start, bars * metronome.bar_frames(start), goes_on)
