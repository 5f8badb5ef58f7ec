"""How a voice is to be played by an instrument."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from fanstudio.errors import InputError

#: What each number may be.
_RANGES = {
    "morph": (0.0, 1.0),
    "octave": (-4, 4),
    "glide_s": (0.0, 1.0),
    "vibrato": (0.0, 3.0),
    "mix": (0.0, 1.0),
    "consonants": (0.0, 1.0),
    "under_db": (-30.0, 6.0),
}


@dataclass(frozen=True, slots=True)
class TimbreOptions:
    """Which instrument plays, and how.

    `morph` 0..1 goes from `instrument` to `second`. `octave` moves the line; None finds the nearest octave
    that the instrument plays. Slides between notes last `glide_s` seconds; `vibrato` multiplies the
    voice's own. `mix` 0..1 is how much of the voice gives way to the instrument; with `double` it stays
    whole and the instrument plays along, `under_db` below. `consonants` 0..1 are what is left of the
    voice's own s and t. With `pass_chords`, the voice stays where several notes sound at once.
    """

    instrument: str
    second: str = ""
    morph: float = 0.0
    octave: int | None = None
    glide_s: float = 0.0
    vibrato: float = 1.0
    mix: float = 1.0
    double: bool = False
    under_db: float = -6.0
    consonants: float = 0.0
    pass_chords: bool = True

    def check(self) -> None:
        """Raise InputError where a number is out of its range."""
        for name, (lowest, highest) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not lowest <= value <= highest:
                raise InputError(f"{name} is {value}, but goes from {lowest:g} to {highest:g}.")

    def told(self) -> tuple[tuple[str, str], ...]:
        """Return the settings as text, for the lineage."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return tuple((name, _text(value)) for name, value in values.items() if value not in (None, ""))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) and math.isfinite(value) else str(value)
