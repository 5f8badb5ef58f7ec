"""Styles that are planned while everything changes, again and again, on small and on big songs."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.mix.tails import mix_end
from fanstudio.audio.prepare import prepare_session
from fanstudio.audio.render import bounce
from fanstudio.errors import FanstudioError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.document import Document
from fanstudio.model.integrity import check_session
from fanstudio.model.recipe import (
    BusRecipe,
    Recipe,
    RecipeEffect,
    RecipeTimbre,
    SongRecipe,
    StemRecipe,
    Voice,
)
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Session, Stem
from fanstudio.model.styling import StyleKind
from fanstudio.model.warp import Warp
from fanstudio.studio import styles
from fanstudio.studio.project import Project, create_project
from fanstudio.studio.styles import StyleChoice, Styled
from tests.support.styled_songs import RATE, make_song, track_of

_SEND = StemRecipe(effects=(RecipeEffect("chorus"),), sends=(("room", -9.0),))
ROOMY = Recipe(
    "roomy",
    "Roomy",
    song=SongRecipe(0.9, 0.0, True),
    stems=((Stem.VOCALS, _SEND), (Stem.BASS, StemRecipe(-2.0, 0.3))),
    buses=(BusRecipe("room", -3.0, (RecipeEffect("reverb", (("mix", 1.0),)),)),),
    master=(RecipeEffect("saturation"),),
)
PLAYED = Recipe(
    "played",
    "Played",
    stems=((Stem.VOCALS, StemRecipe(timbre=RecipeTimbre(Voice.SAMPLED, "pulse-25"))),),
    master=(RecipeEffect("tape"),),
)


def _choice(recipe: Recipe, **more: object) -> StyleChoice:
    return StyleChoice(StyleKind.PRESET, recipe.id, recipe=recipe, **more)


def _plan(project: Project, choice: StyleChoice) -> Styled:
    return styles.plan(Work(), project, choice)


def _apply(project: Project, choice: StyleChoice) -> Session:
    styles.apply(project, _plan(project, choice))
    check_session(project.document.session)
    return project.document.session


def _heard(project: Project) -> np.ndarray:
    session = project.document.session
    prepare_session(Work(), project.pool, session)
    read = project.pool.samples_at(session.sample_rate)
    return np.concatenate(list(bounce(Work(), session, read, 0, mix_end(session))), axis=1)


def _files(project: Project) -> list[str]:
    return sorted(path.name for path in project.pool.folder.iterdir())


# ── again and again ──────────────────────────────────────────────────────────────────────────


def test_one_style_after_another_and_all_undone_is_the_start(tmp_path: Path) -> None:
    project = make_song(tmp_path, seconds=3.0)
    start, steps = project.document.session, len(project.document.history.past)
    for recipe in (ROOMY, PLAYED, styles.surprise(4), ROOMY, styles.surprise(9), PLAYED):
        session = _apply(project, _choice(recipe))
        assert [styling.name for styling in session.stylings] == [recipe.title]
        assert len(session.buses) <= 1
    while len(project.document.history.past) > steps:
        project.document.undo()
    assert project.document.session == start


def test_the_amount_may_be_changed_for_ever(tmp_path: Path) -> None:
    project = make_song(tmp_path, seconds=2.0)
    start = project.document.session
    session = _apply(project, _choice(styles.keep_preset(PLAYED)))
    files, tracks = _files(project), len(session.tracks)
    for amount in np.linspace(0.05, 1.0, 20):
        styles.apply(project, styles.replan(Work(), project, session.stylings[0].id, float(amount)))
        session = project.document.session
        assert len(session.stylings) == 1
        assert len(session.tracks) == tracks
        assert len(session.master_effects) <= 2
    assert _files(project) == files
    assert len(session.sources) == len(start.sources) + 1
    styles.take_away(project, session.stylings[0].id)
    session = project.document.session
    assert [track.clips for track in session.tracks] == [track.clips for track in start.tracks]
    assert [track.gain_db for track in session.tracks] == [track.gain_db for track in start.tracks]
    assert (session.buses, session.master_effects, session.stylings) == ((), (), ())


def test_tempo_and_pitch_come_back_exactly_after_many_amounts(tmp_path: Path) -> None:
    project = make_song(tmp_path, (Stem.OTHER,), 1.5)
    start = project.document.session
    session = _apply(project, _choice(styles.keep_preset(ROOMY)))
    for amount in (0.3, 0.77, 0.123, 0.5, 1.0, 0.9):
        styles.apply(project, styles.replan(Work(), project, session.stylings[0].id, amount))
        session = project.document.session
    styles.take_away(project, session.stylings[0].id)
    session = project.document.session
    assert [track.clips for track in session.tracks] == [track.clips for track in start.tracks]
    assert session.tempo == start.tempo


# ── while something else happens ─────────────────────────────────────────────────────────────


def test_two_plans_at_once_leave_the_later_one(tmp_path: Path) -> None:
    project = make_song(tmp_path, seconds=2.0)
    planned: list[Styled] = []
    threads = [
        threading.Thread(target=lambda recipe=recipe: planned.append(_plan(project, _choice(recipe))))
        for recipe in (ROOMY, PLAYED)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(planned) == 2
    for styled in planned:
        styles.apply(project, styled)
        check_session(project.document.session)
    session = project.document.session
    assert [styling.name for styling in session.stylings] == [planned[1].title]
    assert {slot.styling for slot in session.master_effects} == {session.stylings[0].id}


@pytest.mark.parametrize("recipe", [ROOMY, PLAYED], ids=["effects", "played"])
@pytest.mark.parametrize(
    "fault", ["clips", "track", "all tracks", "undo", "warped", "moved", "trimmed", "renamed"]
)
def test_what_is_changed_while_planning_is_no_fault(tmp_path: Path, recipe: Recipe, fault: str) -> None:
    project = make_song(tmp_path, seconds=2.0)
    vocals = track_of(project.document.session, Stem.VOCALS)
    (clip,) = project.document.session.track(vocals).clips
    styled = _plan(project, _choice(recipe))
    changes = {
        "clips": lambda session: edits.delete_clips(session, [clip.id]),
        "track": lambda session: edits.remove_track(session, vocals),
        "all tracks": lambda session: replace(session, tracks=()),
        "warped": lambda session: _warped(session, vocals),
        "moved": lambda session: edits.move_clip(session, clip.id, 3 * RATE),
        "trimmed": lambda session: edits.trim_end(session, clip.id, RATE // 3),
        "renamed": lambda session: edits.rename_track(session, vocals, "New"),
    }
    if fault == "undo":
        for _ in range(3):
            project.document.undo()
    else:
        project.document.apply("Meanwhile", changes[fault])
    before = project.document.session
    styles.apply(project, styled)
    check_session(project.document.session)
    project.document.undo()
    assert project.document.session == before


def _warped(session: Session, track_id: str) -> Session:
    track = session.track(track_id)
    clips = tuple(
        replace(clip, warp=Warp(stretch=1.5), length=round(clip.length * 1.5)) for clip in track.clips
    )
    tracks = tuple(replace(item, clips=clips) if item is track else item for item in session.tracks)
    return replace(session, tracks=tracks)


def test_a_style_of_another_project_is_laid_where_it_finds_something(tmp_path: Path) -> None:
    first = make_song(tmp_path / "a", seconds=1.0)
    second = make_song(tmp_path / "b", (Stem.DRUMS,), 1.0)
    styled = _plan(first, _choice(ROOMY))
    styles.apply(second, styled)
    check_session(second.document.session)


# ── big, small and odd songs ─────────────────────────────────────────────────────────────────


def _wide(folder: Path, tracks: int, rate: int, seconds: float) -> Project:
    project = create_project(folder / "wide", "Wide", rate)
    random = np.random.default_rng(1)
    stems = (Stem.VOCALS, Stem.DRUMS, Stem.BASS, Stem.OTHER)
    for number in range(tracks):
        writer = project.pool.writer(rate, 1 + number % 2)
        writer.write(random.normal(0, 0.02, (1 + number % 2, round(seconds * rate))).astype(np.float32))
        source = writer.finish(Work(), f"{number}", rate, Origin(Basis.OWN, "Wide"), stems[number % 4])
        project.document.apply("Import", lambda session, source=source: edits.import_source(session, source))
    return project


def test_forty_tracks_take_a_style_and_give_it_back(tmp_path: Path) -> None:
    project = _wide(tmp_path, 40, 8_000, 0.5)
    start = project.document.session
    session = _apply(project, _choice(ROOMY))
    assert sum(bool(track.effects) for track in session.tracks) == 10
    assert len(session.buses) == 1
    assert np.isfinite(_heard(project)).all()
    styles.take_away(project, session.stylings[0].id)
    assert project.document.session == replace(start, sources=project.document.session.sources)


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("lo-fi", 8_000),
        ("vintage-60s", 8_000),
        ("lo-fi", 192_000),
        *(pytest.param(name, 192_000, marks=pytest.mark.soak) for name in ("synthwave", "vintage-60s")),
    ],
)
def test_the_lowest_and_the_highest_rate_take_styles(tmp_path: Path, name: str, rate: int) -> None:
    project = _wide(tmp_path, 4, rate, 0.2)
    recipe = next(recipe for recipe in styles.list_presets() if recipe.id == name)
    _apply(project, _choice(replace(recipe, aims=())))
    heard = _heard(project)
    assert np.isfinite(heard).all()
    assert 0 < np.abs(heard).max() <= 1.0


def test_mono_muted_warped_and_gapped_clips_take_a_style(tmp_path: Path) -> None:
    project = make_song(tmp_path, seconds=3.0)

    def odd(session: Session) -> Session:
        vocals, drums, bass = (track_of(session, stem) for stem in (Stem.VOCALS, Stem.DRUMS, Stem.BASS))
        session = _warped(session, vocals)
        (clip,) = session.track(drums).clips
        session = edits.split_clip(session, clip.id, RATE)
        second = session.track(drums).clips[1]
        session = edits.mute_clip(edits.move_clip(session, second.id, 2 * RATE), second.id, True)
        return edits.set_track_gain(session, bass, -60.0)

    project.document.apply("Odd", odd)
    start = project.document.session
    for recipe in (ROOMY, PLAYED, styles.surprise(2)):
        session = _apply(project, _choice(recipe))
        assert np.isfinite(_heard(project)).all()
    styles.take_away(project, session.stylings[0].id)
    session = project.document.session
    for clip, was in zip(session.clips(), start.clips(), strict=True):
        assert (clip.id, clip.source, clip.warp, clip.muted) == (was.id, was.source, was.warp, was.muted)
        # Cuts come back to a frame; what they cut lies where it lay, exactly.
        assert clip.position - clip.offset == was.position - was.offset
        assert max(abs(clip.position - was.position), abs(clip.end - was.end)) <= 1
    assert [track.gain_db for track in session.tracks] == [track.gain_db for track in start.tracks]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_sound_that_is_no_number_is_no_crash(tmp_path: Path, value: float) -> None:
    project = create_project(tmp_path / "odd", "Odd", 8_000)
    writer = project.pool.writer(8_000, 2)
    sound = np.full((2, 8_000), 0.1, np.float32)
    sound[:, 4_000] = value
    try:
        writer.write(sound)
        source = writer.finish(Work(), "odd", 8_000, Origin(Basis.OWN, "Odd"), Stem.VOCALS)
        project.document.apply("Import", lambda session: edits.import_source(session, source))
        styled = _plan(project, _choice(PLAYED))
    except FanstudioError as error:
        said = error.message
    else:
        styles.apply(project, styled)
        said = " ".join(styled.notes) or "done"
    assert said
    check_session(project.document.session)


def test_a_closed_project_plans_no_more_than_it_has(tmp_path: Path) -> None:
    project = make_song(tmp_path, seconds=1.0)
    styled = _plan(project, _choice(ROOMY))
    closed = Project(project.folder, Document(Session("a" * 16, "Closed", RATE)), project.pool)
    styles.apply(closed, styled)
    check_session(closed.document.session)
