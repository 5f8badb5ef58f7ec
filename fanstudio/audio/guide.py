"""What is heard besides the song while one records: clicks before it and beside it, never exported."""

from __future__ import annotations

from dataclasses import dataclass

from fanstudio.audio.metronome import Metronome
from fanstudio.audio.samples import Samples
from fanstudio.model.session import Session


@dataclass(frozen=True)
class Guide:
    """Clicks that lead in for `lead_in` frames up to timeline frame `start`, and go on if they are to."""

    metronome: Metronome
    start: int
    lead_in: int = 0
    goes_on: bool = False

    def clicks(self, position: int, frames: int) -> Samples | None:
        """Return the clicks of a stretch `(2, frames)`, or None where there are none."""
        if self.goes_on or self.start - self.lead_in <= position < self.start:
            return self.metronome.render(position, frames)
        return None


def count_in(session: Session, start: int, bars: int, *, goes_on: bool = False) -> Guide:
    """Return a guide with so many bars of clicks before `start`, at the tempo that rules there."""
    metronome = Metronome(session)
    return Guide(metronome, start, bars * metronome.bar_frames(start), goes_on)
