"""A fan's own styles: kept in their folder, taken in from files of others, and written out for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from fanstudio.errors import InputError, RecipeError
from fanstudio.files import make_folder, storage_error, write_whole
from fanstudio.model.recipe import Recipe
from fanstudio.model.recipe_file import MAX_BYTES, SUFFIX, write_recipe
from fanstudio.paths import data_dir
from fanstudio.studio.style.recipes import checked, shipped_recipes
from fanstudio.text import one_line

_MOST: Final = 500
_LONGEST_ID: Final = 40
_NO_LETTERS: Final = re.compile(r"[^a-z0-9]+")


def own_recipes(tell: Callable[[str], None] = lambda _why: None) -> tuple[Recipe, ...]:
    """Return the recipes in the fan's folder, each id once, by title; `tell` hears of each file that is none.

    Raises:
        StorageError: the folder cannot be read.

    """
    found: dict[str, Recipe] = {}
    for path in _files():
        try:
            recipe = read_file(path)
        except RecipeError as error:
            tell(error.message)
        else:
            found.setdefault(recipe.id, recipe)
    return tuple(sorted(found.values(), key=lambda recipe: (recipe.title.casefold(), recipe.id)))


def read_file(path: Path) -> Recipe:
    """Return the recipe in a file, whoever wrote it.

    Raises:
        RecipeError: it is no recipe, or asks for what there is not here.
        StorageError: it cannot be read.

    """
    name = one_line(path.name, 60)
    try:
        if not path.is_file():
            raise RecipeError(f"{name} is not a file.", hint=f"A style's file ends in {SUFFIX}.")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise storage_error(error, path) from error
    return checked(data, name)


def keep(recipe: Recipe, title: str = "") -> Recipe:
    """Keep a recipe among the fan's own, under another title if one is given; return it as it is kept.

    One that is there already stays; another of that id or title gets a number behind it.

    Raises:
        InputError: the title is empty or too long, there are too many styles, or it is more than one holds.
        StorageError: the folder cannot be written.

    """
    title = one_line(title.strip() or recipe.title, 60)
    if not title:
        raise InputError("A style needs a name.")
    known = {own.id: own for own in own_recipes()}
    if len(known) >= _MOST:
        raise InputError(f"There are {_MOST} styles already.", hint="Remove some first.")
    wanted = replace(recipe, title=title, id=_id_of(title) if title != recipe.title else recipe.id)
    if wanted in known.values():
        return wanted
    kept = _free(
        wanted, {*known, *(item.id for item in shipped_recipes())}, {r.title for r in known.values()}
    )
    write_whole(_free_path(kept.id), _written(kept))
    return kept


def remove(recipe_id: str) -> None:
    """Remove one of the fan's own recipes; what it was applied to stays as it is.

    Raises:
        InputError: there is none of that id.
        StorageError: the folder cannot be written.

    """
    paths = [path for path in _files() if _id_in(path) == recipe_id]
    if not paths:
        raise InputError("That style is not among your own.")
    for path in paths:
        try:
            path.unlink()
        except OSError as error:
            raise storage_error(error, path) from error


def share(recipe: Recipe, path: Path) -> None:
    """Write a recipe to a file, whole or not at all; raise as `keep` does."""
    write_whole(path, _written(recipe))


def _written(recipe: Recipe) -> bytes:
    """Return a recipe's file; raise InputError where it would not be read again."""
    data = write_recipe(recipe)
    try:
        checked(data, "This style")
    except RecipeError as error:
        raise InputError(error.message, hint="Change that, and keep it then.") from error
    return data


def _free_path(recipe_id: str) -> Path:
    """Return a path at which there is nothing yet; the name is one that Windows takes as well."""
    numbers = ("", *(f"-{number}" for number in range(2, _MOST * 2)))
    paths = (_folder() / f"style-{recipe_id}{number}{SUFFIX}" for number in numbers)
    return next(path for path in paths if not path.exists())


def _free(recipe: Recipe, ids: set[str], titles: set[str]) -> Recipe:
    number, free = 1, recipe
    while free.id in ids or free.title in titles:
        number += 1
        title = f"{recipe.title[:52]} ({number})" if recipe.title in titles else recipe.title
        free = replace(recipe, id=f"{recipe.id[:_LONGEST_ID]}-{number}", title=title)
    return free


def _id_of(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return _NO_LETTERS.sub("-", plain).strip("-")[:_LONGEST_ID].strip("-") or "style"


def _id_in(path: Path) -> str:
    """Return the id of the recipe in a file, empty where it is none."""
    with suppress(RecipeError):
        return read_file(path).id
    return ""


def _files() -> list[Path]:
    try:
        return sorted(_folder().glob(f"*{SUFFIX}"))[:_MOST]
    except OSError as error:
        raise storage_error(error, _folder()) from error


def _folder() -> Path:
    folder = data_dir() / "styles"
    make_folder(folder)
    return folder
