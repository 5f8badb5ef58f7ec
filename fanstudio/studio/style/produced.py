"""The production of a record that a recipe stores: effects on the master that bring the song near it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fanstudio.audio.samples import Samples
from fanstudio.errors import InputError, RecipeError
from fanstudio.inference.production import choose_chain
from fanstudio.inference.production_chain import scaled
from fanstudio.inference.production_features import Features
from fanstudio.inference.production_measure import measure_blocks
from fanstudio.model.recipe import Recipe, RecipeEffect
from fanstudio.model.recipe_edits import Laying
from fanstudio.studio.production import find_chooser

_LIMITER = "limiter"


def stored_features(recipe: Recipe, name: str = "The recipe") -> Features | None:
    """Return the features that a recipe stores, if it does; raise RecipeError where they are damaged."""
    if not recipe.production:
        return None
    try:
        return Features.from_plain(dict(recipe.production))
    except InputError as error:
        raise RecipeError(f"{name}: production is damaged.", hint=error.hint) from error


def with_production(laying: Laying, heard: Sequence[Samples], rate: int) -> Laying:
    """Return what is laid with the effects that make windows of the styled song sound as stored.

    Windows without sound are left as they are. The limiter at the end is the style's own.
    """
    wanted = stored_features(laying.recipe)
    if wanted is None:
        return laying
    chooser = find_chooser()
    try:
        chain = scaled(choose_chain(measure_blocks(heard, rate), wanted, chooser), laying.styling.amount)
    except InputError:
        return laying
    effects = tuple(
        RecipeEffect(effect.kind, effect.values) for effect in chain.effects if effect.kind != _LIMITER
    )
    styling = replace(
        laying.styling,
        model_id=chooser.model_id,
        model_sha256=chooser.model_sha256,
        ai=bool(chooser.model_id),
    )
    recipe = replace(laying.recipe, master=(*laying.recipe.master, *effects))
    return replace(laying, recipe=recipe, styling=styling)
