"""A source whose file is gone or changed: what needs it says so in one line, the rest goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fanstudio.errors import AudioFileError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.warp import Warp
from fanstudio.paths import cache_dir
from fanstudio.studio.context import Studio
from fanstudio.studio.export import ExportOptions, export_project
from fanstudio.studio.find_audio import find_in_folder, missing_sources
from fanstudio.studio.offline import look_offline
from fanstudio.studio.pitch import Pitches
from fanstudio.studio.project import Project, open_project
from fanstudio.studio.split import split_clip
from fanstudio.studio.split_options import SplitOptions
from fanstudio.studio.warp import render_warp
from tests.support.songs import RATE, make_song_project

WARP = Warp(1.25)


def _offline(tmp_path: Path, fault: str) -> Project:
    """Return a project whose only file is missing or changed, without a cache; the bytes lie beside it."""
    made = make_song_project(tmp_path, 2.0)
    (source,) = made.document.session.sources
    stored = made.pool.path(source)
    kept = tmp_path / "kept" / stored.name
    kept.parent.mkdir()
    stored.rename(kept)
    if fault == "changed":
        stored.write_bytes(kept.read_bytes()[:-4] + bytes(4))
    shutil.rmtree(cache_dir())
    return open_project(Work(), made.folder)


def _clip(project: Project) -> str:
    return next(project.document.session.clips()).id


USES: dict[str, Callable[[Project, Path], object]] = {
    "play": lambda project, _: project.pool.prepare(Work(), project.document.session.sources[0], RATE),
    "draw": lambda project, _: project.pool.build_peaks(Work(), project.document.session.sources[0], RATE),
    "stretch": lambda project, _: render_warp(Work(), project, project.document.session.sources[0], WARP),
    "pitch": lambda project, _: Pitches(project.pool, RATE).hear(Work(), project.document.session.sources[0]),
    "split": lambda project, _: split_clip(Work(), project, _clip(project), SplitOptions(device="cpu")),
}


@pytest.mark.parametrize("fault", ["missing", "changed"])
@pytest.mark.parametrize("use", USES)
def test_what_needs_the_file_says_so_in_one_line(use: str, fault: str, tmp_path: Path) -> None:
    project = _offline(tmp_path, fault)
    before = sorted(project.pool.folder.iterdir())
    with pytest.raises(AudioFileError, match=f"“song1” (is|was) {fault}") as caught:
        USES[use](project, tmp_path)
    assert caught.value.hint
    assert sorted(project.pool.folder.iterdir()) == before
    assert project.document.session == open_project(Work(), project.folder).document.session


@pytest.mark.parametrize("fault", ["missing", "changed"])
def test_an_export_says_so_and_leaves_nothing(fault: str, studio: Studio, tmp_path: Path) -> None:
    project = _offline(tmp_path, fault)
    with pytest.raises(AudioFileError, match=fault):
        export_project(Work(), studio, project, ExportOptions(tmp_path / "out.flac"))
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize("fault", ["missing", "changed"])
def test_it_is_told_and_found_again(fault: str, tmp_path: Path) -> None:
    project = _offline(tmp_path, fault)
    (source,) = project.document.session.sources
    with pytest.raises(AudioFileError):
        project.pool.prepare(Work(), source, RATE)
    assert look_offline(Work(), project) == {source.id: f"Offline · file {fault}"}
    assert missing_sources(project) == (source,)
    assert find_in_folder(Work(), project, tmp_path / "kept") == (source,)
    assert look_offline(Work(), project) == {}
    assert project.pool.prepare(Work(), source, RATE, WARP).shape[1] == WARP.length(source.length)


def test_a_session_with_it_can_be_edited_all_the_same(tmp_path: Path) -> None:
    project = _offline(tmp_path, "missing")
    clip = _clip(project)
    project.document.apply("Split", lambda session: edits.split_clip(session, clip, RATE))
    assert len(list(project.document.session.clips())) == 2
