"""Splitting in the order in which it is wanted: the stems do not depend on the order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.audio.rendition import RenditionFile
from fanstudio.errors import Cancelled
from fanstudio.inference import manifest
from fanstudio.inference.ahead import AheadSplit
from fanstudio.inference.separation import Separator
from fanstudio.jobs import Work
from tests.support.models import windowed_masks, write_model

RATE = 44_100
LENGTH = 2 * 44_100 + 123
MIX = (np.random.default_rng(3).standard_normal((2, LENGTH)) * 0.1).astype(np.float32)
#: The noise rises, so that no two windows get the same mask.
MIX *= np.linspace(0.2, 3, LENGTH, dtype=np.float32)


@pytest.fixture(scope="module")
def separator(tmp_path_factory: pytest.TempPathFactory) -> Separator:
    folder = write_model(tmp_path_factory.mktemp("model"), windowed_masks())
    return Separator(manifest.load(folder), "cpu", threads=1)


def whole(separator: Separator, rate: int) -> np.ndarray:
    """The vocals of one run from front to back."""
    pieces = separator.split(Work(), [MIX], sample_rate=rate, length_frames=LENGTH, rms=0.1)
    return np.concatenate([piece["vocals"] for piece in pieces], axis=1)


def ahead(separator: Separator, rate: int, wishes: Iterator[int]) -> np.ndarray:
    """The vocals, put together from pieces; each frame must come exactly once."""
    vocals = np.full_like(MIX, np.nan)
    split = AheadSplit(separator, MIX, rate, 0.1)
    for at, stems in split.pieces(Work(), lambda: next(wishes, 0)):
        end = at + stems["vocals"].shape[1]
        assert np.isnan(vocals[:, at:end]).all()
        assert np.abs(stems["vocals"] + stems["accompaniment"] - MIX[:, at:end]).max() < 1e-6
        vocals[:, at:end] = stems["vocals"]
    assert list(split.ready) == [(0, LENGTH)]
    return vocals


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(-5, LENGTH + 5), max_size=30))
def test_the_order_changes_nothing(separator: Separator, wishes: list[int]) -> None:
    assert np.array_equal(ahead(separator, RATE, iter(wishes)), whole(separator, RATE))


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(0, LENGTH), min_size=1, max_size=10))
@pytest.mark.parametrize("rate", [22_050, 48_000, 47_999])
def test_at_other_rates_neither(separator: Separator, rate: int, wishes: list[int]) -> None:
    difference = np.abs(ahead(separator, rate, iter(wishes)) - whole(separator, rate)).max()
    assert 20 * np.log10(difference + 1e-20) < -100


def test_what_is_wanted_comes_first(separator: Separator) -> None:
    wanted = RATE
    pieces = AheadSplit(separator, MIX, RATE, 0.1).pieces(Work(), lambda: wanted)
    spans = [(at, at + stems["vocals"].shape[1]) for at, stems in pieces]
    starts = [start for start, _end in spans]
    assert spans[0][0] <= wanted < spans[1][1]
    around = starts.index(0)
    assert starts[:around] == sorted(starts[:around])
    assert starts[around:] == sorted(starts[around:])


def test_a_wish_elsewhere_is_heeded_after_the_next_piece(separator: Separator) -> None:
    wishes = iter([0, 0, 10, 2_500, RATE])
    pieces = AheadSplit(separator, MIX, RATE, 0.1).pieces(Work(), lambda: next(wishes, RATE))
    spans = [(at, at + stems["vocals"].shape[1]) for at, stems in itertools.islice(pieces, 8)]
    breaks = [end for (_, end), (start, _) in itertools.pairwise(spans) if start != end]
    assert spans[0][0] == 0
    assert 2_500 < breaks[0] < RATE / 2  # the run comes there by itself, and is then left
    assert any(start <= RATE < end for start, end in spans)


def test_progress_is_of_the_whole_song_and_cancel_ends_it(separator: Separator) -> None:
    seen: list[float] = []
    work = Work(lambda fraction, _text: seen.append(fraction))
    split = AheadSplit(separator, MIX, RATE, 0.1)
    with pytest.raises(Cancelled):  # noqa: PT012
        for _at, _stems in split.pieces(work, lambda: 0):
            if split.ready.frames > LENGTH // 2:
                work.cancel()
    assert seen == sorted(seen)
    assert 0.4 < seen[-1] < 0.7


def test_the_mix_may_be_a_file(separator: Separator, tmp_path: Path) -> None:
    MIX.tofile(tmp_path / "mix.f32")
    with closing(RenditionFile(tmp_path / "mix.f32", *MIX.shape)) as file:
        assert np.array_equal(file[:, 100:-7], MIX[:, 100:-7])
        assert file[:, LENGTH:].shape == (2, 0)
        pieces = AheadSplit(separator, file, RATE, 0.1).pieces(Work(), lambda: 0)
        vocals = np.concatenate([stems["vocals"] for _, stems in pieces], axis=1)
    assert np.array_equal(vocals, whole(separator, RATE))
