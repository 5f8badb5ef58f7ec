"""A style for a song that is not split yet: one click splits it and applies the style."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.panels.style import StylePanel
from fanstudio.model.session import Stem
from tests.support.desk import make_project, open_window


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qapp, make_project(tmp_path)) as opened:
        opened.actions_["style"].trigger()
        yield opened


def _choose(panel: StylePanel, offer_id: str) -> None:
    offer = next(offer for offer in panel.tiles.offers if offer.id == offer_id)
    QTest.mouseClick(panel.tiles.tile(offer), Qt.MouseButton.LeftButton)


def _done(window: MainWindow) -> bool:
    commands = window.commands.style
    return not (window.workspace.bridge.tasks or commands.task or commands.after_split.waiting)


def test_one_click_splits_and_applies(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.side.style_panel
    assert panel.notice.isVisible()
    _choose(panel, "lo-fi")
    assert panel.foot.apply.text() == "Split and apply"
    QTest.mouseClick(panel.foot.apply, Qt.MouseButton.LeftButton)
    assert panel.foot.words.text() == "Splitting the song first; the style follows."
    assert not panel.foot.apply.isEnabled()
    assert not panel.foot.preview.isEnabled()
    assert panel.notice_words.text().startswith("The song is being split")
    qtbot.waitUntil(lambda: _done(window), timeout=60_000)
    session = window.workspace.session
    stems = {track.stem for track in session.tracks}
    assert {Stem.VOCALS, Stem.DRUMS, Stem.BASS, Stem.OTHER} <= stems
    assert [styling.name for styling in session.stylings] == ["Lo-fi"]
    assert not panel.notice.isVisible()
    assert panel.foot.apply.text() == "Apply"
    window.actions_["undo"].trigger()
    assert not window.workspace.session.stylings
    assert {track.stem for track in window.workspace.session.tracks} == stems


def test_a_split_that_is_cancelled_takes_the_style_with_it(qtbot: QtBot, window: MainWindow) -> None:
    before = window.workspace.session
    panel = window.side.style_panel
    _choose(panel, "lo-fi")
    panel.foot.apply.click()
    window.side.jobs.cancel_all()
    qtbot.waitUntil(lambda: _done(window), timeout=30_000)
    assert window.workspace.session == before
    assert panel.foot.apply.isEnabled()
    assert panel.foot.words.text() == "The song was not split, so the style was not applied."


def test_what_goes_over_the_whole_song_needs_no_split(window: MainWindow, tmp_path: Path) -> None:
    panel = window.side.style_panel
    panel.take_record(tmp_path / "record.wav")
    assert panel.foot.apply.text() == "Apply"
    assert panel.foot.preview.isEnabled()
