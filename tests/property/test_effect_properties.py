"""An effect does not depend on how its stream is cut, nor is its gain reduction ever too small."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.audio.effects import EFFECTS, Effect
from fanstudio.audio.effects.limiter import GainReduction
from fanstudio.audio.effects.slot import Chain, Slot
from fanstudio.audio.effects.stream import EffectStream
from fanstudio.audio.filters import PeakFollower
from tests.support.sounds import noise

FRAMES = 3_000
SOUND = noise(FRAMES, 2, seed=4, peak=0.9)


@st.composite
def effects(draw: st.DrawFn) -> Effect:
    kind = draw(st.sampled_from(EFFECTS))
    rows = draw(st.lists(st.sampled_from(kind.parameters), max_size=3, unique=True))
    return kind(**{row.name: draw(st.floats(row.low, row.high)) for row in rows})


def streamed(chain: Chain, cuts: list[int], start: int) -> np.ndarray:
    stream = EffectStream(chain, 2, start)
    edges = [0, *sorted(cuts), FRAMES]
    parts = [stream.push(SOUND[:, a:b]) for a, b in pairwise(edges)]
    return np.concatenate([*parts, stream.finish()], axis=1)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(effects(), min_size=1, max_size=3), st.lists(st.integers(0, FRAMES)), st.integers(0, 10_000_000)
)
def test_any_cut_gives_the_same_sound_as_long_as_what_went_in(
    chosen: list[Effect], cuts: list[int], start: int
) -> None:
    chain = Chain([Slot(effect) for effect in chosen])
    chain.prepare(44_100, 2)
    whole = streamed(chain, [], start)
    assert whole.shape == SOUND.shape
    assert np.isfinite(whole).all()
    assert np.array_equal(streamed(chain, cuts, start), whole)
    assert chain.faults == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3_999), st.floats(0, 8)), max_size=20), st.floats(10, 1_000))
def test_the_reduction_is_there_when_the_peak_comes(
    peaks: list[tuple[int, float]], release_ms: float
) -> None:
    levels = np.full(6_000, 1e-3, np.float32)
    for place, level in peaks:
        levels[place] = max(levels[place], level)
    reduction = GainReduction(8_000, [-1.0, -7.0], release_ms)
    late = reduction.delay_frames
    given_db = reduction.process(levels)[:, late:]
    wanted_db = 20 * np.log10(levels[: levels.size - late])[None] - np.array([[-1.0], [-7.0]])
    assert (given_db >= wanted_db - 1e-5).all()
    assert (given_db >= -1e-12).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=300), st.floats(1, 50), st.integers(1, 300))
def test_the_peak_follower_is_its_recursion(values: list[float], release: float, cut: int) -> None:
    follower = PeakFollower(release, 1)
    row = np.array([values])
    parts = [part for part in (row[:, :cut], row[:, cut:]) if part.size]
    followed = np.concatenate([follower.process(part) for part in parts], axis=1)[0]
    last, decay = 0.0, np.exp(-1 / release)
    for value, got in zip(values, followed, strict=True):
        last = max(value, decay * last)
        assert np.isclose(got, last, rtol=1e-9, atol=1e-12)
