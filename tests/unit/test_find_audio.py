"""Audio that went missing is found again by its content, wherever it lies and whatever it is called."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from fanstudio.errors import AudioFileError, Cancelled
from fanstudio.jobs import Work
from fanstudio.studio import project as projects
from fanstudio.studio.find_audio import find_in_folder, find_in_projects, missing_sources
from fanstudio.studio.project import Project
from tests.support.songs import RATE, make_song_project


def _lose(tmp_path: Path) -> tuple[Project, Path]:
    """Return a project whose only file is gone, and where its bytes still lie."""
    project = make_song_project(tmp_path, 0.5)
    (source,) = project.document.session.sources
    elsewhere = tmp_path / "music" / "deep" / f"another name{source.suffix}"
    elsewhere.parent.mkdir(parents=True)
    project.pool.path(source).rename(elsewhere)
    shutil.rmtree(tmp_path / "home" / "cache")
    return projects.open_project(Work(), project.folder), elsewhere


def test_a_file_under_another_name_is_found_by_its_content(tmp_path: Path) -> None:
    project, elsewhere = _lose(tmp_path)
    (source,) = missing_sources(project)
    decoy = elsewhere.with_name(f"{source.name}{source.suffix}")
    decoy.write_bytes(elsewhere.read_bytes()[:-8] + bytes(8))
    assert find_in_folder(Work(), project, tmp_path / "music") == (source,)
    assert missing_sources(project) == ()
    assert np.abs(project.pool.samples(source, RATE)).max() > 0
    assert decoy.exists()
    assert elsewhere.exists()


def test_what_is_not_there_stays_missing_and_nothing_is_left_behind(tmp_path: Path) -> None:
    project, elsewhere = _lose(tmp_path)
    elsewhere.write_bytes(b"something else")
    assert find_in_folder(Work(), project, tmp_path / "music") == ()
    assert find_in_folder(Work(), project, tmp_path / "nowhere") == ()
    assert list(project.pool.folder.iterdir()) == []


def test_another_project_that_holds_it_gives_a_copy(tmp_path: Path) -> None:
    project, elsewhere = _lose(tmp_path)
    (source,) = missing_sources(project)
    other = projects.create_project(tmp_path / "Other", "Other")
    kept = other.pool.path(source)
    shutil.copyfile(elsewhere, kept)
    assert find_in_projects(Work(), project, [project.folder, other.folder, tmp_path / "gone"]) == (source,)
    assert project.pool.path(source).read_bytes() == kept.read_bytes()


def test_a_changed_file_is_replaced_and_another_refused(tmp_path: Path) -> None:
    project, elsewhere = _lose(tmp_path)
    (source,) = missing_sources(project)
    stored = project.pool.path(source)
    stored.write_bytes(b"changed")
    with pytest.raises(AudioFileError, match="changed"):
        project.pool.samples(source, RATE)
    with pytest.raises(AudioFileError, match="changed"):
        project.pool.restore(Work(), source, stored)
    project.pool.restore(Work(), source, elsewhere)
    assert np.abs(project.pool.samples(source, RATE)).max() > 0


def test_looking_can_be_cancelled(tmp_path: Path) -> None:
    project, _ = _lose(tmp_path)
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        find_in_folder(work, project, tmp_path / "music")
