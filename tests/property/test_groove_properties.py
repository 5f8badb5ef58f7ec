"""Swing and half-time keep any session sound, undo to what was, and never move sounds past each other."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.errors import EditError
from fanstudio.model import project_file
from fanstudio.model.beat_grid import BeatGrid, grid_of
from fanstudio.model.document import Document
from fanstudio.model.groove_edits import half_time, play_beside, swing
from fanstudio.model.integrity import check_session
from fanstudio.model.session import Session, Stem
from fanstudio.model.slices import Attacks
from fanstudio.model.swing_time import steps_between, swung
from tests.support.sessions import EDITS, RATE, make_session

slow = settings(max_examples=40, deadline=None)


@st.composite
def grids(draw: st.DrawFn) -> BeatGrid:
    """A few short beats, for the sessions are short: bars of a twentieth of a second and more."""
    gaps = draw(st.lists(st.floats(0.004, 0.05), min_size=1, max_size=40))
    beats, at = [], draw(st.floats(0, 0.05))
    for gap in gaps:
        beats.append(at)
        at += gap
    per_bar = draw(st.integers(2, 4))
    return grid_of([*beats, at], draw(st.integers(0, per_bar - 1)), per_bar, 0.5)


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    document = Document(make_session())
    for number in draw(st.lists(st.integers(0, len(EDITS) - 1), max_size=10)):
        with contextlib.suppress(EditError):
            document.apply("x", lambda session, number=number: EDITS[number](session, draw))
    stems = st.sampled_from((Stem.DRUMS, Stem.OTHER))
    tracks = tuple(replace(track, stem=draw(stems)) for track in document.session.tracks)
    return replace(document.session, tracks=tracks)


@st.composite
def attacks_of(draw: st.DrawFn, session: Session) -> Attacks:
    known = [source for source in session.sources if draw(st.booleans())]
    places = {source.id: st.sets(st.integers(0, source.length - 1), max_size=20) for source in known}
    return {source_id: sorted(draw(frames)) for source_id, frames in places.items()}


@slow
@given(st.data(), sessions(), grids(), st.floats(0, 1), st.sampled_from((2, 4)))
def test_a_groove_keeps_a_session_sound_and_undoes(
    data: st.DataObject, session: Session, grid: BeatGrid, amount: float, subdivision: int
) -> None:
    tracks = [track.id for track in session.tracks]
    attacks = data.draw(attacks_of(session))
    document = Document(session)

    def groove(now: Session) -> Session:
        if data.draw(st.booleans()) and now.tracks:
            now, copy_id = play_beside(now, now.tracks[0].id, "Copy")
            tracks.append(copy_id)
        if data.draw(st.booleans()):
            now = half_time(now, tracks, grid, attacks=attacks)
        return swing(now, tracks, grid, amount, subdivision, attacks=attacks)

    with contextlib.suppress(EditError):
        document.apply("Groove", groove)
    check_session(document.session)
    assert project_file.loads(project_file.dumps(document.session)) == document.session
    if document.history.undo_label:
        document.undo()
    assert document.session == session


@slow
@given(grids(), st.floats(0, 1), st.sampled_from((2, 4)), st.lists(st.integers(0, 60_000), min_size=2))
def test_swing_keeps_the_order_and_every_beat_its_place(
    grid: BeatGrid, amount: float, subdivision: int, frames: list[int]
) -> None:
    later = swung(grid, RATE, amount, subdivision)
    moved = [later(frame) for frame in sorted(frames)]
    assert moved == sorted(moved)
    for frame, number in steps_between(grid, RATE, 0, 40_000, subdivision):
        if number % 2 == 0:
            assert abs(later(frame) - frame) <= 1
    for frame in frames:
        assert frame - 1 <= later(frame)


@slow
@given(sessions(), grids())
def test_muted_clips_stay_muted_and_no_sound_gets_longer_than_twice(session: Session, grid: BeatGrid) -> None:
    for track in session.tracks:
        with contextlib.suppress(EditError):
            halved = half_time(session, [track.id], grid)
            before = {clip.muted for clip in track.clips}
            assert {clip.muted for clip in halved.track(track.id).clips} <= before
            lengths = sum(clip.length for clip in halved.track(track.id).clips)
            assert lengths <= 2 * sum(clip.length for clip in track.clips)
