"""What holds for every drum pattern: its sound wraps, its clips stay whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fanstudio.audio.kit import Struck
from fanstudio.audio.pattern import pattern_frames, render_pattern
from fanstudio.model import edits
from fanstudio.model.integrity import check_session
from fanstudio.model.pattern import STEPS_PER_BAR, Pattern, PatternRow
from fanstudio.model.pattern_edits import (
    check_pattern,
    empty_pattern,
    place_clip,
    repeats_of,
    set_pattern,
    sounding,
    with_bars,
    with_rows,
)
from fanstudio.model.session import Clip, Session, new_session
from tests.support.sessions import make_source

RATE = 8_000
SOUNDS = ("kick", "snare", "hat", "open")
_RNG = np.random.default_rng(3)
KIT = {
    name: Struck(
        _RNG.standard_normal((2, frames)).astype(np.float32), "hats" if name in ("hat", "open") else ""
    )
    for name, frames in zip(SOUNDS, (900, 1_700, 300, 4_000), strict=True)
}


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    bars = draw(st.integers(1, 2))
    force = st.sampled_from((0.0, 0.0, 0.0, 0.4, 1.0))
    steps = st.lists(force, min_size=bars * STEPS_PER_BAR, max_size=bars * STEPS_PER_BAR)
    rows = tuple(PatternRow(sound, tuple(draw(steps))) for sound in SOUNDS)
    bpm = draw(st.floats(40, 300))
    return Pattern("kit", bpm, rows, bars, draw(st.sampled_from((0.0, 0.3, 1.0))))


@given(patterns())
def test_a_pattern_turned_by_a_beat_is_the_same_sound_turned(pattern: Pattern) -> None:
    pattern = replace(pattern, bpm=120.0)
    turned = replace(
        pattern, rows=tuple(replace(row, steps=(*row.steps[4:], *row.steps[:4])) for row in pattern.rows)
    )
    beat = RATE // 2
    expected = np.roll(render_pattern(pattern, KIT, RATE), -beat, axis=1)
    assert np.allclose(render_pattern(turned, KIT, RATE), expected, atol=1e-4)


@given(patterns())
def test_every_rendering_is_finite_and_as_long_as_its_bars(pattern: Pattern) -> None:
    check_pattern(pattern)
    mix = render_pattern(pattern, KIT, RATE)
    assert mix.shape == (2, pattern_frames(pattern, RATE))
    assert np.isfinite(mix).all()
    assert mix.any() == any(any(row.steps) for row in pattern.rows)


@given(patterns(), st.integers(1, 16))
def test_rows_and_bars_come_and_go_without_changing_what_sounds(pattern: Pattern, bars: int) -> None:
    assert sounding(with_rows(sounding(pattern), SOUNDS)) == sounding(pattern)
    assert with_bars(with_bars(pattern, pattern.bars * bars), pattern.bars) == pattern


@st.composite
def beats(draw: st.DrawFn) -> Session:
    """A track on which clips of one pattern stand, cut here and there, among others."""
    source, other = make_source("old", 1_000), make_source("other", 3_000)
    pattern = empty_pattern("kit", SOUNDS, 120.0)
    session = edits.add_track(new_session("Drums"), "Drums")
    track = session.tracks[0].id
    session = edits.add_clip(edits.add_source(session, other), track, other.id, draw(st.integers(0, 9_000)))
    for number in range(draw(st.integers(1, 5))):
        clip = Clip(f"c{number}", source.id, "Drums", number * 1_000, 0, 1_000, pattern=pattern)
        session = place_clip(session, track, clip, source)
    for clip in [clip for clip in session.clips() if clip.pattern]:
        if draw(st.booleans()):
            session = edits.trim_end(session, clip.id, clip.position + draw(st.integers(1, 1_000)))
    return session


@given(beats(), st.integers(1, 4_000), st.booleans())
def test_clips_stay_whole_whatever_the_new_length(session: Session, length: int, everywhere: bool) -> None:
    first = next(clip for clip in session.clips() if clip.pattern)
    pattern = empty_pattern("kit", SOUNDS, 90.0)
    clips = repeats_of(session, first.id) if everywhere else (first.id,)
    changed = set_pattern(session, clips, pattern, make_source("new", length))
    check_session(changed)
    assert {clip.id for clip in changed.clips() if clip.pattern == pattern} <= set(clips)
    assert changed.clip(first.id)[1].position == first.position
