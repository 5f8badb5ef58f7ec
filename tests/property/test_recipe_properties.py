"""Recipes in general: what is written is read the same, and no bytes do more than be refused."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.audio.effects import EFFECTS
from fanstudio.errors import RecipeError
from fanstudio.inference.production_measure import measure_blocks
from fanstudio.model.recipe import (
    Aim,
    BusRecipe,
    GrooveRecipe,
    Recipe,
    RecipeEffect,
    RecipeTimbre,
    Side,
    SongRecipe,
    StemRecipe,
    Voice,
)
from fanstudio.model.recipe_file import read_recipe, write_recipe
from fanstudio.model.session import Stem
from fanstudio.studio.style.amounts import scaled
from fanstudio.studio.style.recipes import checked
from fanstudio.studio.style.surprise import surprise

_NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True)
_LINES = st.text(
    st.characters(exclude_categories=("C", "Z")) | st.sampled_from(" \"'\\"), min_size=1, max_size=30
).map(str.strip)


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


@st.composite
def _effects(draw: st.DrawFn) -> RecipeEffect:
    kind = draw(st.sampled_from(EFFECTS))
    rows = draw(st.lists(st.sampled_from(kind.parameters), unique=True, max_size=3))
    values = {row.name: draw(_numbers(row.low, row.high)) for row in rows}
    return RecipeEffect(kind.kind, tuple(sorted(values.items())))


_MEASURED = measure_blocks(
    [np.random.default_rng(1).normal(0, 0.1, (2, 44_100)).astype(np.float32)], 22_050
).to_plain()
_CHAINS = st.lists(_effects(), max_size=3).map(tuple)
_TIMBRES = st.builds(
    RecipeTimbre,
    st.sampled_from(Voice),
    _NAMES,
    st.just("") | _NAMES,
    _numbers(0, 1),
    st.none() | st.integers(-4, 4),
    _numbers(0, 1),
    _numbers(0, 3),
    _numbers(0, 1),
    st.booleans(),
)


@st.composite
def _recipes(draw: st.DrawFn) -> Recipe:
    buses = draw(st.lists(st.builds(BusRecipe, _NAMES, _numbers(-60, 12), _CHAINS), max_size=3))
    buses = list({bus.name: bus for bus in buses}.values())
    stems = {}
    for stem in draw(st.lists(st.sampled_from(Stem), unique=True)):
        sends = {bus.name: draw(_numbers(-60, 12)) for bus in buses if draw(st.booleans())}
        stems[stem] = draw(
            st.builds(
                StemRecipe,
                _numbers(-60, 12),
                _numbers(-1, 1),
                st.booleans(),
                st.none() | _TIMBRES,
                _CHAINS,
                st.just(tuple(sorted(sends.items()))),
            )
        )
    features = draw(st.sampled_from(({}, _MEASURED)))
    aims = draw(
        st.lists(
            st.builds(
                Aim, _NAMES, _numbers(-1e6, 1e6), _numbers(1e-3, 1e6), _numbers(0, 10), st.sampled_from(Side)
            ),
            max_size=3,
            unique_by=lambda aim: aim.feature,
        )
    )
    return Recipe(
        id=draw(_NAMES),
        title=draw(_LINES.filter(bool)),
        summary=draw(_LINES),
        author=draw(_LINES),
        licence=draw(_LINES),
        song=draw(st.builds(SongRecipe, _numbers(0.5, 2), _numbers(-12, 12), st.booleans())),
        groove=draw(st.builds(GrooveRecipe, st.booleans(), _numbers(0, 1), st.sampled_from((2, 4)))),
        stems=tuple(stems.items()),
        buses=tuple(buses),
        master=draw(_CHAINS),
        production=tuple((name, tuple(row)) for name, row in sorted(features.items())),
        aims=tuple(aims),
    )


@settings(max_examples=60, deadline=None)
@given(_recipes())
def test_what_is_written_is_read_the_same(recipe: Recipe) -> None:
    assert checked(write_recipe(recipe), "it") == recipe


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    with suppress(RecipeError):
        recipe = read_recipe(data)
        assert read_recipe(write_recipe(recipe)) == recipe


@settings(max_examples=60, deadline=None)
@given(_recipes(), st.data())
def test_a_damaged_file_is_a_recipe_or_refused(recipe: Recipe, data: st.DataObject) -> None:
    written = bytearray(write_recipe(recipe))
    for _ in range(data.draw(st.integers(1, 4))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    with suppress(RecipeError):
        read = checked(bytes(written), "it")
        assert checked(write_recipe(read), "it") == read


@settings(max_examples=60, deadline=None)
@given(_recipes(), _numbers(0, 1), _numbers(0, 1))
def test_any_amount_of_a_recipe_is_a_recipe(recipe: Recipe, amount: float, drums: float) -> None:
    less = scaled(recipe, amount, {Stem.DRUMS: drums})
    again = checked(write_recipe(less), "it")
    assert again.master == less.master
    assert scaled(recipe, 1.0, {}).master == recipe.master
    nothing = scaled(recipe, 0.0, {})
    assert (nothing.stems, nothing.master, nothing.buses) == ((), (), ())
    assert nothing.song.speed == 1.0
    assert nothing.song.moved_semitones == 0.0


@given(st.integers(0, 100_000))
def test_a_surprise_is_a_sound_recipe_and_always_the_same(seed: int) -> None:
    recipe = surprise(seed)
    assert recipe == surprise(seed)
    assert checked(write_recipe(recipe), "it") == recipe
