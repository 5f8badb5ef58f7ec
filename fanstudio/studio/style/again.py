"""A style that a song has, once more: with another amount, or as a recipe of its own."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import Final

from fanstudio.errors import EditError, InputError, RecipeError
from fanstudio.inference.timbre_net import MODEL
from fanstudio.model.recipe import Recipe, RecipeTimbre, Voice
from fanstudio.model.session import Session, Source, Stem
from fanstudio.model.styling import StyleKind, Styling
from fanstudio.studio.style.choice import StyleChoice
from fanstudio.studio.style.own import own_recipes
from fanstudio.studio.style.present import present_recipe
from fanstudio.studio.style.recipes import shipped_recipes
from fanstudio.studio.style.surprise import SURPRISE, surprise
from fanstudio.studio.style.voices import instrument_recipe

#: A seed as a session's file may name it; of more digits no number is made.
_SEED: Final = re.compile(r"[0-9]{1,20}")


def choice_of(session: Session, styling: Styling, amount: float) -> StyleChoice:
    """Return the choice that a style of the session came from, with another amount.

    Raises:
        InputError: its recipe or its record is not here any more.

    """
    if styling.kind is StyleKind.PRODUCTION:
        raise InputError(
            f"What “{styling.name}” was measured from is not kept.",
            hint="Choose the record again, or change its effects one by one.",
        )
    if styling.kind is StyleKind.TIMBRE:
        recipe = _instrument(session, styling, same_octave=True)
    else:
        recipe = origin_of(session, styling)
    if recipe is None:
        raise InputError(
            f"The recipe of “{styling.name}” is not here any more.", hint="Its effects can still be changed."
        )
    return StyleChoice(
        styling.kind,
        styling.recipe_id,
        styling.target,
        amount,
        {Stem(stem): share for stem, share in styling.amounts},
        styling.seed,
        recipe,
    )


def origin_of(session: Session, styling: Styling) -> Recipe | None:
    """Return the recipe that a style was applied from, where it is at hand still."""
    if styling.kind is StyleKind.TIMBRE:
        return _instrument(session, styling)
    with suppress(RecipeError):
        for recipe in (*shipped_recipes(), *own_recipes()):
            if recipe.id == styling.recipe_id:
                return recipe
    number = styling.recipe_id.removeprefix(SURPRISE)
    drawn = styling.recipe_id.startswith(SURPRISE) and _SEED.fullmatch(number)
    return surprise(int(number)) if drawn else None


def recipe_of(session: Session, styling: Styling) -> Recipe:
    """Return a style of the session as a recipe, as it stands now with all that was changed of it."""
    return present_recipe(session, styling, origin_of(session, styling))


def _instrument(session: Session, styling: Styling, *, same_octave: bool = False) -> Recipe | None:
    """Return the recipe of a stem that is played by an instrument, told by the lineage of what was made.

    It plays in the octave in which it did, or in the one that suits what it is to play.
    """
    made = _made(session, styling)
    with suppress(EditError, ValueError):
        stem = session.track(styling.target).stem
        if made is not None:
            timbre = _timbre(made, styling)
            octave = dict(made.lineage.settings).get("octave") if made.lineage else None
            if same_octave and octave:
                timbre = replace(timbre, octave=int(octave))
            return instrument_recipe(timbre, stem, styling.name)
    return None


def _made(session: Session, styling: Styling) -> Source | None:
    tracks = {name.partition(".")[2] for name, _ in styling.moves if name.startswith("track.")}
    for track in session.tracks:
        if track.id in tracks and track.clips:
            return session.source(track.clips[0].source)
    return None


def _timbre(made: Source, styling: Styling) -> RecipeTimbre:
    told = dict(made.lineage.settings) if made.lineage else {}
    moved = dict(styling.moves).keys()
    return RecipeTimbre(
        Voice.NET if made.lineage and made.lineage.model_id == MODEL else Voice.SAMPLED,
        told.get("instrument", styling.recipe_id),
        told.get("second", ""),
        float(told.get("morph", 0.0)),
        glide_s=float(told.get("glide_s", 0.0)),
        vibrato=float(told.get("vibrato", 1.0)),
        double=moved.isdisjoint({f"muted.{styling.target}", f"gain_db.{styling.target}"}),
    )
