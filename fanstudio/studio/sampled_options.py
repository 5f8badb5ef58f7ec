"""How an instrument or a kit plays a stem."""

from __future__ import annotations

from dataclasses import dataclass

from fanstudio.audio.gains import amplitude
from fanstudio.audio.octaves import MOST_OCTAVES
from fanstudio.errors import InputError

_LEAST_DB, _MOST_DB = -30.0, 6.0


@dataclass(frozen=True, slots=True)
class SampledOptions:
    """How an instrument plays a stem.

    `octave` moves the notes; None finds the smallest shift into its range. `mix` 0..1 is how much of the
    stem gives way; with `double` it stays whole and the instrument plays along, `under_db` below.
    `single_line` reads one voice with its slides and its strength, otherwise chords are heard; where it is
    None, vocals of a project are one voice.
    """

    octave: int | None = None
    mix: float = 1.0
    double: bool = False
    under_db: float = -6.0
    single_line: bool | None = None

    def check(self) -> None:
        """Raise InputError where a number is out of its range."""
        ranges = (
            ("octave", self.octave or 0, -MOST_OCTAVES, MOST_OCTAVES),
            ("mix", self.mix, 0.0, 1.0),
            ("under_db", self.under_db, _LEAST_DB, _MOST_DB),
        )
        for name, value, lowest, highest in ranges:
            if not lowest <= value <= highest:
                raise InputError(f"{name} is {value}, but goes from {lowest:g} to {highest:g}.")

    @property
    def gains(self) -> tuple[float, float]:
        """Return the factors of what is played, and of the stem itself."""
        return (amplitude(self.under_db), 1.0) if self.double else (self.mix, 1.0 - self.mix)
