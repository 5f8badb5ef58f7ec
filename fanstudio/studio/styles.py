"""Style: makes a song, or one of its stems, sound like something else, in one step that stays open."""

from __future__ import annotations

from pathlib import Path

from fanstudio.errors import EditError, InputError
from fanstudio.jobs import Work
from fanstudio.model.mixer import MASTER
from fanstudio.model.recipe import Recipe, RecipeTimbre
from fanstudio.model.session import Session, Stem
from fanstudio.model.style_edits import find_styling, remove_styling
from fanstudio.model.styling import StyleKind, Styling
from fanstudio.studio.production import without_likeness
from fanstudio.studio.project import Project
from fanstudio.studio.style import again, own
from fanstudio.studio.style.ahead import hear_ahead
from fanstudio.studio.style.choice import (
    Change,
    Means,
    PreviewPair,
    Step,
    StyleChoice,
    Styled,
    TimbreOffer,
)
from fanstudio.studio.style.likeness import plan_likeness
from fanstudio.studio.style.presets import plan_recipe
from fanstudio.studio.style.preview import preview_change, preview_recipe
from fanstudio.studio.style.recipes import shipped_recipes
from fanstudio.studio.style.surprise import surprise
from fanstudio.studio.style.voices import instrument_recipe, list_timbres
from fanstudio.text import one_line, which_one

__all__ = [
    "Change",
    "Means",
    "PreviewPair",
    "Step",
    "StyleChoice",
    "Styled",
    "TimbreOffer",
    "apply",
    "end_preview",
    "find_recipe",
    "hear_ahead",
    "keep_preset",
    "list_presets",
    "list_timbres",
    "open_preset",
    "own_presets",
    "plan",
    "preview",
    "recipe_of",
    "remove_preset",
    "replan",
    "share_preset",
    "surprise",
    "take_away",
]

# ── what there is ────────────────────────────────────────────────────────────────────────────


def list_presets() -> tuple[Recipe, ...]:
    """Return the styles for whole songs that are shipped; raise RecipeError where one is damaged."""
    return shipped_recipes()


def own_presets() -> tuple[Recipe, ...]:
    """Return the fan's own styles; files that are none are left out.

    Raises:
        StorageError: their folder cannot be read.

    """
    return own.own_recipes()


def find_recipe(session: Session, choice: StyleChoice) -> Recipe:
    """Return the recipe that is chosen.

    Raises:
        InputError: there is none of that name, or an instrument is chosen without a stem to play.
        EditError: the stem is gone.

    """
    if choice.recipe is not None:
        return choice.recipe
    if choice.kind is StyleKind.TIMBRE:
        return instrument_recipe(_timbre(choice), _stem(session, choice))
    known = (*list_presets(), *own_presets())
    found = next((recipe for recipe in known if recipe.id == choice.id), None)
    if found is None:
        hint = which_one(choice.id, [recipe.id for recipe in known])
        raise InputError(f"There is no style “{one_line(choice.id, 60)}”.", hint=hint)
    return found


# ── a style for a song ───────────────────────────────────────────────────────────────────────


def plan(work: Work, project: Project, choice: StyleChoice) -> Styled:
    """Make all that a style needs, measure it, and return it ready for `apply`; the session stays.

    Raises:
        InputError: there is no such style, or nothing that it could work on.
        EditError: the target is gone, or the song cannot be played at that speed.
        AudioFileError, ModelError, StorageError: a file, a net or the disk failed.
        Cancelled: within a second; no file is left.

    """
    if choice.kind is StyleKind.PRODUCTION:
        return plan_likeness(work, project, choice)
    return plan_recipe(work, project, choice, find_recipe(project.document.session, choice))


def apply(project: Project, styled: Styled) -> None:
    """Apply a style as one undo step; the one of its kind that was there before goes with it."""
    project.document.apply(f"Style: {styled.title}", styled.change)


def replan(work: Work, project: Project, styling_id: str, amount: float) -> Styled:
    """Plan a style that the song has once more, with another amount; raises as `plan` does."""
    session = project.document.session
    return plan(work, project, again.choice_of(session, find_styling(session, styling_id), amount))


def take_away(project: Project, styling_id: str) -> None:
    """Take a style out of the song, as one undo step; the fan's own edits stay.

    Raises:
        EditError: it is gone already.

    """
    styling = find_styling(project.document.session, styling_id)
    project.document.apply(f"Take “{styling.name}” away", lambda session: remove_styling(session, styling_id))


# ── hearing it before ────────────────────────────────────────────────────────────────────────


def preview(
    work: Work, project: Project, choice: StyleChoice, start_frame: int, seconds: float = 10.0
) -> PreviewPair:
    """Return a window of the song before and after a style, equally loud, to be played in turn.

    What is made for the window is lent to the pool: give it back with `end_preview`. Raises as `plan`.
    """
    session = project.document.session
    if choice.kind is StyleKind.PRODUCTION:
        styled = plan_likeness(work.part(0.0, 0.7), project, choice)
        base = without_likeness(session, choice.target or MASTER)
        return preview_change(work.part(0.7, 1.0), project, base, styled, start_frame, seconds)
    return preview_recipe(work, project, choice, find_recipe(session, choice), start_frame, seconds)


def end_preview(project: Project, pair: PreviewPair) -> None:
    """Give back what a preview lent to the pool; it plays no more."""
    for source_id in pair.lent:
        project.pool.take_back(source_id)


# ── a fan's own ──────────────────────────────────────────────────────────────────────────────


def recipe_of(session: Session, styling: Styling) -> Recipe:
    """Return a style of the session as a recipe, as it stands now with all that was changed of it."""
    return again.recipe_of(session, styling)


def keep_preset(recipe: Recipe, title: str = "") -> Recipe:
    """Keep a recipe among the fan's own, under another title if one is given; return it as it is kept.

    Raises:
        InputError: it has no title, or there are too many.
        StorageError: it cannot be written.

    """
    return own.keep(recipe, title)


def open_preset(path: Path) -> Recipe:
    """Take a style from somebody's file among the fan's own; return it as it is kept.

    Raises:
        RecipeError: it is no style, or asks for what there is not here.
        StorageError: it cannot be read, or not be kept.

    """
    return own.keep(own.read_file(path))


def share_preset(recipe: Recipe, path: Path) -> None:
    """Write a style to a file for others, whole or not at all; raise StorageError where that fails."""
    own.share(recipe, path)


def remove_preset(recipe_id: str) -> None:
    """Remove one of the fan's own styles; raise InputError where there is none of that id."""
    own.remove(recipe_id)


def _stem(session: Session, choice: StyleChoice) -> Stem:
    if not choice.target:
        raise EditError("An instrument plays one stem.", hint="Choose the stem that it is to play.")
    return session.track(choice.target).stem


def _timbre(choice: StyleChoice) -> RecipeTimbre:
    if choice.timbre is not None:
        return choice.timbre
    offers = {offer.id: offer for offer in list_timbres()}
    if choice.id not in offers:
        hint = which_one(choice.id, list(offers))
        raise InputError(f"There is no instrument “{one_line(choice.id, 60)}”.", hint=hint)
    return RecipeTimbre(offers[choice.id].voice, choice.id)
