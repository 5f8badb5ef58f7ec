"""The style panel: chosen, heard before it is applied, compared, applied, dosed, and what is said."""

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
from fanstudio.gui.widgets.style_tile import StyleTile
from fanstudio.model.session import Stem
from fanstudio.model.styling import StyleKind
from fanstudio.studio.project import Project
from tests.support.desk import RATE, make_project, open_window

STEMS = (Stem.VOCALS, Stem.DRUMS, Stem.BASS, Stem.OTHER)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, STEMS)


@pytest.fixture
def window(qapp: QApplication, project: Project) -> Iterator[MainWindow]:
    with open_window(qapp, project) as opened:
        yield opened


@pytest.fixture
def panel(window: MainWindow) -> StylePanel:
    window.actions_["style"].trigger()
    return window.side.style_panel


def _tile(panel: StylePanel, offer_id: str) -> StyleTile:
    return panel.tiles.tile(next(offer for offer in panel.tiles.offers if offer.id == offer_id))


def _press(panel: StylePanel, offer_id: str) -> None:
    QTest.mouseClick(_tile(panel, offer_id), Qt.MouseButton.LeftButton)


def _idle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.workspace.bridge.tasks, timeout=30_000)


def _hear(qtbot: QtBot, window: MainWindow, panel: StylePanel) -> None:
    QTest.mouseClick(panel.foot.preview, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.commands.style.hearing.heard, timeout=30_000)


def test_styles_take_the_side_panels_place_and_give_it_back(window: MainWindow) -> None:
    assert not window.side.style_shown
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Y)
    assert window.side.style_shown
    assert window.side.style_panel.what.hasFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert not window.side.style_shown
    window.side.one_click.style_button.click()
    assert window.side.style_shown
    window.actions_["shelf"].trigger()
    assert window.side.shelf_shown
    assert not window.side.style_shown


def test_a_tile_says_who_makes_the_style_and_what_it_does(window: MainWindow, panel: StylePanel) -> None:
    assert not panel.foot.apply.isEnabled()
    _press(panel, "lo-fi")
    assert panel.offer is not None
    assert panel.foot.words.text() == panel.offer.about != ""
    assert "DSP" in _tile(panel, "lo-fi").accessibleName()
    assert panel.foot.apply.isEnabled()
    assert panel.foot.preview.isEnabled()


def test_a_preview_is_heard_compared_and_stopped(qtbot: QtBot, window: MainWindow, panel: StylePanel) -> None:
    before = window.workspace.session
    hearing = window.commands.style.hearing
    _press(panel, "lo-fi")
    _hear(qtbot, window, panel)
    assert hearing.after
    assert panel.foot.preview.text() == "Stop"
    assert panel.report.steps
    sides = panel.foot.sides
    assert sides.isVisible()
    sides.step(-1)
    assert not hearing.after
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_C)
    assert hearing.after
    assert sides.value == "after"
    QTest.mouseClick(panel.foot.preview, Qt.MouseButton.LeftButton)
    assert not hearing.heard
    assert not sides.isVisible()
    assert window.workspace.session == before
    assert not window.workspace.document.history.undo_label or "Style" not in window.actions_["undo"].text()


def test_before_and_after_keep_their_place_where_the_speed_differs(
    qtbot: QtBot, window: MainWindow, panel: StylePanel
) -> None:
    hearing = window.commands.style.hearing
    _press(panel, "slowed-reverb")
    _hear(qtbot, window, panel)
    preview = hearing._preview
    assert preview is not None
    pair = hearing._pairs[-1]
    assert pair.after_length > pair.before_length
    preview._transport.stop()  # type: ignore[union-attr]
    preview._transport.locate(pair.after_start + pair.after_length // 2)  # type: ignore[union-attr]
    preview._transport.play()  # type: ignore[union-attr]
    hearing.compare(after=False)
    expected = pair.before_start + pair.before_length // 2
    assert abs(preview.position - expected) < RATE // 2
    hearing.stop()


def test_the_song_another_style_and_a_closed_panel_silence_a_preview(
    qtbot: QtBot, window: MainWindow, panel: StylePanel
) -> None:
    hearing = window.commands.style.hearing
    _press(panel, "lo-fi")
    for silence in (
        window.commands.transport.toggle,
        lambda: _press(panel, "club"),
        window.actions_["style"].trigger,
    ):
        if not window.side.style_shown:
            window.actions_["style"].trigger()
        if window.workspace.transport.playing:
            window.commands.transport.toggle()
        _hear(qtbot, window, panel)
        silence()
        assert not hearing.heard
        _press(panel, "lo-fi")


def test_another_project_takes_back_what_was_lent(
    qtbot: QtBot, window: MainWindow, panel: StylePanel, tmp_path: Path
) -> None:
    _press(panel, "sped-up")
    _hear(qtbot, window, panel)
    lent = window.workspace.project.pool._lent
    assert lent
    window.workspace.open(make_project(tmp_path / "next", (Stem.DRUMS,)))
    assert not window.commands.style.hearing.heard
    assert not lent


def test_applying_is_one_undo_step_and_says_what_was_done(
    qtbot: QtBot, window: MainWindow, panel: StylePanel
) -> None:
    before = window.workspace.session
    _press(panel, "lo-fi")
    QTest.mouseClick(panel.foot.apply, Qt.MouseButton.LeftButton)
    assert not panel.foot.apply.isEnabled()
    assert panel.foot._work.isVisible()
    _idle(qtbot, window)
    (styling,) = window.workspace.session.stylings
    assert styling.kind is StyleKind.PRESET
    assert panel.report.steps
    (card,) = panel.applied.cards
    assert card.isVisible()
    assert "Lo-fi" in card.accessibleName()
    assert panel.foot.apply.isEnabled()
    window.actions_["undo"].trigger()
    assert window.workspace.session == before
    assert not panel.applied.cards


def test_cancelling_changes_nothing_and_says_so(qtbot: QtBot, window: MainWindow, panel: StylePanel) -> None:
    before = window.workspace.session
    _press(panel, "lo-fi")
    QTest.mouseClick(panel.foot.apply, Qt.MouseButton.LeftButton)
    QTest.mouseClick(panel.foot.cancel, Qt.MouseButton.LeftButton)
    _idle(qtbot, window)
    assert window.workspace.session == before
    assert panel.foot.words.text() == "Cancelled. Nothing was changed."
    assert panel.foot.apply.isEnabled()


def test_parts_have_amounts_of_their_own(window: MainWindow, panel: StylePanel) -> None:
    _press(panel, "lo-fi")
    assert not panel.options.parts[Stem.DRUMS].isVisible()
    QTest.mouseClick(panel.options.more, Qt.MouseButton.LeftButton)
    drums = panel.options.parts[Stem.DRUMS]
    assert drums.isVisible()
    QTest.keyClick(drums.slider, Qt.Key.Key_Left)
    QTest.keyClick(panel.options.amount.slider, Qt.Key.Key_PageDown)
    choice = panel.choice()
    assert choice is not None
    assert dict(choice.amounts) == {Stem.DRUMS: 0.95}
    assert choice.amount == pytest.approx(0.7)


def test_what_is_selected_is_aimed_at(window: MainWindow) -> None:
    drums = window.workspace.session.tracks[1]
    window.workspace.select_track(drums.id)
    window.actions_["style"].trigger()
    panel = window.side.style_panel
    assert panel.what.currentText() == "Drums"
    window.workspace.select_track(window.workspace.session.tracks[0].id)
    assert panel.what.currentText() == "Vocals"
    panel.what.setCurrentIndex(0)
    panel.what.activated.emit(0)
    window.workspace.select_track(drums.id)
    assert panel.what.currentText() == "Whole song"
