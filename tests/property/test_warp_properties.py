"""Whatever is stretched, moved and cut: the session stays whole, and time only goes forward."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.audio.time_map import TimeMap
from fanstudio.errors import EditError
from fanstudio.model import edits, warp_edits
from fanstudio.model.integrity import check_session
from fanstudio.model.session import Session
from fanstudio.model.warp import MAX_STRETCH, MIN_STRETCH
from tests.support.sessions import make_session

SHARES = st.floats(0, 1)
STRETCHES = st.floats(MIN_STRETCH, MAX_STRETCH)
ACTIONS = st.lists(
    st.tuples(st.sampled_from(("split", "warp", "all", "edge", "move", "back")), SHARES, SHARES, STRETCHES),
    max_size=12,
)


def act(session: Session, action: tuple[str, float, float, float]) -> Session:
    kind, which, where, stretch = action
    clips = tuple(session.clips())
    clip = clips[min(len(clips) - 1, int(which * len(clips)))]
    place = clip.position + int(where * clip.length)
    if kind == "split":
        return edits.split_clip(session, clip.id, place)
    if kind == "move":
        return edits.move_clip(session, clip.id, int(where * 20_000))
    if kind == "edge":
        ends = (place, clip.end) if which > 0.5 else (clip.position, place)
        return warp_edits.stretch_clip(session, clip.id, *ends)
    ids = [clip.id] if kind == "warp" else [each.id for each in clips]
    wanted = 1.0 if kind == "back" else stretch
    return warp_edits.warp_clips(session, ids, lambda warp: replace(warp, stretch=wanted))


@settings(max_examples=150, deadline=None)
@given(ACTIONS)
def test_no_warp_breaks_a_session(actions: list[tuple[str, float, float, float]]) -> None:
    session = make_session()
    for action in actions:
        try:
            session = act(session, action)
        except EditError:
            continue
        check_session(session)
        for track in session.tracks:
            assert all(before.end <= after.position for before, after in pairwise(track.clips))
        for clip in session.clips():
            assert clip.length >= 1
            assert 0 <= clip.offset <= session.material_length(clip) - clip.length


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 50_000),
    st.floats(0.06, 16),
    st.lists(st.integers(-10, 60_000), max_size=40, unique=True),
    st.integers(1, 4_000),
    st.integers(1, 4_000),
)
def test_time_only_goes_forward_and_attacks_keep_their_place(
    frames: int, ratio: float, attacks: list[int], before: int, after: int
) -> None:
    places = np.array(sorted(attacks), np.int64)
    times = TimeMap(frames, ratio, places, before, after)
    targets = np.linspace(-500.0, frames * ratio + 500, 400)
    assert (np.diff(times.source_frames(targets)) >= 0).all()
    inside = places[(places > 0) & (places < frames)]
    assert (np.abs(times.source_frames(inside * ratio) - inside) <= 1).all()
    begun = times.attacks_begun(np.arange(0, frames, max(1, frames // 50)))
    assert all(one <= other for one, other in pairwise(begun))
