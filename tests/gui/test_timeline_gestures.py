from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.gui.timeline.automation_gestures import DragPoint, add_point_at
from fanstudio.gui.timeline.curves import find_curve_hit
from fanstudio.gui.timeline.gestures import Pointer, start_gesture
from fanstudio.gui.timeline.hit import Part, find_hit
from fanstudio.gui.timeline.state import Hooks, TimelineState
from fanstudio.gui.tokens import RULER_HEIGHT
from fanstudio.model.document import Document
from fanstudio.model.mixer import GAIN, MASTER, MAX_GAIN_DB, MIN_GAIN_DB
from fanstudio.model.session import Session
from tests.support.timelines import BAR, BAR_PIXELS, make_session

POINT = st.builds(
    Pointer, st.floats(-50, 900), st.floats(-20, 420), st.booleans(), st.booleans(), st.booleans()
)
DRAG = st.tuples(st.lists(POINT, min_size=1, max_size=6), st.sampled_from(("release", "abandon")))


def make_state() -> TimelineState:
    hooks = Hooks(lambda: None, lambda: None, lambda: None, lambda frame: None)
    state = TimelineState(Document(make_session()), hooks)
    state.resize(800, 400)
    state.zoom(state.geometry.frames_per_pixel / (BAR / BAR_PIXELS), 0)
    return state


def perform(state: TimelineState, points: list[Pointer], ending: str) -> None:
    gesture = start_gesture(
        state, find_hit(state.session, state.geometry, points[0].x, points[0].y), points[0]
    )
    for point in points[1:]:
        gesture.move(point)
    if ending == "release":
        gesture.release(points[-1])
    else:
        gesture.abandon()


def check(session: Session) -> None:
    """Assert what every session keeps to."""
    for track in session.tracks:
        for clip in track.clips:
            assert clip.position >= 0
            assert clip.length >= 1
            assert clip.offset >= 0
            assert clip.offset + clip.length <= session.material_length(clip)
            assert clip.fade_in + clip.fade_out <= clip.length
        for before, after in pairwise(track.clips):
            assert before.end <= after.position


@settings(max_examples=150, deadline=None)
@given(st.lists(DRAG, min_size=1, max_size=6))
def test_no_drag_breaks_a_session_and_undo_takes_all_back(drags: list[tuple[list[Pointer], str]]) -> None:
    state = make_state()
    start = state.session
    for points, ending in drags:
        before = len(state.document.history.past)
        perform(state, points, ending)
        check(state.session)
        assert len(state.document.history.past) - before in ((0, 1) if ending == "release" else (0,))
        assert state.selection <= {clip.id for clip in state.session.clips()}
    while state.document.history.past:
        state.document.undo()
    assert state.session == start


@settings(max_examples=80, deadline=None)
@given(st.lists(POINT, min_size=2, max_size=6))
def test_an_abandoned_drag_leaves_nothing(points: list[Pointer]) -> None:
    state = make_state()
    start = state.session
    perform(state, points, "abandon")
    assert state.session == start
    assert not state.document.history.past


def test_only_where_a_drag_ends_counts() -> None:
    direct, roundabout = make_state(), make_state()
    for state in (direct, roundabout):
        state.snapping = False
    y = RULER_HEIGHT + 56
    perform(direct, [Pointer(120, y), Pointer(500, y)], "release")
    perform(roundabout, [Pointer(120, y), Pointer(380, y), Pointer(20, y + 112), Pointer(500, y)], "release")
    assert [(clip.id, clip.position) for clip in direct.session.clips()] == [
        (clip.id, clip.position) for clip in roundabout.session.clips()
    ]


def test_ctrl_on_an_edge_stretches_and_the_other_edge_stays() -> None:
    state = make_state()
    y, edge = RULER_HEIGHT + 56, 3 * BAR_PIXELS
    perform(state, [Pointer(edge - 1, y, ctrl=True), Pointer(edge + BAR_PIXELS - 1, y, ctrl=True)], "release")
    clip = state.session.clip("one")[1]
    assert (clip.position, clip.end, clip.offset) == (BAR, 4 * BAR, 3 * BAR)
    assert clip.warp is not None
    assert clip.stretch == 1.5
    perform(
        state, [Pointer(BAR_PIXELS + 1, y, ctrl=True), Pointer(2 * BAR_PIXELS + 1, y, ctrl=True)], "release"
    )
    clip = state.session.clip("one")[1]
    assert (clip.position, clip.end, clip.warp) == (2 * BAR, 4 * BAR, None)
    assert [entry.label for entry in state.document.history.past] == ["Stretch clip", "Stretch clip"]


PLACE = st.builds(Pointer, st.floats(0, 790), st.floats(RULER_HEIGHT, 390), st.booleans(), st.booleans())
DOING = st.tuples(st.lists(PLACE, min_size=1, max_size=5), st.sampled_from(("drag", "abandon", "add")))


@settings(max_examples=100, deadline=None)
@given(st.lists(DOING, min_size=1, max_size=8))
def test_points_stay_in_order_and_in_range_and_undo_takes_all_back(
    doings: list[tuple[list[Pointer], str]],
) -> None:
    state = make_state()
    start = state.session
    state.show_curves({track.id: GAIN for track in start.tracks} | {MASTER: GAIN})
    for places, what in doings:
        curves = state.curves.shown(state.session)
        hit = find_curve_hit(curves, state.geometry, places[0].x, places[0].y)
        if hit is None:
            continue
        if what == "add":
            add_point_at(state, hit, places[0])
        elif hit.part is Part.POINT:
            gesture = DragPoint(state, hit, places[0])
            for place in places[1:]:
                gesture.move(place)
            gesture.release(places[-1]) if what == "drag" else gesture.abandon()
        for curve in state.curves.shown(state.session):
            frames = [point.frame for point in curve.points]
            assert frames == sorted(set(frames))
            assert all(frame >= 0 for frame in frames)
            assert all(MIN_GAIN_DB <= point.value <= MAX_GAIN_DB for point in curve.points)
    while state.document.history.past:
        state.document.undo()
    assert state.session == start
