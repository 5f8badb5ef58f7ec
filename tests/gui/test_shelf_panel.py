"""The shelf in the window: found, heard, added by key, button and drag; and what is said when it fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fanstudio.gui.dialogs.drum_grid import DrumGridDialog
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.panels.shelf import ShelfPanel
from fanstudio.gui.panels.shelf_list import facts
from fanstudio.gui.timeline.shelf_drops import SHELF_ITEM
from fanstudio.gui.tokens import RULER_HEIGHT
from fanstudio.model import edits
from fanstudio.model.session import Session, Stem
from fanstudio.paths import shipped
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.project import Project
from fanstudio.studio.shelf_table import ShelfItem, read_shelf
from tests.support.desk import RATE, make_project, open_window


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, (Stem.VOCALS,))


@pytest.fixture
def window(qapp: QApplication, project: Project) -> Iterator[MainWindow]:
    with open_window(qapp, project) as opened:
        yield opened


@pytest.fixture
def shelf(window: MainWindow) -> ShelfPanel:
    window.actions_["shelf"].trigger()
    return window.side.shelf


def _item(window: MainWindow, item_id: str) -> ShelfItem:
    return next(item for item in window.commands.shelf.machine.shelf.items if item.id == item_id)


def _shown(shelf: ShelfPanel) -> list[str]:
    model = shelf.list.model_
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def _choose(shelf: ShelfPanel, text: str) -> None:
    shelf.search.setText(text)
    assert shelf.list.current is not None


def _idle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.workspace.bridge.tasks, timeout=30_000)


def test_the_shelf_takes_the_side_panels_place_and_gives_it_back(window: MainWindow) -> None:
    assert not window.side.shelf_shown
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_B)
    assert window.side.shelf_shown
    assert window.side.shelf.search.hasFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert not window.side.shelf_shown
    window.side.one_click.shelf.click()
    assert window.side.shelf_shown
    window.side.shelf.close_button.click()
    assert not window.side.shelf_shown


def test_a_search_and_its_filters_narrow_the_list(window: MainWindow, shelf: ShelfPanel) -> None:
    everything = _shown(shelf)
    assert len(everything) > 90
    QTest.keyClicks(shelf.search, "acid")
    assert _shown(shelf) == ["Acid line"]
    shelf.search.setText("")
    shelf.kind.setCurrentIndex(shelf.kind.findText("Bass"))
    assert len(_shown(shelf)) == 7
    shelf.near.click()
    assert 0 < len(_shown(shelf)) < 7
    assert not shelf.in_key.isEnabled()
    shelf.search.setText("nothing is called this")
    assert not shelf.add.isEnabled()
    assert "Nothing" in shelf.words.text()


def test_filters_need_a_tempo_and_a_key(window: MainWindow, shelf: ShelfPanel) -> None:
    shelf.near.click()
    document = window.workspace.document
    document.undo()
    assert not window.workspace.session.tempo
    assert not shelf.near.isEnabled()
    assert not shelf.near.isChecked()


def test_space_hears_a_pattern_in_tempo_and_stops_it(
    qtbot: QtBot, window: MainWindow, shelf: ShelfPanel
) -> None:
    commands = window.commands.shelf
    _choose(shelf, "rock")
    shelf.list.setFocus()
    QTest.keyClick(shelf.list, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: commands.hearing.preview().playing, timeout=10_000)
    assert commands.hearing.heard == "rock"
    assert shelf.hear.text() == "Stop"
    QTest.keyClick(shelf.list, Qt.Key.Key_Space)
    assert not commands.hearing.preview().playing
    assert shelf.hear.text() == "Hear"


def test_a_loop_joins_the_song_that_plays_on_its_bars_and_leaves_it(
    qtbot: QtBot, window: MainWindow, shelf: ShelfPanel
) -> None:
    commands, transport = window.commands.shelf, window.workspace.transport
    heard: list[Session] = []
    monkey = transport.set_session
    transport.set_session = lambda session: (heard.append(session), monkey(session))  # type: ignore[method-assign]
    window.commands.transport.locate(round(0.4 * RATE))
    window.commands.transport.toggle()
    commands.hear(_item(window, "rock"))
    qtbot.waitUntil(lambda: bool(heard), timeout=10_000)
    assert transport.playing
    joined = heard[-1].tracks[-1]
    assert [clip.position for clip in joined.clips] == [0, 2 * RATE]
    assert window.workspace.session.tracks[-1].name == "Vocals"
    window.workspace.apply("Solo", lambda session: edits.solo_track(session, session.tracks[0].id, True))
    assert heard[-1].tracks[-1].soloed
    commands.hearing.stop()
    assert heard[-1] == window.workspace.session
    assert transport.playing
    commands.hear(_item(window, "impact"))
    qtbot.waitUntil(lambda: heard[-1] != window.workspace.session, timeout=10_000)
    window.commands.transport.toggle()
    assert heard[-1] == window.workspace.session
    assert commands.hearing.heard == ""


def test_the_song_silences_a_preview(qtbot: QtBot, window: MainWindow, shelf: ShelfPanel) -> None:
    commands = window.commands.shelf
    commands.hear(_item(window, "rock"))
    qtbot.waitUntil(lambda: commands.hearing.preview().playing, timeout=10_000)
    window.commands.transport.toggle()
    assert commands.hearing.heard == ""
    assert window.workspace.transport.playing
    window.commands.transport.toggle()


def test_a_one_shot_ends_by_itself(qtbot: QtBot, window: MainWindow, shelf: ShelfPanel) -> None:
    window.commands.shelf.hear(_item(window, "tick"))
    assert shelf.hear.text() == "Stop"
    qtbot.waitUntil(lambda: not window.commands.shelf.hearing.heard, timeout=10_000)
    assert shelf.hear.text() == "Hear"


def test_arrows_go_on_hearing(qtbot: QtBot, window: MainWindow, shelf: ShelfPanel) -> None:
    commands = window.commands.shelf
    shelf.list.setFocus()
    QTest.keyClick(shelf.list, Qt.Key.Key_Down)
    assert not commands.hearing.heard
    shelf.hear.click()
    first = commands.hearing.heard
    QTest.keyClick(shelf.list, Qt.Key.Key_Down)
    assert commands.hearing.heard not in ("", first)
    _idle(qtbot, window)
    QTest.keyClick(shelf.list, Qt.Key.Key_Escape)
    assert not commands.hearing.heard
    assert window.side.shelf_shown


def test_a_click_hears_and_a_double_click_adds(qtbot: QtBot, window: MainWindow, shelf: ShelfPanel) -> None:
    _choose(shelf, "rock")
    place = shelf.list.visualRect(shelf.list.currentIndex()).center()
    QTest.mouseClick(shelf.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.commands.shelf.hearing.heard == "rock"
    QTest.mouseDClick(shelf.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    _idle(qtbot, window)
    assert "Straight rock" in [track.name for track in window.workspace.session.tracks]


def test_enter_adds_at_the_playhead_on_the_bar_and_says_so(
    qtbot: QtBot, window: MainWindow, shelf: ShelfPanel
) -> None:
    window.commands.transport.locate(round(1.8 * RATE))
    _choose(shelf, "rock")
    QTest.keyClick(shelf.search, Qt.Key.Key_Return)
    _idle(qtbot, window)
    (clip,) = window.workspace.session.tracks[-1].clips
    assert clip.position == 2 * RATE
    assert clip.pattern is not None
    assert window.workspace.selected_clips == {clip.id}
    assert shelf.words.text() == "Played at 120 bpm: “Straight rock”."
    assert window.actions_["undo"].text() == "Undo Add “Straight rock”"


def test_a_loop_is_fitted_openly(qtbot: QtBot, window: MainWindow, shelf: ShelfPanel) -> None:
    window.commands.shelf.add(_item(window, "bass-acid"))
    _idle(qtbot, window)
    (clip,) = window.workspace.session.tracks[-1].clips
    assert clip.warp is not None
    assert shelf.words.text() == "Fitted to 120 bpm (it was made at 128): “Acid line”."


def test_an_item_is_dragged_onto_the_timeline(qtbot: QtBot, window: MainWindow, shelf: ShelfPanel) -> None:
    _choose(shelf, "rock")
    data = shelf.list.model_.mimeData([shelf.list.currentIndex()])
    assert data.hasFormat(SHELF_ITEM)
    _drop(window, data, window.workspace.session.track(window.workspace.session.tracks[0].id).clips[0].end)
    _idle(qtbot, window)
    tracks = window.workspace.session.tracks
    assert [len(track.clips) for track in tracks] == [2]
    assert tracks[0].clips[1].pattern is not None


def test_a_drop_covers_nothing(qtbot: QtBot, window: MainWindow, shelf: ShelfPanel) -> None:
    _choose(shelf, "rock")
    before = window.workspace.session.tracks[0]
    _drop(window, shelf.list.model_.mimeData([shelf.list.currentIndex()]), RATE)
    _idle(qtbot, window)
    assert window.workspace.session.tracks[0] == before
    assert window.workspace.session.tracks[1].name == "Straight rock"


def test_other_drags_are_left_to_the_timeline(window: MainWindow, shelf: ShelfPanel) -> None:
    before = window.workspace.session
    data = QMimeData()
    data.setText("words")
    _drop(window, data, RATE)
    data.setData(SHELF_ITEM, b"\xff no such item")
    _drop(window, data, RATE)
    assert window.workspace.session == before


def test_a_damaged_installation_is_said_in_the_panel(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, shelf: ShelfPanel
) -> None:
    copied = Path(shutil.copytree(shipped("assets") / "loops", tmp_path / "loops"))
    commands = window.commands.shelf
    commands.machine = commands.hearing.machine = DrumMachine(read_shelf(copied))
    item = next(item for item in commands.machine.shelf.items if item.id == "bass-acid")
    assert item.recording is not None
    item.recording.path.unlink()
    for act in (commands.hear, commands.add):
        shelf.show_words("")
        act(item)
        _idle(qtbot, window)
        assert "missing from the shelf" in shelf.words.text()
        assert commands.hearing.heard == ""


def test_a_table_that_cannot_be_read_is_said_when_the_shelf_opens(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("fanstudio.studio.shelf_table.shipped", lambda _name: tmp_path)
    window.actions_["shelf"].trigger()
    assert "Install fanstudio again" in window.side.shelf.words.text()
    assert not _shown(window.side.shelf)
    window.actions_["drum_grid"].trigger()
    assert not window.findChildren(DrumGridDialog)


def test_a_new_tempo_says_once_that_drums_keep_theirs(
    qtbot: QtBot, window: MainWindow, shelf: ShelfPanel
) -> None:
    window.commands.shelf.add(_item(window, "rock"))
    _idle(qtbot, window)
    notes: list[str] = []
    window.workspace.bridge.noted.connect(lambda title, _text: notes.append(title))
    window.workspace.apply("Set tempo", lambda session: edits.set_tempo(session, 100))
    window.workspace.apply(
        "Set tempo", lambda session: edits.set_track_gain(session, session.tracks[0].id, -3)
    )
    assert notes == ["A drum pattern keeps the old tempo"]
    window.actions_["fit_drums"].trigger()
    _idle(qtbot, window)
    (clip,) = window.workspace.session.tracks[-1].clips
    assert clip.length == round(4 * 0.6 * RATE)


def test_a_screen_reader_hears_what_an_item_is(window: MainWindow, shelf: ShelfPanel) -> None:
    _choose(shelf, "acid")
    said = shelf.list.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Acid line, Bass · 2 bars · 128 bpm · C minor"
    assert facts(_item(window, "rock")) == "Drums · 1 bar · any tempo"


def _drop(window: MainWindow, data: QMimeData, frame: int) -> None:
    timeline = window.stage.timeline
    place = QPointF(timeline.view_geometry().x_of(frame) + 2, RULER_HEIGHT + 40)
    keys = (data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entered = QDragEnterEvent(QPoint(int(place.x()), int(place.y())), Qt.DropAction.CopyAction, *keys)
    QApplication.sendEvent(timeline.viewport(), entered)
    QApplication.sendEvent(timeline.viewport(), QDropEvent(place, Qt.DropAction.CopyAction, *keys))


def test_another_project_or_device_silences_what_is_heard(
    qtbot: QtBot, window: MainWindow, shelf: ShelfPanel, tmp_path: Path
) -> None:
    hearing = window.commands.shelf.hearing
    window.commands.shelf.hear(_item(window, "rock"))
    qtbot.waitUntil(lambda: hearing.preview().playing, timeout=10_000)
    window.workspace.set_setting("sound_output", "another")
    assert hearing.heard == ""
    window.commands.transport.toggle()
    window.commands.shelf.hear(_item(window, "rock"))
    _idle(qtbot, window)
    lent = window.workspace.project.pool._lent
    assert len(lent) == 1
    window.workspace.open(make_project(tmp_path / "next", (Stem.DRUMS,)))
    assert hearing.heard == ""
    assert not lent
