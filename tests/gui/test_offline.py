"""Audio files that are missing or changed while a project is open: marked, said, and drawn when back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fanstudio.gui.dialogs.clip_list import ClipListDialog
from fanstudio.gui.main_window import MainWindow
from fanstudio.jobs import Work
from fanstudio.model import warp_edits
from fanstudio.model.warp import Warp
from fanstudio.paths import cache_dir
from fanstudio.studio.project import Project, open_project, save_project
from tests.support.desk import dialog_of, make_project, open_window


def _reasons(window: MainWindow) -> set[str]:
    window.workspace.offline.look()
    return set(window.stage.timeline.state.offline.values())


def _listed(window: MainWindow) -> str:
    window.actions_["clip_list"].trigger()
    dialog = dialog_of(window, ClipListDialog)
    words = dialog.list.topLevelItem(0).child(0).text(4)
    dialog.close()
    return words


@pytest.fixture
def lost(tmp_path: Path) -> tuple[Project, Path]:
    """Return a project whose only file is gone, and where its bytes still lie."""
    project = make_project(tmp_path)
    (clip,) = project.document.session.clips()
    project.document.apply("Stretch", lambda session: warp_edits.set_warp(session, clip.id, Warp(1.25, 0.0)))
    save_project(project)
    kept = tmp_path / "kept.wav"
    project.pool.path(project.document.session.sources[0]).rename(kept)
    shutil.rmtree(cache_dir())
    return open_project(Work(), project.folder), kept


def test_a_missing_file_is_marked_and_drawn_and_stretched_when_it_is_back(
    qapp: QApplication, qtbot: QtBot, lost: tuple[Project, Path]
) -> None:
    project, kept = lost
    (source,) = project.document.session.sources
    with open_window(qapp, project) as window:
        timeline = window.stage.timeline
        qtbot.waitUntil(lambda: _reasons(window) == {"Offline · file missing"}, timeout=10_000)
        assert "1 clip offline." in timeline.accessibleDescription()
        assert _listed(window) == "Offline · file missing, ×0.8"
        assert not any(note.is_error for note in window.side.jobs.notes if "Drawing" in note.accessibleName())
        kept.rename(project.pool.path(source))
        qtbot.waitUntil(lambda: _reasons(window) == set(), timeout=10_000)
        qtbot.waitUntil(lambda: window.stage.waveforms.peaks(source) is not None, timeout=10_000)
        (clip,) = project.document.session.clips()
        qtbot.waitUntil(
            lambda: project.pool.ready(source, project.document.session.sample_rate, clip.warp),
            timeout=30_000,
        )
        assert "offline" not in timeline.accessibleDescription()


def test_a_file_that_is_changed_while_it_is_open_is_marked_until_it_is_restored(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    project = make_project(tmp_path)
    (source,) = project.document.session.sources
    stored = project.pool.path(source)
    whole = stored.read_bytes()
    with open_window(qapp, project) as window:
        qtbot.waitUntil(lambda: window.stage.waveforms.peaks(source) is not None, timeout=10_000)
        stored.write_bytes(whole[:-8000])
        qtbot.waitUntil(lambda: _reasons(window) == {"Offline · file changed"}, timeout=10_000)
        stored.write_bytes(whole)
        qtbot.waitUntil(lambda: _reasons(window) == set(), timeout=10_000)
        window.workspace.transport.play()
        qtbot.waitUntil(lambda: window.workspace.transport.levels().master > (0.01, 0.01), timeout=10_000)
        qtbot.waitUntil(lambda: "prepared" not in window.workspace.transport.notice, timeout=10_000)
