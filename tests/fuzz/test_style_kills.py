"""Styles that are cancelled, run out of room or are killed: nothing half-made stays, the project opens."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio.errors import Cancelled, StorageError
from fanstudio.jobs import Work
from fanstudio.model.integrity import check_session
from fanstudio.model.recipe import Aim, GrooveRecipe, Recipe, RecipeEffect, RecipeTimbre, StemRecipe, Voice
from fanstudio.model.recipe_file import write_recipe
from fanstudio.model.session import Stem
from fanstudio.model.styling import StyleKind
from fanstudio.paths import data_dir
from fanstudio.studio import styles
from fanstudio.studio.project import Project, open_project, save_project
from fanstudio.studio.styles import StyleChoice
from tests.support.disks import small_disk
from tests.support.processes import finish, start
from tests.support.styled_songs import RATE, make_song, stem_sounds

_PULSE = StemRecipe(timbre=RecipeTimbre(Voice.SAMPLED, "pulse-25"))
_PLAYED = Recipe(
    "played",
    "Played",
    groove=GrooveRecipe(half_time=True),
    stems=((Stem.VOCALS, _PULSE), (Stem.OTHER, _PULSE)),
    master=(RecipeEffect("tape"),),
    aims=(Aim("crest_db", 10.0, 5.0),),
)
_CHOICE = StyleChoice(StyleKind.PRESET, "played", recipe=_PLAYED)


def _files(project: Project) -> list[str]:
    return sorted(path.name for path in project.pool.folder.iterdir())


def _cancelled_at(fraction: float, seen: list[float]) -> Work:
    """Work that is cancelled when it is so far; `seen` then holds the processor's time."""

    def report(done: float, _text: str) -> None:
        if done >= fraction and not seen:
            seen.append(time.process_time())
            work.cancel()

    work = Work(report)
    return work


@pytest.mark.parametrize("fraction", [0.0, 0.05, 0.15, 0.3, 0.35, 0.42, 0.5, 0.6, 0.9, 0.97])
def test_cancelling_at_any_stage_leaves_nothing_made(tmp_path: Path, fraction: float) -> None:
    project = make_song(tmp_path, seconds=4.0)
    session, files, seen = project.document.session, _files(project), []
    with pytest.raises(Cancelled):
        styles.plan(_cancelled_at(fraction, seen), project, _CHOICE)
    assert time.process_time() - seen[0] < 1.0
    assert _files(project) == files
    assert project.document.session is session


@pytest.mark.parametrize("fraction", [0.0, 0.2, 0.35, 0.5, 0.9])
def test_a_cancelled_preview_lends_nothing(tmp_path: Path, fraction: float) -> None:
    project = make_song(tmp_path, seconds=4.0)
    files, seen = _files(project), []
    with pytest.raises(Cancelled):
        styles.preview(_cancelled_at(fraction, seen), project, _CHOICE, 0, 2.0)
    assert time.process_time() - seen[0] < 1.0
    assert _files(project) == files
    assert project.pool._lent == {}


def test_a_cancelled_plan_leaves_what_another_one_made(tmp_path: Path) -> None:
    project = make_song(tmp_path, seconds=3.0)
    styles.apply(project, styles.plan(Work(), project, _CHOICE))
    files = _files(project)
    for fraction in (0.45, 0.6, 0.9):
        with pytest.raises(Cancelled):
            styles.plan(_cancelled_at(fraction, []), project, _CHOICE)
        assert _files(project) == files
    save_project(project)
    again = open_project(Work(), project.folder)
    with pytest.raises(Cancelled):
        styles.plan(_cancelled_at(0.6, []), again, _CHOICE)
    assert _files(again) == files
    assert again.pool.missing(again.document.session.sources) == ()


def test_a_full_disk_ends_a_style_in_words_and_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "3m") as disk:
        project = make_song(disk.folder, seconds=3.0)
        files, session = _files(project), project.document.session
        disk.fill()
        with pytest.raises(StorageError, match="full"):
            styles.plan(Work(), project, _CHOICE)
        assert _files(project) == files
        (disk.folder / "filler").unlink()
        with (disk.folder / "filler").open("wb") as stream:
            stream.write(bytes(800 << 10))
        with pytest.raises(StorageError, match="full"):
            styles.plan(Work(), project, _CHOICE)
        assert _files(project) == files
        assert project.document.session is session
        pair = styles.preview(Work(), project, _CHOICE, 0, 1.0)
        styles.end_preview(project, pair)


def test_a_style_is_kept_and_shared_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "small", "1m") as disk:
        monkeypatch.setenv("FANSTUDIO_HOME", str(disk.folder))
        kept = styles.keep_preset(_PLAYED)
        disk.fill()
        for refused in (
            lambda: styles.keep_preset(_PLAYED, "Another"),
            lambda: styles.share_preset(_PLAYED, disk.folder / "shared.fanstyle"),
        ):
            with pytest.raises(StorageError, match="full"):
                refused()
        assert styles.own_presets() == (kept,)
        assert len(list((data_dir() / "styles").iterdir())) == 1
        assert not (disk.folder / "shared.fanstyle").exists()


_APPLY = """
import sys
from pathlib import Path
from fanstudio.jobs import Work
from fanstudio.studio import styles
from fanstudio.studio.project import open_project, save_project
from tests.fuzz.test_style_kills import _CHOICE
project = open_project(Work(), Path(sys.argv[1]))
print("open", flush=True)
while True:
    styles.apply(project, styles.plan(Work(), project, _CHOICE))
    save_project(project)
    project.document.undo()
    save_project(project)
"""


def _kill_while_applying(folder: Path, after_s: float) -> None:
    command = [sys.executable, "-c", _APPLY, str(folder)]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        time.sleep(after_s)
        process.kill()
    assert process.returncode == -signal.SIGKILL


def _campaign(tmp_path: Path, kills: int) -> None:
    dice = random.Random(kills)
    project = make_song(tmp_path, seconds=2.0)
    save_project(project)
    start_session = project.document.session
    for _ in range(kills):
        _kill_while_applying(project.folder, dice.uniform(0.1, 2.5))
        again = open_project(Work(), project.folder)
        session = again.document.session
        check_session(session)
        assert again.pool.missing(session.sources) == ()
        assert {track.id for track in start_session.tracks} <= {track.id for track in session.tracks}
        assert len(session.stylings) <= 1


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
def test_a_project_survives_a_kill_while_a_style_is_applied(tmp_path: Path) -> None:
    _campaign(tmp_path, 2)


@pytest.mark.soak
@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
def test_a_project_survives_many_kills(tmp_path: Path) -> None:
    _campaign(tmp_path, 40)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
def test_what_a_killed_style_leaves_goes_with_the_next(tmp_path: Path) -> None:
    song, own, out = tmp_path / "in.wav", tmp_path / "own.fanstyle", tmp_path / "out" / "o.wav"
    soundfile.write(song, np.tile(stem_sounds(4.0)[Stem.VOCALS], 20).T, RATE)
    own.write_bytes(write_recipe(Recipe("own", "Own", master=(RecipeEffect("saturation"),))))
    arguments = ("style", song, "-o", out, "--preset", own)
    with start(*arguments, home=tmp_path / "home") as process:
        end = time.monotonic() + 120
        while not any(out.parent.glob(".fanstudio-*/audio/*")):
            assert time.monotonic() < end
            time.sleep(0.02)
        process.kill()
    assert not out.exists()
    code, _, err = finish(*arguments, home=tmp_path / "home")
    assert code == 0, err
    assert [path.name for path in out.parent.iterdir()] == ["o.wav"]
