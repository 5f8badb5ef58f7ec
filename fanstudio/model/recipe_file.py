"""Recipes as TOML files: written in one way, and read strictly, for a file from elsewhere is not trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from fanstudio.errors import RecipeError
from fanstudio.model.mixer import MAX_VALUE, is_kind
from fanstudio.model.recipe import (
    FORMAT,
    Aim,
    BusRecipe,
    GrooveRecipe,
    Recipe,
    RecipeEffect,
    RecipeTimbre,
    Side,
    SongRecipe,
    StemRecipe,
    Values,
    Voice,
)
from fanstudio.model.recipe_table import NAME, RecipeTable
from fanstudio.model.session import Stem
from fanstudio.text import parse_toml

#: What the file of a recipe is called, and how big one may be.
SUFFIX: Final = ".fanstyle"
MAX_BYTES: Final = 64 << 10
_MOST_EFFECTS: Final = 8
_MOST_BUSES: Final = 4
_MOST_AIMS: Final = 24
_MOST_FEATURES: Final = 64
_LONGEST_FEATURE: Final = 512
#: A letter of a line: nothing that steers, turns what is read round, or is unseen. What joins letters stays.
_LINE = (
    r"[^\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800"
    r"\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)

# ── reading ──────────────────────────────────────────────────────────────────────────────────


def read_recipe(data: bytes, name: str = "The recipe") -> Recipe:
    """Return the recipe that a file holds; `name` stands for the file in errors.

    Whether there are such effects and instruments is checked where they are known.

    Raises:
        RecipeError: it is no recipe, of a newer version, or a value is not what it should be.

    """
    top = RecipeTable(name, "", _parsed(data, name))
    top.check_version("format", FORMAT)
    buses = tuple(_bus(key, row) for key, row in top.tables("bus", _MOST_BUSES))
    recipe = Recipe(
        id=top.text("id", NAME),
        title=top.text("title", rf"(?![\s\u200c\u200d]){_LINE}{{1,60}}(?<!\s)"),
        summary=top.text("summary", rf"{_LINE}{{0,200}}", ""),
        author=top.text("author", rf"{_LINE}{{0,100}}", ""),
        licence=top.text("licence", rf"{_LINE}{{0,100}}", ""),
        song=_song(top.table("song")),
        groove=_groove(top.table("groove")),
        stems=tuple(_stems(top, frozenset(bus.name for bus in buses))),
        buses=buses,
        master=_effects(top.table("master"), last=True),
        production=_production(top.table("production")),
        aims=tuple(_aim(key, row) for key, row in top.tables("aim", _MOST_AIMS)),
    )
    top.done()
    return recipe


def _parsed(data: bytes, name: str) -> object:
    if len(data) > MAX_BYTES:
        raise RecipeError(f"{name} is too big for a style: {len(data) >> 10} kB.")
    try:
        return parse_toml(data)
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"{name} is not a style's recipe.", hint="It is not readable as TOML.") from error


def _song(table: RecipeTable) -> SongRecipe:
    song = SongRecipe(
        table.number("speed", 0.5, 2.0, 1.0),
        table.number("semitones", -12.0, 12.0, 0.0),
        table.flag("pitch_follows"),
    )
    table.done()
    return song


def _groove(table: RecipeTable) -> GrooveRecipe:
    groove = GrooveRecipe(
        table.flag("half_time"),
        table.number("swing", 0.0, 1.0, 0.0),
        int(table.choice("subdivision", (2, 4))) if table.has("subdivision") else 2,
    )
    table.done()
    return groove


def _stems(top: RecipeTable, buses: frozenset[str]) -> Iterator[tuple[Stem, StemRecipe]]:
    for key, table in top.tables("stems", len(Stem)):
        if key not in tuple(Stem):
            raise top.wrong(f"stems.{key}", f"is none of {', '.join(Stem)}")
        sends = table.numbers("sends", -60.0, 12.0)
        unknown = [bus for bus, _ in sends if bus not in buses]
        if unknown:
            raise table.wrong(f"sends.{unknown[0]}", "is no bus of this recipe")
        recipe = StemRecipe(
            table.number("gain_db", -60.0, 12.0, 0.0),
            table.number("pan", -1.0, 1.0, 0.0),
            table.flag("muted"),
            _timbre(table.table("timbre")) if table.has("timbre") else None,
            _effects(table),
            sends,
        )
        table.done()
        yield Stem(key), recipe


def _timbre(table: RecipeTable) -> RecipeTimbre:
    timbre = RecipeTimbre(
        Voice(table.choice("voice", tuple(Voice))),
        table.text("instrument", NAME),
        table.text("second", rf"({NAME})?", ""),
        table.number("morph", 0.0, 1.0, 0.0),
        table.whole("octave", -4, 4, 0) if table.has("octave") else None,
        table.number("glide_s", 0.0, 1.0, 0.0),
        table.number("vibrato", 0.0, 3.0, 1.0),
        table.number("mix", 0.0, 1.0, 1.0),
        table.flag("double"),
    )
    table.done()
    return timbre


def _bus(key: str, table: RecipeTable) -> BusRecipe:
    bus = BusRecipe(key, table.number("gain_db", -60.0, 12.0, 0.0), _effects(table))
    table.done()
    return bus


def _effects(table: RecipeTable, *, last: bool = False) -> tuple[RecipeEffect, ...]:
    found = []
    for row in table.rows("effects", _MOST_EFFECTS):
        kind = row.text("kind", r"[a-z][a-z0-9_]{0,63}")
        if not is_kind(kind):
            raise row.wrong("kind", "is not the name of an effect")
        found.append(RecipeEffect(kind, row.rest(-MAX_VALUE, MAX_VALUE)))
    if last:
        table.done()
    return tuple(found)


def _production(table: RecipeTable) -> tuple[tuple[str, tuple[float, ...]], ...]:
    return table.series(_MOST_FEATURES, _LONGEST_FEATURE, MAX_VALUE)


def _aim(key: str, table: RecipeTable) -> Aim:
    aim = Aim(
        key,
        table.number("wanted", -MAX_VALUE, MAX_VALUE),
        table.number("within", 1e-6, MAX_VALUE),
        table.number("weight", 0.0, 10.0, 1.0),
        Side(table.choice("side", tuple(Side))) if table.has("side") else Side.ABOUT,
    )
    table.done()
    return aim


# ── writing ──────────────────────────────────────────────────────────────────────────────────


def write_recipe(recipe: Recipe) -> bytes:
    """Return a recipe as a file that `read_recipe` reads as the same one, without what is at its default."""
    lines = [f"format = {FORMAT}"]
    for name in ("id", "title", "summary", "author", "licence"):
        lines += _pair(name, getattr(recipe, name), "")
    lines += _table("song", recipe.song, SongRecipe())
    lines += _table("groove", recipe.groove, GrooveRecipe())
    for stem, told in recipe.stems:
        lines += _stem_lines(f"stems.{stem.value}", told)
    for bus in recipe.buses:
        lines += ["", f"[bus.{_key(bus.name)}]", *_pair("gain_db", bus.gain_db, 0.0)]
        lines += _effect_lines(f"bus.{_key(bus.name)}", bus.effects)
    lines += _effect_lines("master", recipe.master)
    if recipe.production:
        lines += ["", "[production]"]
        lines += [f"{_key(name)} = [{', '.join(map(repr, row))}]" for name, row in recipe.production]
    for aim in recipe.aims:
        lines += ["", f"[aim.{_key(aim.feature)}]", f"wanted = {aim.wanted!r}", f"within = {aim.within!r}"]
        lines += _pair("weight", aim.weight, 1.0)
        lines += _pair("side", aim.side.value, Side.ABOUT.value)
    return ("\n".join(lines) + "\n").encode()


def recipe_digest(recipe: Recipe) -> str:
    """Return the SHA-256 of a recipe's file as `write_recipe` writes it, hexadecimal."""
    return sha256(write_recipe(recipe)).hexdigest()


def _stem_lines(place: str, recipe: StemRecipe) -> list[str]:
    lines = ["", f"[{place}]"]
    lines += _pair("gain_db", recipe.gain_db, 0.0)
    lines += _pair("pan", recipe.pan, 0.0)
    lines += _pair("muted", recipe.muted, False)
    if recipe.sends:
        lines += [f"sends = {{ {', '.join(f'{_key(bus)} = {gain!r}' for bus, gain in recipe.sends)} }}"]
    if recipe.timbre is not None:
        lines += ["", f"[{place}.timbre]"]
        plain = RecipeTimbre(recipe.timbre.voice, "")
        lines += [f'voice = "{recipe.timbre.voice.value}"', *_fields(recipe.timbre, plain, skip=("voice",))]
    return lines + _effect_lines(place, recipe.effects)


def _effect_lines(place: str, effects: tuple[RecipeEffect, ...]) -> list[str]:
    lines = []
    for effect in effects:
        lines += ["", f"[[{place}.effects]]", f'kind = "{effect.kind}"']
        lines += _values(effect.values)
    return lines


def _values(values: Values) -> list[str]:
    return [f"{_key(name)} = {value!r}" for name, value in values]


def _table(place: str, value: SongRecipe | GrooveRecipe, plain: SongRecipe | GrooveRecipe) -> list[str]:
    lines = _fields(value, plain)
    return ["", f"[{place}]", *lines] if lines else []


def _fields(value: object, plain: object, skip: tuple[str, ...] = ()) -> list[str]:
    names = [name for name in type(value).__slots__ if name not in skip]  # type: ignore[attr-defined]
    return [line for name in names for line in _pair(name, getattr(value, name), getattr(plain, name))]


def _pair(name: str, value: object, plain: object) -> list[str]:
    if value == plain or value is None:
        return []
    return [f"{name} = {_scalar(value)}"]


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else _text(name)
