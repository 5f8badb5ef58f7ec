"""Tempo maps from beats: bars where they are heard, few changes, and nothing moves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fanstudio.errors import EditError
from fanstudio.model.beat_grid import BeatGrid, grid_of
from fanstudio.model.session import Clip, Session
from fanstudio.model.tempo_edits import even_tempo, follow_beats, is_even, on_timeline, set_even_tempo
from fanstudio.model.timebase import bar_and_beat, snap_to_bar, snap_to_beat
from fanstudio.model.warp import Warp

RATE = 48_000


@pytest.fixture
def session() -> Session:
    return Session("s", "Song", RATE)


def grid(gaps: list[float], start: float, first: int = 0, beats_per_bar: int = 4) -> BeatGrid:
    beats = [start]
    for gap in gaps:
        beats.append(beats[-1] + gap)
    return grid_of(beats, first, beats_per_bar, 0.9)


@pytest.mark.parametrize(("start", "first"), [(0.0, 0), (0.31, 0), (0.31, 3), (0.5, 2), (6.9, 1)])
@pytest.mark.parametrize("edit", [set_even_tempo, follow_beats])
def test_bars_and_beats_lie_on_the_song(session: Session, edit, start: float, first: int) -> None:
    song = grid([0.5] * 64, start, first)
    made = edit(session, song)
    assert [change.bpm for change in made.tempo] == pytest.approx([120] * len(made.tempo))
    assert made.tempo[0].frame == 0
    assert len(made.tempo) <= 3
    for beat in song.beats_s:
        assert abs(snap_to_beat(made, round(beat * RATE)) - beat * RATE) <= 1
    for line in song.downbeats_s:
        assert abs(snap_to_bar(made, round(line * RATE)) - line * RATE) <= 1
        assert bar_and_beat(made, round(line * RATE) + 2)[1] == 1


def test_a_tempo_that_is_nearly_whole_is_whole(session: Session) -> None:
    assert even_tempo(grid([60 / 127.98] * 64, 0.0)) == 128
    assert even_tempo(grid([60 / 124.25] * 64, 0.0)) == 124.25


def test_a_song_that_changes_tempo_gets_a_change_where_it_does(session: Session) -> None:
    song = grid([0.5] * 32 + [0.6] * 32, 0.0)
    made = follow_beats(session, song)
    assert [(change.frame, round(change.bpm, 2)) for change in made.tempo] == [
        (0, 120.0),
        (16 * RATE, 100.0),
    ]
    assert not is_even(song)
    assert is_even(grid([0.5] * 64, 0.2))


def test_a_bar_cut_short_has_its_own_metre(session: Session) -> None:
    song = replace(grid([0.5] * 22, 0.0), downbeats_s=(0.0, 2.0, 4.0, 5.0, 7.0, 9.0, 11.0))
    made = follow_beats(session, song)
    assert [(change.frame // RATE, change.beats_per_bar) for change in made.tempo] == [(0, 4), (4, 2), (5, 4)]


def test_a_rubato_is_followed_within_fifteen_milliseconds(session: Session) -> None:
    gaps = [0.5 + 0.04 * ((beat // 8) % 5 - 2) for beat in range(96)]
    song = grid(gaps, 0.4)
    made = follow_beats(session, song)
    for line in song.downbeats_s:
        assert abs(snap_to_bar(made, round(line * RATE)) - line * RATE) <= 0.016 * RATE


def test_a_clip_takes_its_grid_along() -> None:
    song = grid([0.5] * 8, 0.0)
    clip = Clip("c", "s", "Song", position=RATE, offset=RATE // 2, length=4 * RATE)
    assert on_timeline(song, clip, RATE).beats_s[0] == pytest.approx(0.5)
    slow = replace(clip, warp=Warp(stretch=2.0), offset=0)
    assert on_timeline(song, slow, RATE).tempo_bpm == pytest.approx(60)
    assert on_timeline(song, slow, RATE).beats_s[:2] == (1.0, 2.0)


@pytest.mark.parametrize("edit", [set_even_tempo, follow_beats])
def test_nothing_with_a_beat_sets_no_tempo(session: Session, edit) -> None:
    with pytest.raises(EditError):
        edit(session, BeatGrid())
