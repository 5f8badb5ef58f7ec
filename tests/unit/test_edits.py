"""What each edit does, and what it refuses."""

from __future__ import annotations

import pytest

from fanstudio.errors import EditError
from fanstudio.model import edits
from fanstudio.model.session import Stem
from tests.support.sessions import make_session, make_source


def test_split_keeps_every_frame_in_place() -> None:
    session = make_session()
    left, right = session.tracks[0].clips
    assert (left.position, left.offset, left.length) == (0, 0, 4_000)
    assert (right.position, right.offset, right.length) == (4_000, 4_000, 6_000)


@pytest.mark.parametrize("frame", [0, 4_000, 9_999_999])
def test_split_outside_the_clip_is_refused(frame: int) -> None:
    session = make_session()
    with pytest.raises(EditError, match="playhead"):
        edits.split_clip(session, session.tracks[0].clips[0].id, frame)


def test_split_leaves_fades_at_the_outer_edges() -> None:
    session = make_session()
    clip = session.tracks[1].clips[0]
    session = edits.set_fades(session, clip.id, fade_in=1_000, fade_out=2_000)
    left, right = edits.split_clip(session, clip.id, 3_000).tracks[1].clips
    assert (left.fade_in, left.fade_out, right.fade_in, right.fade_out) == (1_000, 0, 0, 2_000)


def test_split_through_a_fade_keeps_its_curve() -> None:
    session = make_session()
    clip = session.tracks[1].clips[0]
    session = edits.set_fades(session, clip.id, fade_in=1_000, fade_out=2_000)
    first, second = edits.split_clip(session, clip.id, 400).tracks[1].clips
    assert (first.fade_in, first.fade_in_shown, first.fade_out) == (1_000, 400, 0)
    assert (second.fade_in_start, second.fade_in_shown, second.fade_out_shown) == (400, 600, 2_000)
    first, second = edits.split_clip(session, clip.id, 4_500).tracks[1].clips
    assert (first.fade_out, first.fade_out_cut, first.fade_out_shown) == (2_000, 1_500, 500)
    assert (second.fade_in, second.fade_out_shown) == (0, 1_500)
    whole = edits.trim_end(session, clip.id, 700)
    assert edits.trim_end(whole, clip.id, 6_000).tracks[1].clips[0].fade_in_shown == 1_000


def test_a_moved_clip_cuts_what_it_covers() -> None:
    session = make_session()
    moved = session.tracks[1].clips[0]
    session = edits.move_clip(session, moved.id, 1_000, session.tracks[0].id)
    spans = [(clip.position, clip.length, clip.offset) for clip in session.tracks[0].clips]
    assert spans == [(0, 1_000, 0), (1_000, 6_000, 0), (7_000, 3_000, 7_000)]
    assert session.tracks[1].clips == ()


def test_moving_before_the_beginning_is_refused() -> None:
    session = make_session()
    with pytest.raises(EditError):
        edits.move_clip(session, session.tracks[1].clips[0].id, -1)


def test_trim_start_keeps_the_sound_in_place() -> None:
    session = make_session()
    clip = session.tracks[1].clips[0]
    trimmed = edits.trim_start(session, clip.id, 500).tracks[1].clips[0]
    assert (trimmed.position, trimmed.offset, trimmed.length) == (500, 500, 5_500)


def test_trim_stops_at_the_source() -> None:
    session = make_session()
    clip = session.tracks[1].clips[0]
    assert edits.trim_end(session, clip.id, 1_000_000).tracks[1].clips[0].length == 6_000
    assert edits.trim_start(session, clip.id, -50).tracks[1].clips[0].position == 0


def test_stems_lie_below_the_muted_song() -> None:
    session = make_session()
    clip = session.tracks[1].clips[0]
    stems = [make_source("Vocals", 6_000, stem=Stem.VOCALS), make_source("Rest", 6_000, stem=Stem.OTHER)]
    session = edits.split_into_stems(session, clip.id, stems)
    assert [track.name for track in session.tracks[1:]] == ["two", "Vocals", "Rest"]
    assert session.tracks[1].clips[0].muted
    assert [track.clips[0].position for track in session.tracks[1:]] == [0, 0, 0]
    assert [track.stem for track in session.tracks[2:]] == [Stem.VOCALS, Stem.OTHER]


def test_an_edit_on_a_clip_that_is_gone_is_refused() -> None:
    session = make_session()
    clip = session.tracks[1].clips[0]
    session = edits.delete_clips(session, [clip.id])
    with pytest.raises(EditError, match="no longer"):
        edits.set_clip_gain(session, clip.id, 0)


def test_gain_is_held_in_range() -> None:
    session = make_session()
    assert edits.set_master_gain(session, 99).master_gain_db == 12
    assert edits.set_master_gain(session, -999).master_gain_db == -60
