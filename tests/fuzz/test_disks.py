"""Full and read-only disks, mounted for real: one clear line, nothing half-written, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from typer.testing import CliRunner

from fanstudio.cli.commands import app
from fanstudio.errors import StorageError
from fanstudio.jobs import Work
from fanstudio.model import edits, project_file
from fanstudio.studio import project as projects
from fanstudio.studio.context import Studio
from fanstudio.studio.embedded_platform import check_ledger, platform_folder
from fanstudio.studio.export import ExportOptions, export_project
from fanstudio.studio.project import Project
from tests.support.disks import SmallDisk, small_disk
from tests.support.processes import finish, said
from tests.support.songs import RATE, make_song_project, music, write_song


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", "1m") as mounted:
        yield mounted


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, platform_home: Path) -> Project:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FANSTUDIO_HOME", str(platform_home))
        return make_song_project(tmp_path_factory.mktemp("project"), 16.0, 21)


def _refused(home: Path, *arguments: object) -> str:
    result = CliRunner().invoke(app, list(map(str, arguments)), env={"FANSTUDIO_HOME": str(home)})
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    return said(result.stderr)


def _commands(project: Project, song: Path, folder: Path) -> dict[str, tuple[object, ...]]:
    return {
        "export": ("export", project.folder, "-o", folder / "out.flac"),
        "export mp3": ("export", project.folder, "-o", folder / "out.mp3"),
        "split": ("split", song, "-o", folder / "stems"),
        "split flac": ("split", song, "-o", folder / "stems", "--format", "flac"),
        "new": ("new", folder / "P", song),
        "new split": ("new", folder / "P", song, "--split"),
    }


@pytest.mark.parametrize("command", ["export", "export mp3", "split", "split flac", "new"])
def test_a_full_disk_is_said_and_left_as_it_was(
    command: str, disk: SmallDisk, project: Project, platform_home: Path, tmp_path: Path
) -> None:
    song = write_song(tmp_path / "song.wav", 6.0)
    if command == "export mp3":
        disk.fill()
    before = disk.names()
    line = _refused(platform_home, *_commands(project, song, disk.folder)[command])
    assert "The disk is full: " in line
    assert "/." not in line
    assert disk.names() == before
    assert projects.open_project(Work(), project.folder).document.session == project.document.session


@pytest.mark.parametrize("command", ["export", "split", "new"])
def test_a_read_only_disk_is_said(
    command: str, disk: SmallDisk, project: Project, platform_home: Path, tmp_path: Path
) -> None:
    song = write_song(tmp_path / "song.wav", 1.0)
    disk.remount("ro")
    line = _refused(platform_home, *_commands(project, song, disk.folder)[command])
    assert "cannot be written: Read-only file system." in line
    assert disk.names() == []


def test_stems_that_do_not_fit_beside_their_song_leave_no_project(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 6.0)
    with small_disk(tmp_path / "disk", "3m") as disk:
        assert "The disk is full" in _refused(tmp_path / "home", "new", disk.folder / "P", song, "--split")
        assert disk.names() == []


def test_saving_on_a_full_disk_keeps_what_was_saved(disk: SmallDisk, tmp_path: Path) -> None:
    project = projects.create_project(disk.folder / "P", "P")
    disk.fill()
    saved = project.document.session
    project.document.apply("Rename", lambda session: edits.rename_session(session, "x" * 200_000))
    for write in (projects.save_project, projects.autosave):
        with pytest.raises(StorageError, match=r"The disk is full: .*\.json was not written"):
            write(project)
    assert project.document.changed
    assert project_file.read(project.folder) == project_file.Opened(saved)


@pytest.mark.parametrize("option", ["rw", "ro"])
def test_a_project_on_a_full_or_read_only_disk_is_exported_elsewhere(
    option: str, studio: Studio, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "9m") as disk:
        folder = make_song_project(disk.folder, 16.0, 22).folder
        disk.fill()
        disk.remount(option)
        project = projects.open_project(Work(), folder)
        result = export_project(Work(), studio, project, ExportOptions(tmp_path / "out.flac"))
    assert result.verification.verdict == "verified"


def test_room_for_the_render_but_not_for_its_credentials_holds_it(
    project: Project, studio: Studio, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "5m") as disk:
        options = ExportOptions(disk.folder / "out.flac")
        before = check_ledger(platform_folder())[0]
        with pytest.raises(StorageError, match=r"The disk is full: .*out\.flac was not written"):
            export_project(Work(), studio, project, options)
        assert disk.names() == ["out.flac.part"]
        disk.remount("size=30m")
        assert export_project(Work(), studio, project, options).verification.verdict == "verified"
        assert disk.names() == ["out.flac"]
        after, _, faults = check_ledger(platform_folder())
        assert (after - before, faults) == (1, ())


def test_user_folders_on_a_full_disk(disk: SmallDisk, project: Project, tmp_path: Path) -> None:
    song = tmp_path / "song.flac"
    soundfile.write(song, music(6.0).T, RATE)
    home = disk.folder / "home"
    assert finish("models", "list", home=home)[0] == 0
    disk.fill()
    code, _, err = finish("export", project.folder, "-o", tmp_path / "out.flac", home=home)
    assert (code, said(err)) == (1, "The disk is full: the demo platform cannot start.")
    assert "The disk is full: " in _refused(home, "new", tmp_path / "P", song)
    assert not list(tmp_path.glob("P*"))
    # What needs no rendition is taken all the same.
    assert finish("new", tmp_path / "Q", write_song(tmp_path / "song.wav", 6.0), home=home)[0] == 0
    assert not list(tmp_path.glob(".fanstudio-*"))


def test_user_folders_on_a_read_only_disk(disk: SmallDisk, project: Project, tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 1.0)
    disk.remount("ro")
    home = disk.folder / "home"
    for arguments in (("export", project.folder, "-o", tmp_path / "out.flac"), ("new", tmp_path / "P", song)):
        assert "Read-only file system" in _refused(home, *arguments)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "song.wav"]
