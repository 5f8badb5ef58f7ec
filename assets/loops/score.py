"""What the loops play (`loops.toml`): tempo, key, instrument and notes."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from soundfont import Note

BEATS_PER_BAR = 4
_STEPS_PER_BEAT = 4
_STEPS_PER_BAR = BEATS_PER_BAR * _STEPS_PER_BEAT
_PITCHES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NAME = re.compile(r"([A-G])([#b]?)(-?\d)")
_PLAIN, _ACCENT, _SOFT = 0.72, 0.95, 0.5


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop: a line of notes for an instrument, or a texture of some keys or of none.

    It stands `below_db` under the shelf's loudness.
    """

    id: str
    name: str
    kind: str
    bpm: float
    bars: int
    instrument: int | str
    key: str = ""
    line: str = ""
    gate: float = 0.92
    room: float = 0.0
    decay_s: float = 1.6
    echo: float = 0.0
    keys: tuple[int, ...] = ()
    dark_hz: float = 0.0
    below_db: float = 0.0

    @property
    def length_s(self) -> float:
        """Return how long it lasts."""
        return self.bars * BEATS_PER_BAR * 60 / self.bpm

    def notes(self) -> list[Note]:
        """Return its notes."""
        notes, step = [], 0
        for word, length in _words(self.line):
            force = _ACCENT if "!" in word else _SOFT if "?" in word else _PLAIN
            if word != "-":
                start, end = self._time(step), self._time(step + length)
                notes += [
                    Note(start, start + (end - start) * self.gate, midi_key(name), force)
                    for name in word.rstrip("!?").split("+")
                ]
            step += length
        return notes

    def _time(self, step: int) -> float:
        return step * 60 / self.bpm / _STEPS_PER_BEAT


def read_loops() -> tuple[Loop, ...]:
    """Return every loop of the score; an assertion fails where a line does not fill its bars."""
    told = tomllib.loads((Path(__file__).parent / "loops.toml").read_text())["loop"]
    return tuple(Loop(**{"bars": _bars(row), **row}) for row in told)


def midi_key(name: str) -> int:
    """Return the MIDI key of a name such as `Eb3`; C4 is 60."""
    found = _NAME.fullmatch(name)
    assert found is not None, name
    letter, sign, octave = found.groups()
    return 12 * (int(octave) + 1) + _PITCHES[letter] + {"#": 1, "b": -1, "": 0}[sign]


def _bars(row: dict[str, str]) -> int:
    bars, rest = divmod(sum(length for _, length in _words(row.get("line", ""))), _STEPS_PER_BAR)
    assert not rest, f"{row['id']} does not fill its last bar"
    return bars


def _words(line: str) -> list[tuple[str, int]]:
    pairs = (word.rpartition(":") for word in line.split())
    return [(word, int(length)) for word, _, length in pairs]
