from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanstudio.gui.timeline.geometry import Box, Geometry
from fanstudio.gui.timeline.grid import ticks
from fanstudio.gui.timeline.hit import Part, clips_in, fade_handles, find_hit, visible_clips
from fanstudio.gui.timeline.sections import section_at, sections
from fanstudio.gui.timeline.selection import above_or_below, beside, describe
from fanstudio.gui.timeline.snap import Snap, magnets
from fanstudio.gui.tokens import RULER_HEIGHT
from fanstudio.model import edits
from fanstudio.model.session import MAX_FRAMES, Session, TempoChange
from tests.support.timelines import BAR, BAR_PIXELS, BEAT, RATE, make_session

GEOMETRY = Geometry(width=800, height=400, frames_per_pixel=BAR / BAR_PIXELS)
#: Lanes are 112 px high and begin below the ruler; this is in the middle of the first.
FIRST_LANE, SECOND_LANE = RULER_HEIGHT + 56, RULER_HEIGHT + 168


@pytest.fixture
def session() -> Session:
    return make_session()


# ── frames and pixels ──


@given(
    left=st.floats(0, MAX_FRAMES),
    scale=st.floats(1 / 16, 1e6),
    x=st.floats(0, 4000),
    factor=st.floats(0.1, 10),
)
def test_zoom_keeps_the_frame_under_the_pointer(left: float, scale: float, x: float, factor: float) -> None:
    before = Geometry(left_frame=left, frames_per_pixel=scale)
    after = before.zoomed(factor, x, MAX_FRAMES)
    anchor = left + x * scale
    if after.left_frame > 0:
        assert after.x_of(anchor) == pytest.approx(x, abs=1e-3)


def test_zoom_has_ends() -> None:
    close = far = GEOMETRY
    for _ in range(100):
        close, far = close.zoomed(2, 400, 10 * BAR), far.zoomed(0.5, 400, 10 * BAR)
    assert close.frames_per_pixel == 1 / 16
    assert far.frames_per_pixel * far.width == pytest.approx(20 * BAR)


@given(start=st.integers(0, 10**9), length=st.integers(1, 10**9))
def test_fit_shows_all_of_a_stretch(start: int, length: int) -> None:
    fitted = GEOMETRY.fitted(start, start + length)
    assert fitted.x_of(start) >= -1e-6
    assert fitted.x_of(start + length) <= GEOMETRY.width + 1e-6


@given(left=st.floats(-1e9, 1e12), top=st.floats(-1e6, 1e6))
def test_scrolling_stays_in_the_session(left: float, top: float) -> None:
    session = make_session()
    shown = GEOMETRY.scrolled(left, top, session.length, 2)
    assert 0 <= shown.left_frame <= shown.last_left(session.length)
    assert 0 <= shown.top <= shown.last_top(2)


def test_lanes_follow_scrolling() -> None:
    scrolled = replace(GEOMETRY, top=150)
    assert scrolled.lane_at(scrolled.lane_top(3) + 1) == 3
    assert scrolled.lane_at(RULER_HEIGHT) == 1
    assert list(scrolled.visible_lanes(10)) == [1, 2, 3, 4]


# ── what lies under a point ──


@pytest.mark.parametrize(
    ("x", "y", "part", "clip"),
    [
        (300, 10, Part.RULER, None),
        (120, FIRST_LANE, Part.BODY, "one"),
        (81, FIRST_LANE, Part.LEFT_EDGE, "one"),
        (238, FIRST_LANE, Part.RIGHT_EDGE, "one"),
        (84, RULER_HEIGHT + 14, Part.FADE_IN, "one"),
        (235, RULER_HEIGHT + 14, Part.FADE_OUT, "one"),
        (280, FIRST_LANE, Part.LANE, None),
        (120, RULER_HEIGHT + 4, Part.LANE, None),
        (120, SECOND_LANE, Part.BODY, "beat"),
        (120, RULER_HEIGHT + 300, Part.BELOW, None),
    ],
)
def test_hit(session: Session, x: float, y: float, part: Part, clip: str | None) -> None:
    hit = find_hit(session, GEOMETRY, x, y)
    assert (hit.part, hit.clip_id) == (part, clip)
    assert hit.frame == pytest.approx(x * BAR / BAR_PIXELS, abs=1)


def test_loop_ends_are_caught_on_their_strip(session: Session) -> None:
    looped = edits.set_loop(session, BAR, 2 * BAR)
    assert find_hit(looped, GEOMETRY, 82, 33).part is Part.LOOP_START
    assert find_hit(looped, GEOMETRY, 157, 33).part is Part.LOOP_END
    assert find_hit(looped, GEOMETRY, 82, 10).part is Part.RULER


def test_fade_handles_sit_at_the_ends_of_fades(session: Session) -> None:
    faded = edits.set_fades(session, "one", fade_in=BAR // 2, fade_out=BAR // 4)
    clip = faded.clip("one")[1]
    box = GEOMETRY.clip_box(clip, 0)
    (fade_in, _), (fade_out, _) = fade_handles(clip, GEOMETRY, box)
    assert (fade_in, fade_out) == (box.x + 40, box.right - 20)


def test_a_narrow_clip_can_still_be_moved(session: Session) -> None:
    far = replace(GEOMETRY, frames_per_pixel=2 * BAR / 12)
    box = far.clip_box(session.clip("one")[1], 0)
    assert find_hit(session, far, box.x + box.width / 2, FIRST_LANE).part is Part.BODY


@given(start=st.integers(0, 12 * BAR), length=st.integers(1, 12 * BAR))
def test_visible_clips_are_those_that_overlap(start: int, length: int) -> None:
    track = make_session().tracks[0]
    expected = [clip for clip in track.clips if clip.position < start + length and clip.end > start]
    assert list(visible_clips(track, start, start + length)) == expected


def test_band_selects_what_it_touches(session: Session) -> None:
    assert clips_in(session, GEOMETRY, Box(200, 60, 200, 10)) == {"one", "two"}
    assert clips_in(session, GEOMETRY, Box(245, 60, 60, 10)) == frozenset()
    assert clips_in(session, GEOMETRY, Box(90, 60, 10, 150)) == {"one", "beat"}


# ── snapping ──


def test_snap_prefers_what_is_near_then_beats(session: Session) -> None:
    snap = Snap(session, magnets(session, playhead=1234, without={"one"}), reach=1000)
    assert snap.rest(1300) == 1234
    assert snap.rest(4 * BAR + 900) == 4 * BAR
    assert snap.rest(2 * BAR + BEAT - 3000) == 2 * BAR + BEAT
    assert replace(snap, enabled=False).rest(1300) == 1300
    assert snap.rest(-500) == 0


def test_snap_without_a_tempo_leaves_a_free_place_alone(session: Session) -> None:
    free = replace(session, tempo=())
    assert Snap(free, (), 1000).rest(2 * BAR + 3333) == 2 * BAR + 3333


def test_a_clip_snaps_by_its_end_to_a_neighbour(session: Session) -> None:
    untempered = replace(session, tempo=())
    snap = Snap(untempered, magnets(untempered, 0, {"one"}), reach=1000)
    clip = session.clip("one")[1]
    shift = snap.shift(clip.position, clip.end, BAR - 700)
    assert clip.end + shift == 4 * BAR


# ── the ruler ──


def test_bars_are_counted_and_written(session: Session) -> None:
    shown = list(ticks(session, GEOMETRY, bars=True))
    assert [tick.label for tick in shown if tick.label] == [str(bar) for bar in range(1, 11)]
    assert [round(GEOMETRY.x_of(tick.frame)) for tick in shown if tick.label][:3] == [0, 80, 160]


def test_beats_are_written_when_close(session: Session) -> None:
    close = replace(GEOMETRY, frames_per_pixel=BEAT / 100)
    assert [tick.label for tick in ticks(session, close, bars=True) if tick.label][:5] == [
        "1",
        "1.2",
        "1.3",
        "1.4",
        "2",
    ]


def test_parts_of_beats_show_when_very_close(session: Session) -> None:
    close = replace(GEOMETRY, frames_per_pixel=BEAT / 640)
    shown = list(ticks(session, close, bars=True))
    assert [tick.frame for tick in shown[:5]] == [0, BEAT / 8, BEAT / 4, 3 * BEAT / 8, BEAT / 2]
    assert [(tick.frame, tick.label) for tick in shown if tick.label] == [(0, "1"), (BEAT, "1.2")]


def test_times_are_written_where_no_beat_may_be_in_sight(session: Session) -> None:
    close = replace(GEOMETRY, frames_per_pixel=BEAT / 6400, left_frame=BEAT * 1.25)
    labels = [tick.label for tick in ticks(session, close, bars=True)]
    assert len(labels) >= 5
    assert all(label.startswith("0:00.6") for label in labels[:5])
    assert len(set(labels)) == len(labels)


def test_bars_go_on_counting_through_a_tempo_change(session: Session) -> None:
    changed = replace(session, tempo=(TempoChange(0, 120.0), TempoChange(2 * BAR, 60.0, 3)))
    labels = {round(tick.frame): tick.label for tick in ticks(changed, GEOMETRY, bars=True) if tick.label}
    assert labels[2 * BAR] == "3"
    assert labels[2 * BAR + 3 * RATE] == "4"


@pytest.mark.parametrize("scale", [0.1, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000])
@pytest.mark.parametrize("bars", [True, False])
def test_ticks_are_never_crowded(session: Session, scale: float, bars: bool) -> None:
    geometry = replace(GEOMETRY, frames_per_pixel=scale, left_frame=12_345.0)
    shown = list(ticks(session, geometry, bars=bars))
    assert len(shown) <= geometry.width / 12 + 2
    labels = [geometry.x_of(tick.frame) for tick in shown if tick.label]
    assert all(after - before >= 56 - 1e-6 for before, after in pairwise(labels))


def test_seconds_are_written_as_a_clock(session: Session) -> None:
    geometry = replace(GEOMETRY, frames_per_pixel=RATE / 10)
    labels = [tick.label for tick in ticks(session, geometry, bars=False) if tick.label]
    assert labels[:3] == ["0:00", "0:10", "0:20"]
    close = replace(GEOMETRY, frames_per_pixel=RATE / 2000, left_frame=61.0 * RATE)
    assert next(tick.label for tick in ticks(session, close, bars=False) if tick.label) == "1:01.00"


def test_sections_run_from_marker_to_marker(session: Session) -> None:
    assert [(name, start, end) for name, start, end, _ in sections(session)] == [
        ("Verse", BAR, 4 * BAR),
        ("Chorus", 4 * BAR, 6 * BAR),
    ]
    assert section_at(session, 2 * BAR) == (BAR, 4 * BAR)
    assert section_at(session, 5 * BAR) == (4 * BAR, 6 * BAR)
    assert section_at(session, 10) is None


# ── arrows and words ──


def test_arrows_go_from_clip_to_clip(session: Session) -> None:
    assert beside(session, "one", 1) == "two"
    assert beside(session, "two", 1) is None
    assert beside(session, None, 1, from_frame=5 * BAR) == "two"
    assert above_or_below(session, "two", 1) == "beat"
    assert above_or_below(session, "beat", -1) == "one"
    assert above_or_below(session, "beat", 1) is None


def test_words_say_what_is_selected(session: Session) -> None:
    assert describe(session, ()) == "2 tracks, 3 clips. Nothing selected."
    assert describe(session, {"two"}).endswith("Selected: Chorus on Vocals, at bar 5 beat 1, 4.0 seconds.")
    assert describe(session, {"one", "two"}).endswith("2 clips selected.")
