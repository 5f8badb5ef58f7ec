"""Unused audio goes from the menu, after a question."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fanstudio.gui.dialogs.question import Question
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.session import Stem
from fanstudio.studio.project import open_project
from tests.support.desk import add_noise, dialog_of, make_project, open_window


def test_unused_audio_goes_after_a_question(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    project = make_project(tmp_path)
    left = add_noise(project, "An old rendering", Stem.DRUMS, 4)
    stored = project.pool.path(left)
    with open_window(qapp, open_project(Work(), project.folder)) as window:
        window.actions_["clean_up"].trigger()
        question = dialog_of(window, Question)
        assert question.windowTitle() == "Free 0.3 MB?"
        question.buttons["Keep"].click()
        assert stored.exists()
        window.actions_["clean_up"].trigger()
        dialog_of(window, Question).buttons["Remove"].click()
        qtbot.waitUntil(lambda: "The project is clean That freed 0.3 MB." in words(window))
        assert not stored.exists()
        window.actions_["clean_up"].trigger()
        assert any(word.startswith("Nothing to clean up") for word in words(window))


def test_an_unsaved_project_is_not_cleaned(qapp: QApplication, tmp_path: Path) -> None:
    project = make_project(tmp_path)
    stored = project.pool.path(add_noise(project, "An old rendering", Stem.DRUMS))
    with open_window(qapp, open_project(Work(), project.folder)) as window:
        window.workspace.document.apply("Gain", lambda session: edits.set_master_gain(session, -3))
        window.actions_["clean_up"].trigger()
        assert any("is not saved" in word for word in words(window))
        assert not window.findChildren(Question)
    assert stored.exists()


def words(window) -> list[str]:
    return [note.accessibleName() for note in window.side.jobs.notes]
