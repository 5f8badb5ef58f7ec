"""Style files from anybody: a recipe or one clear line, at once, and the fan's own folder stays whole."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.errors import InputError, RecipeError
from fanstudio.model.recipe import Recipe, RecipeEffect, RecipeTimbre, StemRecipe, Voice
from fanstudio.model.recipe_file import MAX_BYTES, read_recipe, write_recipe
from fanstudio.model.session import Stem
from fanstudio.paths import data_dir
from fanstudio.studio import styles
from fanstudio.studio.style.recipes import checked, shipped_recipes

_HEAD = 'format = 1\nid = "mine"\ntitle = "Mine"\n'
_MARKS = "\u202e\u2066\u200f\u200e\u061c\u200b\ufeff\u2060\xad\u3164\u2800\x07\x1b\x85"
_WRONG = [b"nan", b"-inf", b"1e999", b"[[", b'"']
_EFFECT = '[[master.effects]]\nkind = "tape"\n'


def _own() -> Path:
    return data_dir() / "styles"


@pytest.mark.parametrize(
    "text",
    [
        "x = 0\n" + ".".join("a" * 30_000) + " = 1",
        "[" + ".".join("a" * 30_000) + "]",
        "x = { " + ".".join("a" * 30_000) + " = 1 }",
        "x = " + "[" * 30_000,
        "x = " + "{x=" * 15_000,
        "speed = 0x" + "f" * 60_000,
        "speed = " + "9" * 60_000,
        '"' + "k" * 60_000 + '" = 1',
        _EFFECT * 1_800,
        "[production]\n" + "\n".join(f"a{number} = [1.0]" for number in range(3_000)),
        "[production]\na = [" + "1.0, " * 10_000 + "]",
        "".join(f"[bus.b{number}]\n" for number in range(4_000)),
        "#" * (MAX_BYTES + 1),
    ],
    ids=lambda text: text[:16].replace("\n", " "),
)
def test_what_is_made_to_take_long_is_refused_at_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(RecipeError):
        checked((_HEAD + text).encode(), "long.fanstyle")
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize("mark", _MARKS)
@pytest.mark.parametrize("key", ["title", "summary", "author", "licence"])
def test_marks_that_nobody_sees_are_refused_in_words_that_hold_none(mark: str, key: str) -> None:
    text = _HEAD.replace('"Mine"', f'"M\\U{ord(mark):08x}ine"') if key == "title" else _HEAD
    text += "" if key == "title" else f'{key} = "by \\U{ord(mark):08x} me"\n'
    with pytest.raises(RecipeError, match=key) as refused:
        checked(text.encode(), "marked.fanstyle")
    assert refused.value.message.isprintable()


def test_titles_of_any_language_are_taken() -> None:
    for title in ("Größe", "夜の街", "شب", "می\u200cخواهم", "👩\u200d🎤 lo-fi", "ค่ำ"):
        assert checked(_HEAD.replace("Mine", title).encode(), "own.fanstyle").title == title


@pytest.mark.parametrize("key", ['"\\u001b[31m"', '"\\u202e"', '"a\\nb"', f'"{"k" * 5_000}"'])
def test_unknown_keys_are_named_in_one_printable_line(key: str) -> None:
    with pytest.raises(RecipeError, match="not known") as refused:
        checked((_HEAD + f"{key} = 1\n").encode(), "odd.fanstyle")
    assert refused.value.message.isprintable()
    assert len(refused.value.message) < 200


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_recipes_are_recipes_or_one_clear_error(data: st.DataObject) -> None:
    whole = write_recipe(data.draw(st.sampled_from(shipped_recipes())))
    at = data.draw(st.integers(0, len(whole) - 1))
    length = data.draw(st.integers(0, 40))
    wrong = data.draw(st.one_of(st.binary(max_size=8), st.sampled_from(_WRONG)))
    try:
        recipe = checked(whole[:at] + wrong + whole[at + length :], "damaged.fanstyle")
    except RecipeError as error:
        said = error.message
    else:
        said = "" if read_recipe(write_recipe(recipe)) == recipe else "\0"
    assert said.isprintable()


@pytest.mark.parametrize("recipe_id", ["con", "nul", "aux", "com1"])
def test_ids_that_are_devices_elsewhere_are_plain_files(recipe_id: str) -> None:
    styles.keep_preset(Recipe(recipe_id, recipe_id))
    (path,) = _own().glob("*.fanstyle")
    assert path.name.split(".")[0] != recipe_id
    styles.remove_preset(recipe_id)


def test_what_lies_in_the_folder_is_never_written_over() -> None:
    _own().mkdir(parents=True)
    for name in ("mine.fanstyle", "style-mine.fanstyle"):
        (_own() / name).write_bytes(b"not yet a style")
    kept = styles.keep_preset(Recipe("mine", "Mine"))
    assert styles.own_presets() == (kept,)
    assert [path.read_bytes() for path in sorted(_own().iterdir())].count(b"not yet a style") == 2


def test_the_same_style_under_two_names_is_removed_for_good(tmp_path: Path) -> None:
    kept = styles.keep_preset(Recipe("mine", "Mine"))
    (path,) = _own().glob("*.fanstyle")
    path.with_name("copy.fanstyle").write_bytes(path.read_bytes())
    assert styles.own_presets() == (kept,)
    styles.remove_preset("mine")
    assert styles.own_presets() == ()


def test_folders_links_and_damage_among_own_styles_are_left_out(tmp_path: Path) -> None:
    kept = styles.keep_preset(Recipe("mine", "Mine"))
    (_own() / "folder.fanstyle").mkdir()
    (_own() / "dangling.fanstyle").symlink_to(tmp_path / "gone")
    (_own() / "round.fanstyle").symlink_to(_own() / "round.fanstyle")
    (_own() / "device.fanstyle").symlink_to("/dev/zero")
    (_own() / "huge.fanstyle").write_bytes(b"#" * (4 << 20))
    assert styles.own_presets() == (kept,)


def test_what_would_not_be_read_again_is_not_kept(tmp_path: Path) -> None:
    many = Recipe("many", "Many", master=tuple(RecipeEffect("tape") for _ in range(9)))
    path = tmp_path / "many.fanstyle"
    for refused in (lambda: styles.keep_preset(many), lambda: styles.share_preset(many, path)):
        with pytest.raises(InputError, match="master"):
            refused()
    with pytest.raises(InputError):
        styles.keep_preset(replace(many, master=()), "\u3164")
    assert not path.exists()
    assert styles.own_presets() == ()


def test_a_style_that_calls_itself_a_surprise_stays_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "false.fanstyle"
    path.write_bytes(write_recipe(Recipe("surprise-7", "False", master=(RecipeEffect("tape"),))))
    assert styles.open_preset(path).master == (RecipeEffect("tape"),)


def test_an_instrument_that_is_not_here_is_taken_and_said_when_it_is_needed() -> None:
    told = RecipeTimbre(Voice.SAMPLED, "kazoo")
    recipe = Recipe("kazoo", "Kazoo", stems=((Stem.VOCALS, StemRecipe(timbre=told)),))
    assert checked(write_recipe(recipe), "kazoo.fanstyle") == recipe
