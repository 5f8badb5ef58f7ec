"""Style: makes a song, or one of its stems, sound like something else, in one step that stays open."""

from __future__ import annotations

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
from fanstudio.studio.style.recipes import shipped_recipes

__all__ = [
    "Change",
    "Means",
    "PreviewPair",
    "Step",
    "StyleChoice",
    "Styled",
    "TimbreOffer",
    "apply",
    "list_presets",
]


def list_presets() -> tuple[Recipe, ...]:
    """Return the styles for whole songs, those that are shipped first.

    Raises:
        RecipeError: a shipped one is damaged.

    """
    return shipped_recipes()


def apply(project: Project, styled: Styled) -> None:
    """Apply a style as one undo step; the same kind of style that was there before goes with it."""
    project.document.apply(f"Style: {styled.title}", styled.change)
