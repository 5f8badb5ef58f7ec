"""Where audio comes from, and the names of what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    """What was done to a source; a right holder grants or refuses each."""

    SPLIT = "split"
    ARRANGE = "arrange"
    RESTYLE = "restyle"
    TEMPO = "tempo"
    PITCH = "pitch"
    COVER = "cover"
    MASH_UP = "mash_up"


class Basis(StrEnum):
    """Why audio may be used."""

    CATALOGUE = "catalogue"
    RECORDED = "recorded"
    OWN = "own"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Origin:
    """The rights side of a source: a catalogue track, a recording made here, or a declared file."""

    basis: Basis
    title: str
    artist: str = ""
    isrc: str = ""
    works: tuple[str, ...] = ()
    licence_url: str = ""
    #: SHA-256 of the file as it was imported, hexadecimal.
    digest: str = ""
