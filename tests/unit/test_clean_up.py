"""Only audio that nothing needs goes, and only while nobody else can need it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fanstudio.audio.pool import StoredFile
from fanstudio.errors import ProjectError, StorageError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.pattern_edits import drop_unused
from fanstudio.model.session import Session, Stem
from fanstudio.paths import cache_dir
from fanstudio.studio.clean_up import clean_up, find_unused
from fanstudio.studio.project import Project, autosave, open_project, save_project
from tests.support.desk import add_noise, make_project

HOLD = """
import sys
from pathlib import Path
from fanstudio.studio.lease import Lease
lease = Lease(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def left(tmp_path: Path) -> Project:
    """A project that was opened anew, with a file in it that nothing refers to."""
    project = make_project(tmp_path)
    add_noise(project, "An old rendering", Stem.DRUMS, 1)
    return open_project(Work(), project.folder)


@contextmanager
def another_fanstudio() -> Iterator[None]:
    command = [sys.executable, "-c", HOLD, str(cache_dir() / "open")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield
        assert other.stdin is not None
        other.stdin.close()


def names(project: Project) -> set[str]:
    return {path.name for path in project.pool.folder.iterdir()}


def test_what_nothing_refers_to_goes_and_frees_its_size(left: Project) -> None:
    (source,) = left.document.session.sources
    (file,) = find_unused(left)
    assert file.source_id not in {source.id}
    assert file.size_bytes == file.path.stat().st_size
    assert clean_up(Work(), left, (file,)) == file.size_bytes
    assert names(left) == {left.pool.path(source).name}
    assert find_unused(left) == ()
    assert clean_up(Work(), left, (file,)) == 0


def test_what_undo_can_bring_back_stays_until_the_project_is_opened_again(left: Project) -> None:
    (source,) = left.document.session.sources
    before = find_unused(left)

    def forget(session: Session) -> Session:
        return drop_unused(edits.remove_track(session, session.tracks[0].id), [source.id])

    left.document.apply("Remove", forget)
    save_project(left)
    assert find_unused(left) == before
    again = open_project(Work(), left.folder)
    assert {file.source_id for file in find_unused(again)} == {before[0].source_id, source.id}


def test_what_came_since_opening_stays(left: Project) -> None:
    before = find_unused(left)
    add_noise(left, "Imported, and not placed yet", Stem.MIX, 2)
    assert find_unused(left) == before


def test_a_file_that_was_brought_in_again_meanwhile_stays(left: Project) -> None:
    (file,) = find_unused(left)
    add_noise(left, "An old rendering", Stem.DRUMS, 1)
    assert not left.pool.remove(file)
    assert find_unused(left) == ()
    assert clean_up(Work(), left, (file,)) == 0
    assert file.path.exists()


def test_only_files_named_by_a_hash_are_ours(left: Project, tmp_path: Path) -> None:
    (left.pool.folder / "notes.txt").write_text("mine")
    (left.pool.folder / ".recording-0.wav").write_bytes(b"x")
    (left.pool.folder / ("0" * 64)).mkdir()
    (left.pool.folder / ("1" * 64 + ".wav")).symlink_to(tmp_path)
    again = open_project(Work(), left.folder)
    assert find_unused(again) == find_unused(left)


def test_an_unsaved_project_is_left_alone(left: Project) -> None:
    files = find_unused(left)
    left.document.apply("Gain", lambda session: edits.set_master_gain(session, -3))
    autosave(left)
    with pytest.raises(ProjectError, match="not saved"):
        clean_up(Work(), left, files)
    left.document.undo()
    with pytest.raises(ProjectError, match="not saved"):  # what autosave kept may refer to more
        find_unused(left)
    save_project(left)
    assert find_unused(left) == files


def test_a_project_that_another_window_saved_is_left_alone(left: Project) -> None:
    other = open_project(Work(), left.folder)
    other.document.apply("Gain", lambda session: edits.set_master_gain(session, -3))
    save_project(other)
    with pytest.raises(ProjectError, match="not saved"):
        find_unused(left)


def test_nothing_goes_while_another_fanstudio_is_open(left: Project) -> None:
    files = find_unused(left)
    with another_fanstudio(), pytest.raises(ProjectError, match="Another fanstudio"):
        clean_up(Work(), left, files)
    assert clean_up(Work(), left, files) > 0


def test_a_file_that_cannot_be_removed_is_told(left: Project) -> None:
    folder = left.pool.folder / ("0" * 64)
    folder.mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        left.pool.remove(StoredFile(folder, 0))
