"""Style: makes a song, or one of its stems, sound like something else, in one step that stays open."""

from __future__ import annotations

from fanstudio.errors import InputError
from fanstudio.jobs import Work
from fanstudio.model.recipe import Recipe
from fanstudio.studio.project import Project
from fanstudio.studio.style.choice import (
    Change,
    Means,
    PreviewPair,
    Step,
    StyleChoice,
    Styled,
    TimbreOffer,
)
from fanstudio.studio.style.presets import plan_preset
from fanstudio.studio.style.preview import preview_preset
from fanstudio.studio.style.recipes import shipped_recipes
from fanstudio.studio.style.voices import list_timbres
from fanstudio.text import one_line

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
    "list_presets",
    "list_timbres",
    "plan",
    "preview",
]


def list_presets() -> tuple[Recipe, ...]:
    """Return the styles for whole songs, those that are shipped first.

    Raises:
        RecipeError: a shipped one is damaged.

    """
    return shipped_recipes()


def plan(work: Work, project: Project, choice: StyleChoice) -> Styled:
    """Make all that a style needs, measure it, and return it ready for `apply`; the session stays.

    Raises:
        InputError: there is no such style, or nothing that it could work on.
        EditError: the target is gone, or the song cannot be played at that speed.
        AudioFileError, ModelError, StorageError: a file, a net or the disk failed.
        Cancelled: within a second; no file is left.

    """
    return plan_preset(work, project, choice, find_recipe(choice))


def preview(
    work: Work, project: Project, choice: StyleChoice, start_frame: int, seconds: float = 10.0
) -> PreviewPair:
    """Return a window of the song before and after a style, equally loud, to be played in turn.

    What is made for the window is lent to the pool: give `lent` back with `end_preview`. Raises as `plan`.
    """
    return preview_preset(work, project, choice, find_recipe(choice), start_frame, seconds)


def end_preview(project: Project, pair: PreviewPair) -> None:
    """Give back what a preview lent to the pool; it plays no more."""
    for source_id in pair.lent:
        project.pool.take_back(source_id)


def find_recipe(choice: StyleChoice) -> Recipe:
    """Return the recipe that is chosen; raise InputError where there is none of that name."""
    found = choice.recipe or next((item for item in list_presets() if item.id == choice.id), None)
    if found is None:
        names = ", ".join(recipe.id for recipe in list_presets())
        raise InputError(f"There is no style “{one_line(choice.id, 60)}”.", hint=f"Choose one of: {names}.")
    return found


def apply(project: Project, styled: Styled) -> None:
    """Apply a style as one undo step; the same kind of style that was there before goes with it."""
    project.document.apply(f"Style: {styled.title}", styled.change)
