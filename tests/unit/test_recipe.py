"""Recipes: read strictly, written as they are read, and never trusted."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanstudio.errors import RecipeError
from fanstudio.model.recipe import Recipe
from fanstudio.model.recipe_file import MAX_BYTES, read_recipe, recipe_digest, write_recipe
from fanstudio.model.session import Stem
from fanstudio.studio.style.own import read_file
from fanstudio.studio.style.recipes import checked, shipped_recipes
from fanstudio.studio.style.score import KNOWN

_HEAD = 'format = 1\nid = "mine"\ntitle = "Mine"\n'


def _read(text: str) -> Recipe:
    return checked((_HEAD + text).encode(), "mine.fanstyle")


def test_every_shipped_recipe_is_written_as_it_is_read() -> None:
    recipes = shipped_recipes()
    assert len(recipes) == 12
    for recipe in recipes:
        assert read_recipe(write_recipe(recipe)) == recipe
        assert recipe.licence == "CC0-1.0"


def test_every_shipped_recipe_but_two_changes_two_facets_and_says_how_it_sounds() -> None:
    for recipe in shipped_recipes():
        if recipe.id not in ("slowed-reverb", "sped-up"):
            assert len(recipe.facets) >= 2, recipe.id
        assert len(recipe.aims) >= 3, recipe.id
        assert {aim.feature for aim in recipe.aims} <= set(KNOWN)


def test_an_accompaniment_is_treated_as_the_other_stem() -> None:
    played = '[stems.other.timbre]\nvoice = "sampled"\ninstrument = "piano"\n'
    recipe = _read(f'[stems.other]\npan = 0.5\n{played}[[stems.other.effects]]\nkind = "chorus"\n')
    told = recipe.stem(Stem.ACCOMPANIMENT)
    assert told is not None
    assert (told.pan, told.timbre) == (0.5, None)
    assert [effect.kind for effect in told.effects] == ["chorus"]
    assert recipe.stem(Stem.DRUMS) is None


def test_a_digest_changes_with_the_recipe_alone() -> None:
    one, other = _read("[song]\nspeed = 0.9\n"), _read("[song]\nspeed = 0.91\n")
    assert recipe_digest(one) == recipe_digest(_read("# a remark\n[song]\nspeed = 0.90\n"))
    assert recipe_digest(one) != recipe_digest(other)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[song]\nspeed = nan\n", "song.speed"),
        ("[song]\nspeed = inf\n", "song.speed"),
        ("[song]\nspeed = 0.0\n", "song.speed"),
        ("[song]\nspeed = true\n", "song.speed"),
        ('[song]\nspeed = "fast"\n', "song.speed"),
        ("[song]\nspeed = 1e400\n", "song.speed"),
        ("[song]\nsped = 1.0\n", "song.sped"),
        ("song = 3\n", "song"),
        ("surprise = 1\n", "surprise"),
        ("[groove]\nswing = -0.1\n", "groove.swing"),
        ("[groove]\nhalf_time = 1\n", "groove.half_time"),
        ("[groove]\nsubdivision = 3\n", "groove.subdivision"),
        ("[groove]\nsubdivision = true\n", "groove.subdivision"),
        ('[groove]\nkit = "../../etc/passwd"\n', "groove.kit"),
        ("[stems.kazoo]\ngain_db = 1.0\n", "stems.kazoo"),
        ("[stems.vocals]\ngain_db = 1e9\n", "stems.vocals.gain_db"),
        ("[stems.vocals]\nsends = { room = -3.0 }\n", "stems.vocals.sends.room"),
        ('[stems.vocals.timbre]\nvoice = "net"\ninstrument = "/tmp/x"\n', "stems.vocals.timbre.instrument"),
        ('[stems.vocals.timbre]\nvoice = "cloud"\ninstrument = "x"\n', "stems.vocals.timbre.voice"),
        ('[[stems.vocals.effects]]\nkind = "rocket"\n', "stems.vocals.effects[0]"),
        ('[[master.effects]]\nkind = "reverb"\nmix = 2.0\n', "master.effects[0]"),
        ('[[master.effects]]\nkind = "reverb"\nmix = nan\n', "master.effects[0].mix"),
        ('[[master.effects]]\nkind = "reverb"\nsparkle = 1.0\n', "master.effects[0]"),
        ("[master]\neffects = 3\n", "master.effects"),
        ("[master]\nloud = 3\n", "master.loud"),
        ("[production]\nspectrum = [1.0, nan]\n", "production.spectrum"),
        ("[production]\nspectrum = []\n", "production.spectrum"),
        ("[aim.crest_db]\nwanted = 1.0\nwithin = 0.0\n", "aim.crest_db.within"),
        ("[aim.crest_db]\nwithin = 1.0\n", "aim.crest_db.wanted"),
        ('["aim"."../x"]\nwanted = 1.0\nwithin = 1.0\n', "aim.../x"),
    ],
)
def test_what_is_wrong_is_named(text: str, key: str) -> None:
    with pytest.raises(RecipeError) as refused:
        _read(text)
    assert key in refused.value.message
    assert refused.value.message.startswith("mine.fanstyle")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"format = 1",
        b'format = 1\nid = "../x"\ntitle = "X"\n',
        b'format = 1\nid = "x"\ntitle = "\\u202e\\u0007"\n',
        b'format = 1\nid = "x"\ntitle = ""\n',
        b"x = " + b"[" * 20_000 + b"]" * 20_000,
        b"[a" + b".a" * 20_000 + b"]\n",
        b"#" * (MAX_BYTES + 1),
        b"\x00" * 100,
    ],
)
def test_no_recipe_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(RecipeError):
        checked(data, "x.fanstyle")


def test_a_newer_version_asks_for_an_update() -> None:
    with pytest.raises(RecipeError, match="newer fanstudio"):
        checked(b'format = 2\nid = "x"\ntitle = "X"\nwarp = 9\n', "x.fanstyle")


def test_too_many_effects_buses_and_aims_are_refused() -> None:
    effects = '[[master.effects]]\nkind = "reverb"\n' * 9
    buses = "".join(f"[bus.b{number}]\n" for number in range(5))
    aims = "".join(f"[aim.a{number}]\nwanted = 1.0\nwithin = 1.0\n" for number in range(25))
    for text in (effects, buses, aims):
        with pytest.raises(RecipeError):
            _read(text)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    big = tmp_path / "big.fanstyle"
    big.write_bytes(b"# " * MAX_BYTES)
    for path in (tmp_path, tmp_path / "gone.fanstyle", big):
        with pytest.raises(RecipeError):
            read_file(path)
