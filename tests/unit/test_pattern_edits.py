"""Edits of patterns, and of the clips that were rendered from them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fanstudio.errors import EditError
from fanstudio.model import edits
from fanstudio.model.integrity import check_session
from fanstudio.model.pattern import Pattern
from fanstudio.model.pattern_edits import (
    check_pattern,
    empty_pattern,
    place_clip,
    repeats_of,
    set_pattern,
    sounding,
    with_bars,
    with_rows,
    with_step,
)
from fanstudio.model.session import Clip, Session, Source, new_session
from fanstudio.model.warp import Warp
from fanstudio.model.warp_edits import set_warp
from tests.support.sessions import make_source

PATTERN = with_step(empty_pattern("eight", ("kick", "hat"), 120.0), "kick", 0, 1.0)


def _session(source: Source, repeats: int = 1) -> Session:
    session = edits.add_track(new_session("Drums"), "Drums")
    for number in range(repeats):
        clip = Clip(
            f"c{number}", source.id, "Drums", number * source.length, 0, source.length, pattern=PATTERN
        )
        session = place_clip(session, session.tracks[0].id, clip, source)
    return session


def test_a_step_is_struck_and_held_within_its_range() -> None:
    struck = with_step(PATTERN, "hat", 3, 7.0)
    assert struck.rows[1].steps[3] == 1
    assert with_step(struck, "hat", 3, 0.0) == PATTERN


def test_more_bars_repeat_what_is_there_and_fewer_cut_it() -> None:
    longer = with_bars(PATTERN, 3)
    assert [step for step, force in enumerate(longer.rows[0].steps) if force] == [0, 16, 32]
    assert with_bars(longer, 1) == PATTERN
    assert with_bars(PATTERN, 99).bars == 16


def test_another_kit_keeps_the_rows_that_sound() -> None:
    rows = with_rows(PATTERN, ("snare", "hat")).rows
    assert [row.sound for row in rows] == ["snare", "hat", "kick"]
    assert [row.sound for row in sounding(with_rows(PATTERN, ("snare", "hat"))).rows] == ["kick"]


@pytest.mark.parametrize(
    "damage",
    [
        {"bars": 0},
        {"bars": 2},
        {"bpm": float("nan")},
        {"bpm": 9000.0},
        {"swing": 1.5},
        {"rows": PATTERN.rows * 2},
        {"rows": (replace(PATTERN.rows[0], steps=(2.0,) * 16),)},
    ],
)
def test_a_pattern_that_contradicts_itself_is_refused(damage: dict[str, object]) -> None:
    broken: Pattern = replace(PATTERN, **damage)  # type: ignore[arg-type]
    with pytest.raises(EditError):
        check_pattern(broken)


def test_a_new_rendering_takes_the_old_ones_place_and_the_old_source_leaves() -> None:
    old, new = make_source("old", 1_000), make_source("new", 1_000)
    other = with_step(PATTERN, "hat", 4, 0.5)
    session = set_pattern(_session(old), ["c0"], other, new)
    clip = session.clip("c0")[1]
    assert (clip.source, clip.pattern, clip.length) == (new.id, other, 1_000)
    assert session.sources == (new,)
    check_session(session)


def test_repeats_follow_when_the_rendering_gets_longer_or_shorter() -> None:
    old = make_source("old", 1_000)
    for length in (1_600, 700):
        session = _session(old, 3)
        session = set_pattern(session, repeats_of(session, "c1"), PATTERN, make_source(f"{length}", length))
        places = [(clip.position, clip.length) for clip in session.clips()]
        assert places == [(0, length), (length, length), (2 * length, length)]
        check_session(session)


def test_one_of_several_repeats_can_be_changed_alone() -> None:
    session = _session(make_source("old", 1_000), 3)
    new = make_source("new", 1_000)
    session = set_pattern(session, ["c1"], with_step(PATTERN, "hat", 1, 1.0), new)
    assert [clip.source == new.id for clip in session.clips()] == [False, True, False]
    assert len(session.sources) == 2
    assert repeats_of(session, "c0") == ("c0", "c2")


def test_what_a_longer_rendering_covers_goes_as_on_tape() -> None:
    session = _session(make_source("old", 1_000), 3)
    session = edits.move_clip(session, "c2", 4_000)
    session = edits.move_clip(session, "c1", 1_100)
    session = set_pattern(session, ["c0", "c1", "c2"], PATTERN, make_source("new", 2_500))
    assert [(clip.id, clip.position, clip.length) for clip in session.clips()] == [
        ("c0", 0, 2_500),
        ("c2", 4_000, 2_500),
    ]
    check_session(session)


def test_a_clip_that_was_cut_keeps_its_part() -> None:
    session = edits.trim_end(_session(make_source("old", 1_000)), "c0", 400)
    session = edits.trim_start(session, "c0", 100)
    session = set_pattern(session, ["c0"], PATTERN, make_source("new", 1_000))
    clip = session.clip("c0")[1]
    assert (clip.position, clip.offset, clip.length) == (100, 100, 300)


def test_a_warped_clip_stays_stretched_and_transposed() -> None:
    session = set_warp(_session(make_source("old", 1_000), 1), "c0", Warp(stretch=1.5, semitones=-2))
    session = set_pattern(session, ["c0"], with_bars(PATTERN, 2), make_source("new", 2_000))
    clip = session.clip("c0")[1]
    assert (clip.warp, clip.offset, clip.length) == (Warp(stretch=1.5, semitones=-2), 0, 3_000)
    cut = edits.trim_start(session, "c0", 2_500)
    clip = set_pattern(cut, ["c0"], PATTERN, make_source("short", 1_000)).clip("c0")[1]
    assert (clip.position, clip.offset, clip.length, clip.stretch) == (2_500, 1_499, 1, 1.5)


def test_a_rendering_in_another_tempo_is_no_longer_stretched_to_one() -> None:
    session = set_warp(_session(make_source("old", 1_000)), "c0", Warp(stretch=1.5, semitones=-2))
    faster = replace(PATTERN, bpm=80.0)
    clip = set_pattern(session, ["c0"], faster, make_source("new", 1_500)).clip("c0")[1]
    assert (clip.warp, clip.length) == (Warp(semitones=-2), 1_500)
    session = set_warp(session, "c0", Warp(stretch=1.5))
    clip = set_pattern(session, ["c0"], faster, make_source("new", 1_500)).clip("c0")[1]
    assert (clip.warp, clip.length) == (None, 1_500)


def test_a_clip_that_is_gone_is_an_error() -> None:
    with pytest.raises(EditError):
        set_pattern(_session(make_source("old", 1_000)), ["nowhere"], PATTERN, make_source("new"))
