"""A styled catalogue track leaves with permission for all that was done to it, and tells of AI."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from fanstudio.errors import NotPermitted
from fanstudio.jobs import Work
from fanstudio.model import edits, project_file
from fanstudio.model.lineage import Lineage
from fanstudio.model.recipe import Recipe, RecipeEffect, RecipeTimbre, SongRecipe, StemRecipe, Voice
from fanstudio.model.rights import Operation
from fanstudio.model.session import Stem
from fanstudio.model.styling import StyleKind
from fanstudio.platform.usage import derive
from fanstudio.studio import account, styles
from fanstudio.studio.context import Studio
from fanstudio.studio.demo_project import read_demo_song
from fanstudio.studio.embedded_platform import platform_folder
from fanstudio.studio.export import ExportOptions, export_project, plan_export
from fanstudio.studio.project import Project, create_project, open_project, save_project
from fanstudio.studio.styles import StyleChoice
from tests.support.styled_songs import RATE, stem_sounds

_SECONDS = 14.0
_GENERATIVE = b"compositeWithTrainedAlgorithmicMedia"
_TURNED = SongRecipe(0.9, 0.0, True)
_EFFECTS = (RecipeEffect("saturation"),)
_MADE = ((Stem.VOCALS, StemRecipe(timbre=RecipeTimbre(Voice.NET, "violin"))),)
_PLAYED = ((Stem.VOCALS, StemRecipe(timbre=RecipeTimbre(Voice.SAMPLED, "pulse-25"))),)


def _catalogue_project(folder: Path) -> Project:
    """A project with the demo's right holders and a sung stem that was split from their song."""
    project = create_project(folder / "song", "Song", RATE)
    origin = read_demo_song().origin
    sounds = stem_sounds(_SECONDS)
    whole = _keep(project, np.sum(list(sounds.values()), axis=0), origin, Stem.MIX, None)
    split = Lineage(Operation.SPLIT, (whole.id,), "some_model", "0" * 64, True)
    voice = _keep(project, sounds[Stem.VOCALS], origin, Stem.VOCALS, split)
    project.document.apply("Import", lambda session: edits.add_source(session, whole))
    project.document.apply("Import", lambda session: edits.import_source(session, voice))
    return project


def _keep(project: Project, sound: np.ndarray, origin, stem: Stem, lineage: Lineage | None):
    writer = project.pool.writer(RATE, 2)
    writer.write(sound)
    return writer.finish(Work(), stem.value, RATE, origin, stem, lineage)


def _style(project: Project, **parts: object) -> None:
    choice = StyleChoice(StyleKind.PRESET, "mine", recipe=Recipe("mine", "Mine", **parts))
    styles.apply(project, styles.plan(Work(), project, choice))


@contextmanager
def _without_grant(isrc: str, op: str) -> Iterator[None]:
    """Take one grant of the embedded platform back for a while."""
    path = platform_folder() / "platform.sqlite"
    with sqlite3.connect(path, timeout=20) as database:
        taken = database.execute("SELECT * FROM right_grant WHERE code = ? AND op = ?", (isrc, op)).fetchall()
        assert taken
        database.execute("DELETE FROM right_grant WHERE code = ? AND op = ?", (isrc, op))
    try:
        yield
    finally:
        with sqlite3.connect(path, timeout=20) as database:
            database.executemany(f"INSERT INTO right_grant VALUES ({', '.join('?' * len(taken[0]))})", taken)


@pytest.mark.parametrize("made", [True, False], ids=["net", "samples"])
def test_a_style_with_a_made_voice_is_permitted_credited_and_told(
    studio: Studio, tmp_path: Path, made: bool
) -> None:
    project = _catalogue_project(tmp_path)
    _style(project, song=_TURNED, stems=_MADE if made else _PLAYED, master=_EFFECTS)
    account.sign_in_demo(Work(), studio)
    plan = plan_export(Work(), studio, project)
    assert plan.exportable, plan.detail
    done = export_project(Work(), studio, project, ExportOptions(tmp_path / "out.flac"))
    assert done.verification.verdict == "verified"
    (track,) = done.receipt.tracks
    assert {"restyle", "tempo", "pitch", "split"} <= set(track.ops)
    assert (_GENERATIVE in done.path.read_bytes()) == made
    assert b"fanstudio.ai" in done.path.read_bytes()
    assert (dict(done.verification.details)["AI"] == "a net made some of the sound") == made


def test_effects_alone_are_a_restyle_and_no_made_sound(tmp_path: Path) -> None:
    project = _catalogue_project(tmp_path)
    _style(project, master=_EFFECTS)
    report = derive(project.document.session)
    assert report.tracks[0].ops == ("arrange", "restyle", "split")
    assert not report.ai
    styles.take_away(project, project.document.session.stylings[0].id)
    assert derive(project.document.session).tracks[0].ops == ("arrange", "split")


@pytest.mark.parametrize("op", ["restyle", "tempo", "pitch"])
def test_what_is_not_granted_is_said_before_anything_is_rendered(
    studio: Studio, tmp_path: Path, op: str
) -> None:
    project = _catalogue_project(tmp_path)
    _style(project, song=_TURNED, master=_EFFECTS)
    account.sign_in_demo(Work(), studio)
    with _without_grant(read_demo_song().origin.isrc, op):
        plan = plan_export(Work(), studio, project)
        assert not plan.exportable
        assert plan.rights[0].reason == f"{op} not permitted"
        assert op in plan.detail
        with pytest.raises(NotPermitted, match=f"not granted “{op}”"):
            export_project(Work(), studio, project, ExportOptions(tmp_path / "out.flac"))
    assert not list(tmp_path.glob("out*"))
    assert plan_export(Work(), studio, project).exportable


def test_a_styled_project_is_saved_and_opened_as_it_is(tmp_path: Path) -> None:
    project = _catalogue_project(tmp_path)
    _style(project, song=_TURNED, stems=_PLAYED, master=_EFFECTS)
    save_project(project)
    again = open_project(Work(), project.folder)
    assert again.document.session == project.document.session
    data = project_file.dumps(project.document.session)
    assert project_file.dumps(project_file.loads(data)) == data
    assert derive(again.document.session) == derive(project.document.session)
    styles.take_away(again, again.document.session.stylings[0].id)
    assert [track.stem for track in again.document.session.tracks] == [Stem.VOCALS]
    assert not again.document.session.master_effects
