"""The metronome: clicks on the beats, at any block size, before the song and over tempo changes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from fanstudio.audio.metronome import Metronome
from fanstudio.model.session import TempoChange, new_session

RATE = 48_000
WALTZ = replace(new_session("x", RATE), tempo=(TempoChange(0, 120.0, 3), TempoChange(108_000, 90.5, 4)))


def onsets(sound: np.ndarray) -> list[int]:
    loud = np.flatnonzero(np.abs(sound[0]) > 1e-3)
    return [int(loud[0]), *(int(b) for a, b in pairwise(loud) if b - a > 2_000)]


def test_clicks_lie_on_the_beats() -> None:
    beats = [24_000 * beat for beat in range(5)] + [108_000 + round(31_823.2 * beat) for beat in range(3)]
    heard = onsets(Metronome(WALTZ).render(0, 190_000))
    assert heard == pytest.approx(beats, abs=2)


def test_the_bar_sounds_higher() -> None:
    sound = Metronome(WALTZ).render(0, 96_000)[0]
    turns = [np.count_nonzero(np.diff(np.signbit(sound[at : at + 1_500]))) for at in (0, 24_000, 72_000)]
    assert turns[0] == turns[2] > turns[1]


def test_the_count_in_runs_before_the_song() -> None:
    assert Metronome(WALTZ).bar_frames(0) == 72_000
    assert onsets(Metronome(WALTZ).render(-72_000, 72_000)) == pytest.approx([0, 24_000, 48_000], abs=2)


@pytest.mark.parametrize("size", [1, 127, 8_192])
def test_block_sizes_sound_the_same(size: int) -> None:
    metronome, length = Metronome(WALTZ), 8_192 if size == 1 else 130_000
    start = 107_000 if size == 1 else -30_000
    whole = metronome.render(start, length)
    blocks = [metronome.render(start + at, min(size, length - at)) for at in range(0, length, size)]
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), whole)
