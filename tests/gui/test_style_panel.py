"""The style panel: chosen, heard before it is applied, compared, applied, dosed, and what is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from fanstudio.gui.dialogs.save_style import SaveStyleDialog
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.panels.style import StylePanel
from fanstudio.gui.widgets.style_tile import StyleTile
from fanstudio.gui.widgets.tab_order import stops
from fanstudio.model import edits
from fanstudio.model.mixer import MASTER
from fanstudio.model.session import Stem
from fanstudio.model.styling import StyleKind
from fanstudio.studio.project import Project
from tests.support.desk import RATE, dialog_of, make_project, open_window

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


def test_drums_are_offered_kits_and_a_voice_is_not(window: MainWindow, panel: StylePanel) -> None:
    for stem, offered in ((Stem.DRUMS, True), (Stem.VOCALS, False)):
        track = next(track for track in window.workspace.session.tracks if track.stem is stem)
        panel.what.setCurrentIndex(panel.what.findData(track.id))
        panel.what.activated.emit(panel.what.currentIndex())
        tags = {offer.id: offer.tags for offer in panel.tiles.offers}
        assert (tags.get("kit-8-bit") == ("DSP",)) is offered
        assert (tags.get("piano") == ("AI", "DSP")) is not offered


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
    assert [card.title.text() for card in window.side.jobs.cards] == ["Applying the style"]
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
    assert panel.report.isHidden()
    assert not panel.foot.words.text().startswith("Applied")


def test_cancelling_changes_nothing_and_says_so(qtbot: QtBot, window: MainWindow, panel: StylePanel) -> None:
    before = window.workspace.session
    _press(panel, "lo-fi")
    QTest.mouseClick(panel.foot.apply, Qt.MouseButton.LeftButton)
    QTest.mouseClick(window.side.jobs.cards[0].cancel, Qt.MouseButton.LeftButton)
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


def test_a_song_that_was_split_is_no_target_any_more(window: MainWindow, panel: StylePanel) -> None:
    workspace = window.workspace
    track = workspace.session.tracks[0]
    panel.what.setCurrentIndex(panel.what.findData(track.id))
    panel.what.activated.emit(panel.what.currentIndex())
    panel.choose(panel.tiles.offers[0])
    (clip,) = track.clips
    workspace.apply("Mute", lambda session: edits.mute_clip(session, clip.id, True))
    assert panel.what.findData(track.id) < 0
    assert panel.target == ""
    assert panel.choice() is None


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


def test_a_preview_in_the_making_is_cancelled_or_forgotten(
    qtbot: QtBot, window: MainWindow, panel: StylePanel
) -> None:
    commands = window.commands.style
    _press(panel, "slowed-reverb")
    QTest.mouseClick(panel.foot.preview, Qt.MouseButton.LeftButton)
    assert panel.foot.cancel.isVisible()
    assert not panel.foot.apply.isEnabled()
    QTest.mouseClick(panel.foot.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: commands.task is None, timeout=30_000)
    assert panel.foot.words.text() == "Cancelled. Nothing was changed."
    QTest.mouseClick(panel.foot.preview, Qt.MouseButton.LeftButton)
    _press(panel, "lo-fi")
    assert commands.task is None
    assert panel.foot.preview.isEnabled()
    _idle(qtbot, window)
    assert not commands.hearing.heard
    QTest.mouseClick(panel.foot.preview, Qt.MouseButton.LeftButton)
    window.actions_["style"].trigger()
    _idle(qtbot, window)
    assert not commands.hearing.heard
    assert not window.workspace.project.pool._lent


def test_the_shelf_in_its_place_silences_a_style_and_the_other_way_round(
    qtbot: QtBot, window: MainWindow, panel: StylePanel
) -> None:
    _press(panel, "lo-fi")
    _hear(qtbot, window, panel)
    window.actions_["shelf"].trigger()
    assert not window.commands.style.hearing.heard
    shelf = window.commands.shelf
    shelf.hear(next(item for item in shelf.machine.shelf.items if item.id == "rock"))
    assert shelf.hearing.heard
    window.actions_["style"].trigger()
    assert not shelf.hearing.heard
    _idle(qtbot, window)


def test_an_amount_is_changed_afterwards_in_one_step(
    qtbot: QtBot, window: MainWindow, panel: StylePanel
) -> None:
    _press(panel, "club")
    panel.foot.apply.click()
    _idle(qtbot, window)
    before = window.workspace.session
    (card,) = panel.applied.cards
    QTest.keyClick(card.amount.slider, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: window.workspace.session != before, timeout=30_000)
    (styling,) = window.workspace.session.stylings
    assert styling.amount == pytest.approx(0.7)
    assert panel.applied.cards[0].amount.share == pytest.approx(0.7)
    window.actions_["undo"].trigger()
    assert window.workspace.session == before
    _idle(qtbot, window)


def test_a_style_is_taken_away(qtbot: QtBot, window: MainWindow, panel: StylePanel) -> None:
    before = window.workspace.session
    _press(panel, "lo-fi")
    panel.foot.apply.click()
    _idle(qtbot, window)
    (card,) = panel.applied.cards
    QTest.mouseClick(card.remove, Qt.MouseButton.LeftButton)
    assert not window.workspace.session.stylings
    assert window.workspace.session.master_effects == before.master_effects
    assert [len(track.effects) for track in window.workspace.session.tracks] == [0, 0, 0, 0]
    assert panel.foot.words.text().startswith("The style is gone")
    assert not panel.applied.isVisible()
    _idle(qtbot, window)


def test_a_surprise_is_a_style_like_any_other(qtbot: QtBot, window: MainWindow, panel: StylePanel) -> None:
    QTest.mouseClick(panel.surprise, Qt.MouseButton.LeftButton)
    assert panel.offer is not None
    assert panel.tiles.tile(panel.offer).isChecked()
    choice = panel.choice()
    assert choice is not None
    assert choice.recipe is not None
    assert choice.seed > 0
    assert str(choice.seed) in panel.tiles.tile(panel.offer).toolTip()
    first = choice.recipe
    QTest.mouseClick(panel.surprise, Qt.MouseButton.LeftButton)
    second = panel.choice()
    assert second is not None
    assert second.recipe != first
    panel.foot.apply.click()
    _idle(qtbot, window)
    assert window.workspace.session.stylings[0].seed == second.seed


def test_a_style_is_kept_shared_and_opened_again(
    qtbot: QtBot, window: MainWindow, panel: StylePanel, tmp_path: Path
) -> None:
    _press(panel, "lo-fi")
    panel.foot.apply.click()
    _idle(qtbot, window)
    panel.applied.cards[0].kept.emit()
    dialog = dialog_of(window, SaveStyleDialog)
    assert dialog.name.text() == "My Lo-fi"
    dialog.name.clear()
    assert not dialog.save_button.isEnabled()
    QTest.keyClicks(dialog.name, "Rainy tape")
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    assert panel.offer is not None
    assert (panel.offer.title, panel.offer.word) == ("Rainy tape", "yours")
    assert "Rainy tape" in panel.foot.words.text()
    panel.applied.cards[0].shared.emit()
    file_dialog = dialog_of(window, QFileDialog)
    shared = tmp_path / "rain.fanstyle"
    file_dialog.fileSelected.emit(str(shared))
    file_dialog.reject()
    assert shared.exists()
    _drop(panel, shared)
    assert panel.foot.words.text().endswith("is among your presets now.")
    nonsense = tmp_path / "nonsense.fanstyle"
    nonsense.write_text("no recipe at all")
    _drop(panel, nonsense)
    assert panel.foot.words.property("role") == "error"
    assert "nonsense.fanstyle" in panel.foot.words.text()


def test_a_song_is_dropped_to_sound_like(
    qtbot: QtBot, window: MainWindow, panel: StylePanel, tmp_path: Path
) -> None:
    tracks = len(window.workspace.session.tracks)
    record = tmp_path / "Their song.wav"
    rng = np.random.default_rng(1)
    soundfile.write(record, rng.normal(0, 0.1, (5 * RATE, 2)), RATE)
    _drop(panel, record)
    assert len(window.workspace.session.tracks) == tracks
    choice = panel.choice()
    assert choice is not None
    assert (choice.kind, choice.reference) == (StyleKind.PRODUCTION, record)
    assert "Their song" in panel.foot.words.text()
    panel.foot.apply.click()
    _idle(qtbot, window)
    assert panel.foot.words.property("role") != "error", panel.foot.words.text()
    (styling,) = window.workspace.session.stylings
    assert styling.kind is StyleKind.PRODUCTION
    assert window.workspace.session.master_effects


def test_a_record_that_is_none_is_said_in_the_panel_and_nothing_is_lost(
    qtbot: QtBot, window: MainWindow, panel: StylePanel, tmp_path: Path
) -> None:
    before = window.workspace.session
    record = tmp_path / "words.wav"
    record.write_text("this is no music")
    _drop(panel, record)
    for button in (panel.foot.preview, panel.foot.apply):
        button.click()
        _idle(qtbot, window)
        assert panel.foot.words.property("role") == "error"
        assert "\n" not in panel.foot.words.text()
        assert not window.side.jobs.notes
    assert window.workspace.session == before
    assert panel.foot.apply.isEnabled()


def _drop(panel: StylePanel, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    keys = (data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(panel, QDragEnterEvent(QPoint(40, 200), Qt.DropAction.CopyAction, *keys))
    assert panel.foot.words.text().startswith("Drop a song")
    QApplication.sendEvent(panel, QDropEvent(QPointF(40, 200), Qt.DropAction.CopyAction, *keys))


def test_the_keyboard_goes_down_the_panel_and_arrows_choose(window: MainWindow, panel: StylePanel) -> None:
    keyboard = window.windowHandle()
    _tile(panel, "lo-fi").setFocus()
    QTest.keyClick(keyboard, Qt.Key.Key_Space)
    QTest.keyClick(keyboard, Qt.Key.Key_Right)
    assert panel.offer is not None
    assert panel.offer.id == "club"
    panel.what.setFocus()
    reached = []
    for _ in range(9):
        QTest.keyClick(keyboard, Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    record = panel.tiles.tile(panel.shelf.record_offer)
    assert reached == [
        *(panel.close_button, _tile(panel, "club"), record, panel.surprise, panel.open_file),
        *(panel.options.amount.slider, panel.options.more, panel.foot.preview, panel.foot.apply),
    ]
    panel.what.setCurrentIndex(1)
    panel.what.activated.emit(1)
    panel.what.setFocus()
    QTest.keyClick(keyboard, Qt.Key.Key_Tab)
    QTest.keyClick(keyboard, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is _tile(panel, "violin")


def test_everything_has_a_name_for_a_screen_reader(
    qtbot: QtBot, window: MainWindow, panel: StylePanel
) -> None:
    _press(panel, "lo-fi")
    panel.foot.apply.click()
    _idle(qtbot, window)
    nameless = [part for part in stops(panel) if not part.accessibleName()]
    assert not nameless
    untold = [part for part in stops(panel) if isinstance(part, QPushButton) and not part.toolTip()]
    assert not [part.text() for part in untold if part.isVisible()]


def test_a_likeness_is_dosed_while_its_record_is_at_hand(
    qtbot: QtBot, window: MainWindow, panel: StylePanel, tmp_path: Path
) -> None:
    record = tmp_path / "Their song.wav"
    soundfile.write(record, np.random.default_rng(1).normal(0, 0.1, (5 * RATE, 2)), RATE)
    _drop(panel, record)
    panel.foot.apply.click()
    _idle(qtbot, window)
    before = window.workspace.session
    QTest.keyClick(panel.applied.cards[0].amount.slider, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: window.workspace.session != before, timeout=30_000)
    _idle(qtbot, window)
    assert [styling.amount for styling in window.workspace.session.stylings] == [pytest.approx(0.7)]
    panel.shelf.record = None
    QTest.keyClick(panel.applied.cards[0].amount.slider, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: panel.foot.words.property("role") == "error", timeout=30_000)
    assert panel.applied.cards[0].amount.share == pytest.approx(0.7)


def test_an_effect_says_which_style_laid_it(qtbot: QtBot, window: MainWindow, panel: StylePanel) -> None:
    _press(panel, "club")
    panel.foot.apply.click()
    _idle(qtbot, window)
    slot = window.workspace.session.master_effects[0]
    window.side.effects.open(MASTER, slot.id)
    assert window.side.effects.owner.text() == "on Master · from Club"
