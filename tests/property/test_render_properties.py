"""A mix does not depend on how it is cut into blocks, nor on where a clip was split."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.render import bounce
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.session import Session, Source, new_session
from fanstudio.model.warp import Warp
from tests.support.mixes import render
from tests.support.sounds import a_source, noise

FRAMES = 3_000
SOUNDS = {1: noise(FRAMES, 1, seed=1), 2: noise(FRAMES, 2, seed=2)}
LAST = 9_000

gains = st.floats(-60, 12)


def sounds(source: Source, _warp: Warp | None) -> np.ndarray:
    return SOUNDS[source.channels]


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    session = new_session("x")
    for channels in (1, 2):
        session = edits.add_source(session, a_source(str(channels), FRAMES, channels))
    for number in range(draw(st.integers(1, 3))):
        session = edits.add_track(session, f"track {number}")
        track = session.tracks[-1].id
        for _ in range(draw(st.integers(0, 3))):
            session = _with_clip(session, track, draw)
        session = edits.set_track_gain(session, track, draw(gains))
        session = edits.set_pan(session, track, draw(st.floats(-1, 1)))
        session = edits.mute_track(session, track, draw(st.booleans()) and draw(st.booleans()))
        session = edits.solo_track(session, track, draw(st.booleans()) and draw(st.booleans()))
    return edits.set_master_gain(session, draw(gains))


def _with_clip(session: Session, track: str, draw: st.DrawFn) -> Session:
    before = {clip.id for clip in session.clips()}
    offset = draw(st.integers(0, FRAMES - 1))
    session = edits.add_clip(
        session,
        track,
        draw(st.sampled_from(session.sources)).id,
        draw(st.integers(0, LAST - FRAMES)),
        offset=offset,
        length=draw(st.integers(1, FRAMES - offset)),
    )
    for clip in list(session.clips()):
        if clip.id not in before:
            session = edits.set_clip_gain(session, clip.id, draw(gains))
            session = edits.set_fades(session, clip.id, fade_in=draw(st.integers(0, clip.length)))
            session = edits.set_fades(session, clip.id, fade_out=draw(st.integers(0, clip.length // 2)))
    return session


def in_blocks(session: Session, start: int, block: int) -> np.ndarray:
    return np.concatenate(list(bounce(Work(), session, sounds, start, LAST, block)), axis=1)


@settings(max_examples=15, deadline=None)
@given(sessions(), st.integers(0, LAST - 1))
def test_block_sizes_1_128_and_8192_render_the_same(session: Session, start: int) -> None:
    whole = render(session, sounds, 0, LAST)
    for block in (128, 8_192):
        assert np.array_equal(in_blocks(session, 0, block), whole)
    start = min(start, LAST - 400)
    single = np.concatenate([render(session, sounds, f, 1) for f in range(start, start + 3)], axis=1)
    mix = Mix(session, sounds, start)
    ones = np.concatenate([mix.read(1) for _ in range(400)], axis=1)
    assert np.array_equal(ones, whole[:, start : start + 400])
    assert np.array_equal(single, whole[:, start : start + 3])


@settings(max_examples=40, deadline=None)
@given(sessions(), st.data())
def test_a_split_clip_renders_as_the_whole(session: Session, data: st.DataObject) -> None:
    before = render(session, sounds, 0, LAST)
    for _ in range(2):
        for clip in list(session.clips()):
            if clip.length > 1:
                frame = data.draw(st.integers(clip.position + 1, clip.end - 1))
                session = edits.split_clip(session, clip.id, frame)
    assert np.array_equal(render(session, sounds, 0, LAST), before)


@settings(max_examples=25, deadline=None)
@given(sessions(), st.integers(0, 5_000))
def test_a_mix_is_as_long_as_asked_and_silent_beyond_the_session(session: Session, frames: int) -> None:
    tail = render(session, sounds, session.length, frames)
    assert tail.shape == (2, frames)
    assert not tail.any()
