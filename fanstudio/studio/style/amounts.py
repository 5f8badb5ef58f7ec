"""How much of a style: every value of a recipe between “no effect” and what the recipe says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from fanstudio.audio.effects import EFFECTS
from fanstudio.model.mixer import MIN_GAIN_DB
from fanstudio.model.recipe import GrooveRecipe, Recipe, RecipeEffect, RecipeTimbre, SongRecipe, StemRecipe
from fanstudio.model.session import Stem

#: At these values an effect does nothing; parameters that are not named say how, not how much.
NEUTRAL: Final[Mapping[str, Mapping[str, float]]] = {
    "equaliser": {
        "low_cut_hz": 20.0,
        "low_db": 0.0,
        "body_db": 0.0,
        "presence_db": 0.0,
        "high_db": 0.0,
        "high_cut_hz": 20_000.0,
    },
    "compressor": {"mix": 0.0},
    "gate": {"range_db": 0.0},
    "deesser": {"range_db": 0.0},
    "saturation": {"mix": 0.0},
    "chorus": {"mix": 0.0},
    "delay": {"mix": 0.0},
    "reverb": {"mix": 0.0},
    "width": {"width": 1.0, "spread": 0.0, "bass_hz": 20.0},
    "crush": {"mix": 0.0},
    "tape": {"wow": 0.0, "flutter": 0.0, "warmth": 0.0, "hiss": 0.0, "treble_hz": 20_000.0},
    "vinyl": {"crackle": 0.0, "wear": 0.0, "rumble": 0.0, "hum": 0.0, "treble_hz": 20_000.0},
}
_DEFAULTS: Final = {
    effect.kind: {row.name: (row.default, row.unit) for row in effect.parameters} for effect in EFFECTS
}


def scaled(recipe: Recipe, amount: float, amounts: Mapping[Stem, float]) -> Recipe:
    """Return a recipe at an amount 0..1; `amounts` are those of single stems, times `amount`.

    Sends and the gain of what plays anew scale as sound does, in factors; speed and frequencies by ratio.
    """
    stems = tuple(
        (stem, _stem(told, amount * amounts.get(stem, 1.0)))
        for stem, told in recipe.stems
        if amount * amounts.get(stem, 1.0) > 0
    )
    return replace(
        recipe,
        song=_song(recipe.song, amount),
        groove=_groove(recipe.groove, amount),
        stems=stems,
        buses=recipe.buses if amount > 0 else (),
        master=_chain(recipe.master, amount),
    )


def scaled_effect(effect: RecipeEffect, amount: float) -> RecipeEffect:
    """Return an effect at an amount: the values that say how much, between doing nothing and their own."""
    values, known = dict(effect.values), _DEFAULTS[effect.kind]
    for name, neutral in NEUTRAL.get(effect.kind, {}).items():
        default, unit = known[name]
        values[name] = _between(neutral, values.get(name, default), amount, by_ratio=unit == "Hz")
    return replace(effect, values=tuple(sorted(values.items())))


def _chain(effects: tuple[RecipeEffect, ...], amount: float) -> tuple[RecipeEffect, ...]:
    if amount >= 1:
        return effects
    return tuple(scaled_effect(effect, amount) for effect in effects) if amount > 0 else ()


def _stem(told: StemRecipe, amount: float) -> StemRecipe:
    return replace(
        told,
        gain_db=told.gain_db * amount,
        pan=told.pan * amount,
        muted=told.muted and amount >= 1,
        timbre=_timbre(told.timbre, amount),
        effects=_chain(told.effects, amount),
        sends=tuple((bus, quieter(gain_db, amount)) for bus, gain_db in told.sends),
    )


def _timbre(told: RecipeTimbre | None, amount: float) -> RecipeTimbre | None:
    return told and replace(told, mix=told.mix * amount)


def _song(told: SongRecipe, amount: float) -> SongRecipe:
    return replace(told, speed=told.speed**amount, semitones=told.semitones * amount)


def _groove(told: GrooveRecipe, amount: float) -> GrooveRecipe:
    return replace(told, swing=told.swing * amount) if amount > 0 else GrooveRecipe()


def quieter(gain_db: float, amount: float) -> float:
    """Return a gain times an amount, in dB, held at what a fader reaches."""
    return max(MIN_GAIN_DB, gain_db + 20 * math.log10(amount)) if amount > 0 else MIN_GAIN_DB


def _between(neutral: float, value: float, amount: float, *, by_ratio: bool) -> float:
    if by_ratio and neutral > 0 and value > 0:
        return float(neutral * (value / neutral) ** amount)
    return neutral + (value - neutral) * amount
