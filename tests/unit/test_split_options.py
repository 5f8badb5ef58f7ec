"""What a fan may choose before a split, and what a splitter's stems become of it."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.errors import InputError
from fanstudio.model.session import Stem
from fanstudio.studio.split_options import STEMS, KeptStem, SplitOptions

TWO, FOUR = STEMS[2], STEMS[4]
SIX = (*FOUR, "guitar", "piano")


def _names(options: SplitOptions, stems: tuple[str, ...]) -> list[str]:
    return [kept.name for kept in options.keep(stems)]


def test_nothing_chosen_keeps_two_stems() -> None:
    assert SplitOptions().count == 2
    assert _names(SplitOptions(), TWO) == ["vocals", "accompaniment"]


def test_a_stem_that_only_four_have_asks_for_four() -> None:
    assert SplitOptions(wanted=("drums",)).count == 4
    assert SplitOptions(wanted=("vocals",)).count == 2
    assert SplitOptions(stems=4, wanted=("vocals",)).count == 4


def test_the_rest_is_everything_else() -> None:
    drums, rest = SplitOptions(wanted=("drums",), keep_rest=True).keep(FOUR)
    assert (drums.stem, rest.name, rest.parts, rest.stem) == (
        Stem.DRUMS,
        "rest",
        ("vocals", "bass", "other"),
        Stem.MIX,
    )
    (_, band) = SplitOptions(wanted=("vocals",), keep_rest=True).keep(TWO)
    assert (band.parts, band.stem) == (("accompaniment",), Stem.ACCOMPANIMENT)
    *_, left = SplitOptions(wanted=("vocals", "drums"), keep_rest=True).keep(FOUR)
    assert (left.parts, left.stem) == (("bass", "other"), Stem.ACCOMPANIMENT)


def test_the_rest_of_everything_is_nothing() -> None:
    assert _names(SplitOptions(stems=2, wanted=TWO, keep_rest=True), TWO) == list(TWO)


def test_kept_stems_sum_to_all_stems() -> None:
    rng = np.random.default_rng(1)
    stems = {name: rng.standard_normal((2, 50)).astype(np.float32) for name in FOUR}
    kept = SplitOptions(wanted=("bass",), keep_rest=True).keep(FOUR)
    total = sum(stem.mix(stems) for stem in kept)
    np.testing.assert_allclose(total, sum(stems.values()), atol=1e-5)


def test_a_model_with_more_stems_gives_fewer_by_sums() -> None:
    accompaniment = SplitOptions(stems=2, model_id="six").keep(SIX)[1]
    assert accompaniment == KeptStem("accompaniment", ("drums", "bass", "other", "guitar", "piano"))
    assert SplitOptions(stems=4, model_id="six").keep(SIX)[3].parts == ("other", "guitar", "piano")
    assert _names(SplitOptions(model_id="six"), SIX) == list(SIX)
    assert KeptStem("guitar", ("guitar",)).stem is Stem.OTHER


def test_a_model_with_fewer_stems_cannot_give_more() -> None:
    with pytest.raises(InputError, match="cannot be made"):
        SplitOptions(stems=4, model_id="two").keep(TWO)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stems": 3}, "2 or 4"),
        ({"quality": "perfect"}, "fast or best"),
        ({"wanted": ("kazoo",)}, "no stem “kazoo”"),
        ({"stems": 2, "wanted": ("drums",)}, "no stem “drums”"),
        ({"wanted": ("drums", "drums")}, "twice"),
        ({"keep_rest": True}, "rest of what"),
    ],
)
def test_wrong_choices_are_refused_before_anything_is_read(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        SplitOptions(**options)


def test_lineage_remembers_what_was_chosen() -> None:
    options = SplitOptions(wanted=("drums",), keep_rest=True, quality="best")
    assert options.settings(options.keep(FOUR)) == (("stems", "drums, rest"), ("quality", "best"))
