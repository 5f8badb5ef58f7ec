"""The recipes at hand: those that are shipped, checked against the effects that there are."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from fanstudio.audio.effects import EFFECTS
from fanstudio.errors import InputError, RecipeError
from fanstudio.model.recipe import Recipe, RecipeEffect
from fanstudio.model.recipe_file import read_recipe
from fanstudio.paths import shipped
from fanstudio.studio.style.produced import stored_features

_KINDS: Final = {effect.kind: effect for effect in EFFECTS}
#: The order in which shipped styles are offered.
_ORDER: Final = (
    "slowed-reverb",
    "sped-up",
    "lo-fi",
    "club",
    "acoustic",
    "8-bit",
    "vintage-60s",
    "synthwave",
    "orchestral",
    "choir",
    "dub",
    "half-time",
)


def shipped_recipes() -> tuple[Recipe, ...]:
    """Return the recipes that are shipped, in the order in which they are offered.

    Raises:
        RecipeError: one of them is missing or damaged.

    """
    return _read_all(shipped("assets") / "styles")


def checked(data: bytes, name: str) -> Recipe:
    """Return the recipe of a file's bytes, all of whose effects are known here.

    Raises:
        RecipeError: it is damaged, or asks for an effect or a value that there is not.

    """
    recipe = read_recipe(data, name)
    stored_features(recipe, name)
    for place, effects in _chains(recipe):
        for number, effect in enumerate(effects):
            _check_effect(name, f"{place}.effects[{number}]", effect)
    return recipe


@cache
def _read_all(folder: Path) -> tuple[Recipe, ...]:
    try:
        found = [checked(path.read_bytes(), path.name) for path in sorted(folder.glob("*.toml"))]
    except OSError as error:
        raise RecipeError(
            "The styles of this installation cannot be read.", hint="Install fanstudio again."
        ) from error
    return tuple(sorted(found, key=lambda recipe: _place(recipe.id)))


def _place(recipe_id: str) -> int:
    return _ORDER.index(recipe_id) if recipe_id in _ORDER else len(_ORDER)


def _chains(recipe: Recipe) -> Iterable[tuple[str, tuple[RecipeEffect, ...]]]:
    yield from ((f"stems.{stem.value}", told.effects) for stem, told in recipe.stems)
    yield from ((f"bus.{bus.name}", bus.effects) for bus in recipe.buses)
    yield "master", recipe.master


def _check_effect(name: str, place: str, effect: RecipeEffect) -> None:
    kind = _KINDS.get(effect.kind)
    if kind is None:
        raise RecipeError(
            f"{name}: {place} asks for “{effect.kind}”, an effect that is not known here.",
            hint="It may need a newer fanstudio.",
        )
    try:
        kind(**dict(effect.values))
    except InputError as error:
        raise RecipeError(f"{name}: {place}: {error.message}", hint=error.hint) from error
