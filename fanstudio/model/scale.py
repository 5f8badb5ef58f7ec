"""Keys and their scales, as a session's `key` spells them: "A minor", "F# major"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fanstudio.errors import EditError

#: How keys are spelt, with the accidental that has fewer signs.
NAMES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_NAMES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_MAJOR_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SPELT = re.compile(r"\s*([A-Ga-g])\s*([#♯b♭]?)\s*(major|minor|maj|min|m|)\s*", re.IGNORECASE)


class Mode(StrEnum):
    """The two modes that keys are told by."""

    MAJOR = "major"
    MINOR = "minor"


_STEPS: Final = {Mode.MAJOR: (0, 2, 4, 5, 7, 9, 11), Mode.MINOR: (0, 2, 3, 5, 7, 8, 10)}


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic, as semitones above C (0..11), and a mode."""

    tonic: int
    mode: Mode

    def __str__(self) -> str:
        """Spell the key: "A minor"."""
        names = _MAJOR_NAMES if self.mode is Mode.MAJOR else _MINOR_NAMES
        return f"{names[self.tonic]} {self.mode}"

    @property
    def notes(self) -> frozenset[int]:
        """Return the pitch classes of its scale, 0 being C; the minor is the natural one."""
        return frozenset((self.tonic + step) % 12 for step in _STEPS[self.mode])

    def moved(self, semitones: int) -> Key:
        """Return the key so many semitones higher."""
        return Key((self.tonic + semitones) % 12, self.mode)


def parse_key(text: str) -> Key | None:
    """Return the key that a text spells, None for an empty one.

    Raises:
        EditError: it spells none.

    """
    if not text.strip():
        return None
    match = _SPELT.fullmatch(text)
    if match is None:
        raise EditError(f"“{text[:40]}” is no key.", hint="Write it as A minor or F# major.")
    letter, sign, mode = match.groups()
    tonic = _LETTERS[letter.upper()] + {"": 0, "#": 1, "♯": 1}.get(sign, -1)
    minor = mode.lower() in ("minor", "min") or mode == "m"
    return Key(tonic % 12, Mode.MINOR if minor else Mode.MAJOR)


def note_name(note: float) -> str:
    """Spell the MIDI note nearest to a pitch: "A4" for 69."""
    nearest = round(note)
    return f"{NAMES[nearest % 12]}{nearest // 12 - 1}"
