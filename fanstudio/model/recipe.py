"""A style's recipe: what a named sound does to a song, stem by stem, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import log2
from typing import Final

from fanstudio.model.session import Stem

#: The version of the file format that is written; older ones would be migrated, newer ones are refused.
FORMAT: Final = 1

Values = tuple[tuple[str, float], ...]


class Voice(StrEnum):
    """Who plays a stem anew: a neural net, or recorded and synthetic instruments from notes."""

    NET = "net"
    SAMPLED = "sampled"


@dataclass(frozen=True, slots=True)
class RecipeEffect:
    """An effect of a chain: its kind, and the parameters that differ from their defaults."""

    kind: str
    values: Values = ()


@dataclass(frozen=True, slots=True)
class RecipeTimbre:
    """An instrument that takes a stem over, or plays under it.

    `second` and `morph` (0..1) lead over to another instrument of the net; without an `octave` the
    smallest shift that fits is chosen. `mix` is how much of it is heard; `double` keeps the stem beside it.
    """

    voice: Voice
    instrument: str
    second: str = ""
    morph: float = 0.0
    octave: int | None = None
    glide_s: float = 0.0
    vibrato: float = 1.0
    mix: float = 1.0
    double: bool = False


@dataclass(frozen=True, slots=True)
class StemRecipe:
    """What becomes of a stem: `gain_db` and `pan` are added to what its strip has."""

    gain_db: float = 0.0
    pan: float = 0.0
    muted: bool = False
    timbre: RecipeTimbre | None = None
    effects: tuple[RecipeEffect, ...] = ()
    #: (name of a bus of the recipe, gain in dB)
    sends: Values = ()


@dataclass(frozen=True, slots=True)
class BusRecipe:
    """A bus that stems are sent to."""

    name: str
    gain_db: float = 0.0
    effects: tuple[RecipeEffect, ...] = ()


@dataclass(frozen=True, slots=True)
class SongRecipe:
    """How fast and how high the whole song is played; with `pitch_follows` as a record that turns slower."""

    speed: float = 1.0
    semitones: float = 0.0
    pitch_follows: bool = False

    @property
    def moved_semitones(self) -> float:
        """Return by how many semitones the song moves in all."""
        return self.semitones + (12 * log2(self.speed) if self.pitch_follows else 0.0)


@dataclass(frozen=True, slots=True)
class GrooveRecipe:
    """How the drums' beat changes: at half time, off-beats late by `swing` (0 straight, 1 as a triplet).

    `subdivision` counts the steps of a beat that swing moves: 2 for eighths, 4 for sixteenths.
    """

    half_time: bool = False
    swing: float = 0.0
    subdivision: int = 2


class Side(StrEnum):
    """On which side of what is wanted a figure may lie."""

    ABOUT = "about"
    MOST = "most"
    LEAST = "least"


@dataclass(frozen=True, slots=True)
class Aim:
    """What a style sounds like, in one measured figure: `wanted`, and how far off is half a match.

    With `side` the figure may lie anywhere at or below `wanted`, or at or above it.
    """

    feature: str
    wanted: float
    within: float
    weight: float = 1.0
    side: Side = Side.ABOUT

    def match(self, value: float) -> float:
        """Return how well a value matches, 0 to 1."""
        missed = value - self.wanted
        if self.side is Side.MOST:
            missed = max(0.0, missed)
        elif self.side is Side.LEAST:
            missed = min(0.0, missed)
        return 1 / (1 + (missed / self.within) ** 2)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A style for a whole song; an id is unique among the shipped ones and among a fan's own."""

    id: str
    title: str
    summary: str = ""
    author: str = ""
    licence: str = ""
    song: SongRecipe = SongRecipe()
    groove: GrooveRecipe = GrooveRecipe()
    stems: tuple[tuple[Stem, StemRecipe], ...] = ()
    buses: tuple[BusRecipe, ...] = ()
    master: tuple[RecipeEffect, ...] = ()
    #: Measured features of a record that a net works towards; see `inference/production.py`.
    production: tuple[tuple[str, tuple[float, ...]], ...] = ()
    aims: tuple[Aim, ...] = ()

    def stem(self, stem: Stem) -> StemRecipe | None:
        """Return what becomes of a stem.

        An accompaniment, of which nothing is said, has the effects of `other`, but is played by nobody else.
        """
        told = dict(self.stems)
        if stem is Stem.ACCOMPANIMENT and stem not in told and Stem.OTHER in told:
            return replace(told[Stem.OTHER], gain_db=0.0, muted=False, timbre=None)
        return told.get(stem)

    @property
    def facets(self) -> frozenset[str]:
        """Return which of `timbre`, `groove` and `production` it changes."""
        recipes = [recipe for _, recipe in self.stems]
        found = {
            "timbre": any(recipe.timbre for recipe in recipes),
            "groove": self.groove != GrooveRecipe() or self.song != SongRecipe(),
            "production": bool(self.master or self.production or any(recipe.effects for recipe in recipes)),
        }
        return frozenset(name for name, there in found.items() if there)
