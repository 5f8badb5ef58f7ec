"""Surprise me: a style composed by chance, within bounds in which songs stay songs."""

from __future__ import annotations

import random
from typing import Final

from fanstudio.model.recipe import (
    BusRecipe,
    GrooveRecipe,
    Recipe,
    RecipeEffect,
    SongRecipe,
    StemRecipe,
)
from fanstudio.model.session import Stem

#: What the ids of such styles begin with; the seed follows.
SURPRISE: Final = "surprise-"

#: Effect kinds and the ranges from which values are drawn: a lot of them, in any order, is music still.
_Range = tuple[float, float]
_Ranges = tuple[str, dict[str, _Range]]

_VOICE: Final[tuple[_Ranges, ...]] = (
    ("equaliser", {"low_cut_hz": (80, 260), "presence_db": (-2, 4), "high_cut_hz": (6_000, 18_000)}),
    ("chorus", {"rate_hz": (0.2, 0.9), "depth_ms": (1, 3), "mix": (0.2, 0.5)}),
    ("saturation", {"drive_db": (4, 14), "output_db": (-6, -3), "mix": (0.3, 0.8)}),
    ("width", {"width": (1.0, 1.4), "spread": (0.2, 0.6), "bass_hz": (150, 250)}),
)
_DRUMS: Final[tuple[_Ranges, ...]] = (
    ("saturation", {"drive_db": (3, 12), "tone_hz": (4_000, 14_000), "output_db": (-5, -2)}),
    ("compressor", {"threshold_db": (-28, -18), "ratio": (2.5, 6), "attack_ms": (10, 30)}),
    ("crush", {"bits": (7, 11), "rate_hz": (11_000, 26_000), "mix": (0.3, 0.9)}),
    ("equaliser", {"low_db": (-2, 4), "body_db": (-4, 0), "high_db": (-4, 3)}),
)
_BASS: Final[tuple[_Ranges, ...]] = (
    ("equaliser", {"low_db": (0, 4), "high_cut_hz": (1_800, 6_000)}),
    ("saturation", {"drive_db": (4, 12), "tone_hz": (2_500, 6_000), "output_db": (-6, -3)}),
)
_OTHER: Final[tuple[_Ranges, ...]] = (
    ("chorus", {"rate_hz": (0.2, 1.2), "depth_ms": (1, 4), "mix": (0.25, 0.6)}),
    ("equaliser", {"low_cut_hz": (60, 220), "body_db": (-3, 2), "high_db": (-5, 3)}),
    ("tape", {"wow": (0.05, 0.35), "flutter": (0.05, 0.3), "warmth": (0.2, 0.6), "hiss": (0, 0.1)}),
    ("width", {"width": (0.8, 1.7), "bass_hz": (100, 200)}),
)
_MASTER: Final[tuple[_Ranges, ...]] = (
    ("tape", {"wow": (0, 0.25), "flutter": (0, 0.2), "warmth": (0.1, 0.5), "hiss": (0, 0.1)}),
    ("vinyl", {"crackle": (0.05, 0.35), "wear": (0, 0.3), "rumble": (0, 0.1)}),
    ("equaliser", {"low_db": (-2, 3), "presence_db": (-2, 2), "high_db": (-6, 2)}),
    ("compressor", {"threshold_db": (-20, -12), "ratio": (1.6, 3), "attack_ms": (15, 40)}),
)
_STEMS: Final = ((Stem.VOCALS, _VOICE), (Stem.DRUMS, _DRUMS), (Stem.BASS, _BASS), (Stem.OTHER, _OTHER))
_FIRST: Final = ("Dusty", "Neon", "Midnight", "Paper", "Velvet", "Salt", "Tin", "Amber", "Slow", "Glass")
_SECOND: Final = ("Harbour", "Arcade", "Attic", "Satellite", "Kitchen", "Orbit", "Garden", "Subway", "Tide")


def surprise(seed: int) -> Recipe:
    """Return a style that chance composed; the same seed gives the same one, on every machine."""
    chance = random.Random(seed)
    title = f"{chance.choice(_FIRST)} {chance.choice(_SECOND)}"
    song = _song(chance)
    groove = (
        GrooveRecipe(swing=round(chance.uniform(0.2, 0.6), 2)) if chance.random() < 0.4 else GrooveRecipe()
    )
    stems = tuple((stem, _stem(chance, stem, choices)) for stem, choices in _STEMS)
    master = tuple(_drawn(chance, _MASTER, chance.randint(1, 2)))
    room = BusRecipe("room", 0.0, (_room(chance),))
    return Recipe(
        id=f"{SURPRISE}{seed}",
        title=title,
        summary=f"Composed by chance, from the number {seed}.",
        song=song,
        groove=groove,
        stems=stems,
        buses=(room,),
        master=master,
    )


def _song(chance: random.Random) -> SongRecipe:
    if chance.random() < 0.45:
        return SongRecipe(
            round(chance.choice((chance.uniform(0.82, 0.95), chance.uniform(1.05, 1.2))), 3), 0.0, True
        )
    return SongRecipe()


def _stem(chance: random.Random, stem: Stem, choices: tuple[_Ranges, ...]) -> StemRecipe:
    effects = tuple(_drawn(chance, choices, chance.randint(1, 2)))
    send = chance.uniform(-22, -8) if stem is not Stem.BASS else -30.0
    return StemRecipe(round(chance.uniform(-2, 2), 1), effects=effects, sends=(("room", round(send, 1)),))


def _room(chance: random.Random) -> RecipeEffect:
    values = {
        "decay_s": chance.uniform(0.5, 4.5),
        "size": chance.uniform(0.6, 1.4),
        "damping_hz": chance.uniform(2_500, 9_000),
        "predelay_ms": chance.uniform(0, 40),
        "low_cut_hz": chance.uniform(120, 300),
    }
    return _effect("reverb", {**values, "mix": 1.0})


def _drawn(chance: random.Random, choices: tuple[_Ranges, ...], count: int) -> list[RecipeEffect]:
    """Return effects drawn from a list, in its order, with values from their ranges."""
    picked = sorted(chance.sample(range(len(choices)), count))
    return [
        _effect(kind, {name: chance.uniform(*span) for name, span in ranges.items()})
        for kind, ranges in (choices[number] for number in picked)
    ]


def _effect(kind: str, values: dict[str, float]) -> RecipeEffect:
    return RecipeEffect(kind, tuple(sorted((name, float(f"{value:.4g}")) for name, value in values.items())))
