"""Warped clips keep what they show; takes stay whichever is heard; both count where rights are asked."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from fanstudio.errors import EditError
from fanstudio.export.request import project_digest
from fanstudio.model import edits, take_edits, warp_edits
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Source, Stem
from fanstudio.model.warp import Warp
from fanstudio.platform.usage import derive
from tests.support.sessions import make_session, make_source

_ORIGIN = Origin(Basis.CATALOGUE, "Make It Mine", "Harbour Lamps", "ZZFAN2600001", ("T0000000010",))


def _recording(name: str = "voice", length: int = 5_000) -> Source:
    origin = Origin(Basis.RECORDED, name)
    return replace(make_source(name, length, 1, Stem.VOCALS), origin=origin)


def test_a_stretched_clip_shows_the_same_material() -> None:
    session = make_session()
    right = session.tracks[0].clips[1]
    session = edits.set_fades(session, right.id, fade_in=100, fade_out=200)
    session = warp_edits.set_warp(session, right.id, Warp(1.5))
    _, clip = session.clip(right.id)
    assert (clip.position, clip.offset, clip.length) == (4_000, 6_000, 9_000)
    assert (clip.fade_in, clip.fade_out) == (150, 300)
    _, back = warp_edits.set_warp(session, right.id, None).clip(right.id)
    assert (back.offset, back.length, back.fade_in, back.fade_out, back.warp) == (
        4_000,
        6_000,
        100,
        200,
        None,
    )


def test_a_stretched_clip_can_be_trimmed_to_the_end_of_its_warped_source() -> None:
    session = make_session()
    clip = session.tracks[1].clips[0]
    session = warp_edits.set_warp(session, clip.id, Warp(2.0))
    session = edits.trim_end(session, clip.id, 5_000)
    session = edits.trim_end(session, clip.id, 99_999)
    assert session.clip(clip.id)[1].length == 12_000


def test_clips_cut_from_one_are_warped_as_one() -> None:
    session = make_session()
    whole = session.tracks[1].clips[0]
    for cut in (1_001, 2_003, 2_998):
        inner = next(c for c in session.tracks[1].clips if c.position < whole.position + cut < c.end)
        session = edits.split_clip(session, inner.id, whole.position + cut)
    ids = [clip.id for clip in session.tracks[1].clips]
    session = warp_edits.warp_clips(session, ids, lambda warp: replace(warp, stretch=1.37))
    clips = session.tracks[1].clips
    assert len(clips) == 4
    assert all(before.end == after.position for before, after in pairwise(clips))
    assert len({clip.offset - clip.position for clip in clips}) == 1
    assert abs(clips[-1].end - whole.position - whole.length * 1.37) <= 1
    back = warp_edits.warp_clips(session, ids, lambda warp: replace(warp, stretch=1.0)).tracks[1].clips
    assert all(clip.warp is None for clip in back)
    assert abs(back[-1].end - whole.end) <= 1


def test_a_voice_starts_with_its_formants_kept() -> None:
    session = edits.import_source(make_session(), make_source("voice", stem=Stem.VOCALS))
    ids = [clip.id for clip in session.clips()]
    session = warp_edits.warp_clips(session, ids, lambda warp: replace(warp, semitones=2.0))
    assert [clip.warp for clip in session.clips()] == [*[Warp(1, 2)] * (len(ids) - 1), Warp(1, 2, True)]


def test_stretching_to_a_place_stops_where_a_clip_can_be_stretched_no_further() -> None:
    session = make_session()
    clip = session.tracks[1].clips[0]
    longer = warp_edits.stretch_clip(session, clip.id, clip.position, clip.position + 99 * clip.length)
    assert longer.clip(clip.id)[1].stretch == 4.0
    assert longer.clip(clip.id)[1].length == 4 * clip.length
    shorter = warp_edits.stretch_clip(
        longer, clip.id, clip.position + 4 * clip.length - 1, clip.position + 4 * clip.length
    )
    assert shorter.clip(clip.id)[1].end == clip.position + 4 * clip.length
    assert shorter.clip(clip.id)[1].stretch == 0.25
    back = warp_edits.stretch_clip(shorter, clip.id, clip.position, clip.position + 4 * clip.length)
    assert back.clip(clip.id)[1].end <= clip.position + 4 * clip.length
    with pytest.raises(EditError):
        warp_edits.stretch_clip(session, clip.id, 100, 100)


@pytest.mark.parametrize("warp", [Warp(0.1), Warp(9), Warp(1, 30), Warp(float("nan"))])
def test_a_warp_out_of_range_is_refused(warp: Warp) -> None:
    session = make_session()
    with pytest.raises(EditError):
        warp_edits.set_warp(session, session.tracks[0].clips[0].id, warp)


def test_transposing_adds_up_and_leaves_drums_alone() -> None:
    session = edits.import_source(make_session(), make_source("kit", stem=Stem.DRUMS))
    session = edits.import_source(session, make_source("voice", stem=Stem.VOCALS))
    ids = [track.id for track in session.tracks]
    session = warp_edits.transpose(session, ids, -2)
    session = warp_edits.transpose(session, ids, -1)
    warps = [track.clips[0].warp for track in session.tracks]
    assert warps == [Warp(1, -3), Warp(1, -3), None, Warp(1, -3, keep_formants=True)]
    assert all(track.clips[0].warp is None for track in warp_edits.transpose(session, ids, 3).tracks)


def test_a_warp_is_tempo_or_pitch_for_the_right_holder() -> None:
    session = edits.import_source(make_session(), replace(make_source("song"), origin=_ORIGIN))
    clip = session.tracks[2].clips[0].id
    slower = warp_edits.set_warp(session, clip, Warp(1.2))
    lower = warp_edits.set_warp(slower, clip, Warp(1.2, -3))
    assert [derive(each).tracks[0].ops for each in (session, slower, lower)] == [
        ("arrange",),
        ("arrange", "tempo"),
        ("arrange", "pitch", "tempo"),
    ]
    assert len({project_digest(each, "flac", None) for each in (session, slower, lower)}) == 3


def test_takes_stay_and_the_newest_is_heard() -> None:
    session = make_session()
    track = session.tracks[1].id
    session = take_edits.add_take(session, track, _recording("a"), 500)
    session = take_edits.add_take(session, track, _recording("b"), 500)
    lane = session.track(track)
    assert [take.name for take in lane.takes] == ["Take 1", "Take 2"]
    assert [clip.name for clip in lane.clips] == ["two", "Take 2", "two"]
    session = take_edits.use_take(session, track, lane.takes[0].id, 1_000, 2_000)
    spans = [(clip.name, clip.position, clip.offset, clip.length) for clip in session.track(track).clips]
    assert spans[1:4] == [
        ("Take 2", 500, 0, 500),
        ("Take 1", 1_000, 500, 1_000),
        ("Take 2", 2_000, 1_500, 3_500),
    ]
    session = take_edits.remove_take(session, track, lane.takes[0].id)
    assert [take.name for take in session.track(track).takes] == ["Take 2"]
    assert len(session.sources) == 4


def test_a_take_is_not_used_where_it_has_nothing() -> None:
    session = make_session()
    session = take_edits.add_take(session, session.tracks[0].id, _recording(), 0)
    track = session.tracks[0]
    with pytest.raises(EditError, match="nothing there"):
        take_edits.use_take(session, track.id, track.takes[0].id, 7_000, 8_000)


def test_a_voice_of_ones_own_over_a_track_without_its_singer_is_a_cover() -> None:
    song = replace(make_source("song"), origin=_ORIGIN)
    stems = [
        replace(make_source(name, stem=name), origin=_ORIGIN) for name in (Stem.VOCALS, Stem.ACCOMPANIMENT)
    ]
    session = edits.import_source(make_session(), song)
    session = edits.split_into_stems(session, session.tracks[2].clips[0].id, stems)
    session = edits.add_track(session, "Me", Stem.VOCALS)
    session = take_edits.add_take(session, session.tracks[-1].id, _recording(), 0)
    assert "cover" not in derive(session).tracks[0].ops
    vocals = next(track for track in session.tracks if track.name == Stem.VOCALS)
    report = derive(edits.mute_track(session, vocals.id, True))
    assert "cover" in report.tracks[0].ops
    assert [(work.iswc, work.ops) for work in report.works] == [("T0000000010", ("cover",))]
