"""The drum grid in the window: written by mouse and keys, heard while it changes, one step of undo."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fanstudio.errors import AudioFileError
from fanstudio.gui.dialogs.drum_grid import DrumGridDialog
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.widgets.step_grid import ACCENT, PLAIN, StepGrid
from fanstudio.model import edits
from fanstudio.model.session import Clip, Stem
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.project import Project
from tests.support.desk import RATE, dialog_of, make_project, open_window
from tests.support.disks import small_disk

SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, (Stem.VOCALS,))


@pytest.fixture
def window(qapp: QApplication, project: Project) -> Iterator[MainWindow]:
    with open_window(qapp, project) as opened:
        yield opened


def _open(window: MainWindow) -> DrumGridDialog:
    window.actions_["drum_grid"].trigger()
    return dialog_of(window, DrumGridDialog)


@pytest.fixture
def dialog(window: MainWindow) -> DrumGridDialog:
    return _open(window)


def _at(grid: StepGrid, row: int, step: int) -> QPoint:
    return grid.box(row, step).center().toPoint()


def _struck(dialog: DrumGridDialog, row: int) -> dict[int, float]:
    return {step: force for step, force in enumerate(dialog.pattern.rows[row].steps) if force}


def _drag(grid: StepGrid) -> None:
    """Drag along the fourth row, from the third step to the sixth, not quite straight."""
    QTest.mousePress(grid, LEFT, pos=_at(grid, 3, 2))
    for step in (3, 4, 5):
        QTest.mouseMove(grid, _at(grid, 3, step) + QPoint(0, 3))
    QTest.mouseRelease(grid, LEFT, pos=_at(grid, 3, 5))


def _idle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.workspace.bridge.tasks, timeout=30_000)


def _drums(window: MainWindow) -> list[Clip]:
    return [clip for clip in window.workspace.session.clips() if clip.pattern is not None]


def _add_beat(qtbot: QtBot, window: MainWindow) -> Clip:
    dialog = _open(window)
    QTest.mouseClick(dialog.page.grid, LEFT, pos=_at(dialog.page.grid, 0, 0))
    dialog.finish()
    _idle(qtbot, window)
    (clip,) = _drums(window)
    return clip


# ── mouse ──


def test_a_click_sets_and_clears_and_shift_accents(dialog: DrumGridDialog) -> None:
    grid = dialog.page.grid
    QTest.mouseClick(grid, LEFT, pos=_at(grid, 0, 4))
    QTest.mouseClick(grid, LEFT, SHIFT, _at(grid, 0, 8))
    assert _struck(dialog, 0) == {4: PLAIN, 8: ACCENT}
    QTest.mouseClick(grid, LEFT, pos=_at(grid, 0, 4))
    QTest.mouseClick(grid, Qt.MouseButton.RightButton, pos=_at(grid, 0, 8))
    assert _struck(dialog, 0) == {}


def test_a_drag_along_the_row_sets_and_one_from_a_set_step_clears(dialog: DrumGridDialog) -> None:
    _drag(dialog.page.grid)
    assert _struck(dialog, 3) == dict.fromkeys((2, 3, 4, 5), PLAIN)
    _drag(dialog.page.grid)
    assert _struck(dialog, 3) == {}
    dialog.undo()
    assert len(_struck(dialog, 3)) == 4
    dialog.undo()
    assert _struck(dialog, 3) == {}
    dialog.redo()
    assert len(_struck(dialog, 3)) == 4


def test_a_drag_upwards_on_a_set_step_strikes_harder(dialog: DrumGridDialog) -> None:
    grid = dialog.page.grid
    place = _at(grid, 2, 6)
    QTest.mouseClick(grid, LEFT, pos=place)
    QTest.mousePress(grid, LEFT, pos=place)
    QTest.mouseMove(grid, place - QPoint(0, 9))
    QTest.mouseRelease(grid, LEFT, pos=place - QPoint(0, 9))
    assert _struck(dialog, 2) == {6: pytest.approx(PLAIN + 0.15)}
    dialog.undo()
    assert _struck(dialog, 2) == {6: PLAIN}


# ── keys ──


def test_everything_goes_by_keys(dialog: DrumGridDialog) -> None:
    grid = dialog.page.grid
    assert grid.hasFocus()
    QTest.keyClick(grid, Qt.Key.Key_Space)
    QTest.keyClick(grid, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Space, SHIFT)
    QTest.keyClick(grid, Qt.Key.Key_End)
    QTest.keyClick(grid, Qt.Key.Key_5)
    assert _struck(dialog, 0) == {0: PLAIN}
    assert _struck(dialog, 1) == {1: ACCENT, 15: pytest.approx(5 / 9)}
    assert grid.accessibleName() == "Snare, bar 1, step 16: 56%"
    QTest.keyClick(grid, Qt.Key.Key_Minus)
    assert _struck(dialog, 1)[15] == pytest.approx(5 / 9 - 0.1)
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    QTest.keyClick(grid, Qt.Key.Key_Home)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Space, SHIFT)
    assert _struck(dialog, 1) == {}
    QTest.keyClick(grid, Qt.Key.Key_Return)
    assert dialog.isVisible()


def test_bars_are_turned_by_arrows_and_pages(dialog: DrumGridDialog) -> None:
    grid = dialog.page.grid
    dialog.choices.bars.setValue(2)
    QTest.keyClick(grid, Qt.Key.Key_End)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert _struck(dialog, 0) == {16: PLAIN}
    assert dialog.page.bars[1].isChecked()
    QTest.keyClick(grid, Qt.Key.Key_PageUp)
    assert grid.accessibleName() == "Kick, bar 1, step 1: off"


# ── choices ──


def test_kits_presets_swing_and_bars(dialog: DrumGridDialog) -> None:
    choices = dialog.choices
    choices.preset.setCurrentIndex(choices.preset.findText("Boom bap"))
    choices.preset.activated.emit(choices.preset.currentIndex())
    assert (dialog.pattern.kit, dialog.pattern.bars, dialog.pattern.bpm) == ("dust", 2, 120.0)
    assert choices.swing.value() == 30
    assert "CC-BY-3.0" in choices.kit.toolTip()
    choices.kit.setCurrentIndex(choices.kit.findData("eight"))
    choices.kit.activated.emit(choices.kit.currentIndex())
    assert dialog.pattern.kit == "eight"
    assert dialog.page.heads[0].text() == "Kick"
    dialog.clear.click()
    assert not any(any(row.steps) for row in dialog.pattern.rows)
    for _ in range(3):
        dialog.undo()
    assert dialog.pattern.kit == "garage"


# ── hearing ──


def test_it_plays_round_and_round_and_changes_are_heard_at_once(qtbot: QtBot, dialog: DrumGridDialog) -> None:
    grid = dialog.page.grid
    QTest.keyClick(dialog, Qt.Key.Key_P)
    assert dialog.hearing.playing
    assert dialog.play.text() == "Stop"
    qtbot.waitUntil(lambda: (dialog.hearing.step() or 0) >= 2, timeout=10_000)
    lent = dict(dialog._workspace.project.pool._lent)
    QTest.mouseClick(grid, LEFT, pos=_at(grid, 0, 0))
    assert dialog.hearing.playing
    qtbot.waitUntil(lambda: bool(set(dialog._workspace.project.pool._lent) - set(lent)), timeout=10_000)
    (source,) = set(dialog._workspace.project.pool._lent) - set(lent)
    samples = dialog._workspace.project.pool._lent[source]
    assert samples[:, 0:400].any()
    dialog.reject()
    assert not dialog.hearing.playing


def test_nothing_is_read_or_rendered_on_the_main_thread(
    qtbot: QtBot, dialog: DrumGridDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[tuple[str, threading.Thread]] = []
    for name in ("kit", "render"):
        method = getattr(DrumMachine, name)

        def watched(*args: object, name: str = name, method: Callable[..., object] = method) -> object:
            worked.append((name, threading.current_thread()))
            return method(*args)

        monkeypatch.setattr(DrumMachine, name, watched)
    grid = dialog.page.grid
    QTest.mouseClick(grid, LEFT, pos=_at(grid, 0, 0))
    qtbot.waitUntil(lambda: len(worked) == 1, timeout=10_000)
    dialog.toggle()
    for step in range(1, 9):
        QTest.mouseClick(grid, LEFT, pos=_at(grid, 0, step))
    qtbot.waitUntil(lambda: dialog.hearing._heard == dialog.pattern, timeout=10_000)
    assert {name for name, _ in worked} == {"kit", "render"}
    assert threading.main_thread() not in {thread for _, thread in worked}


def test_a_kit_that_cannot_be_read_is_said_and_nothing_plays(
    qtbot: QtBot, dialog: DrumGridDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_args: object) -> object:
        raise AudioFileError("The kick is damaged.")

    monkeypatch.setattr("fanstudio.studio.drum_machine.read_kit", damaged)
    dialog.toggle()
    qtbot.waitUntil(lambda: "The kick is damaged." in dialog.words.text(), timeout=10_000)
    assert not dialog.hearing.playing
    assert dialog.play.text() == "Play"


def test_a_clip_is_heard_in_its_place_in_the_song(qtbot: QtBot, window: MainWindow) -> None:
    clip = _add_beat(qtbot, window)
    window.workspace.apply("Move", lambda session: edits.move_clip(session, clip.id, 2 * RATE))
    dialog = _open(window)
    dialog.with_song.setChecked(True)
    dialog.toggle()
    preview = window.commands.shelf.hearing.preview()
    qtbot.waitUntil(lambda: preview.position > 2 * RATE + RATE // 8, timeout=10_000)
    assert dialog.hearing.step() is not None
    dialog.toggle()
    assert not preview.playing


# ── done ──


def test_a_new_grid_becomes_a_clip_on_the_bar_in_one_step(qtbot: QtBot, window: MainWindow) -> None:
    before = window.workspace.session
    window.commands.transport.locate(round(1.9 * RATE))
    clip = _add_beat(qtbot, window)
    assert (clip.position, clip.length) == (2 * RATE, 2 * RATE)
    assert window.workspace.selected_clips == {clip.id}
    window.commands.edit.undo()
    assert window.workspace.session == before


def test_a_double_click_opens_the_steps_and_done_changes_the_repeats(
    qtbot: QtBot, window: MainWindow
) -> None:
    clip = _add_beat(qtbot, window)
    window.commands.edit.duplicate()
    timeline = window.stage.timeline
    timeline.fit()
    box = timeline.view_geometry().clip_box(clip, 1)
    place = QPoint(round(box.x + box.width / 2), round(box.y + box.height / 2))
    QTest.mouseDClick(timeline.viewport(), LEFT, pos=place)
    dialog = dialog_of(window, DrumGridDialog)
    assert dialog.repeats.text() == "All 2 repeats"
    QTest.mouseClick(dialog.page.grid, LEFT, pos=_at(dialog.page.grid, 1, 4))
    steps = len(window.workspace.document.history.past)
    dialog.done_button.click()
    _idle(qtbot, window)
    sources = {other.source for other in _drums(window)}
    assert len(sources) == 1 != {clip.source}
    assert clip.source not in sources
    assert len(window.workspace.document.history.past) == steps + 1


def test_nothing_changed_is_no_step_and_nothing_struck_is_said(qtbot: QtBot, window: MainWindow) -> None:
    dialog = _open(window)
    dialog.finish()
    assert "Nothing is struck" in dialog.words.text()
    dialog.reject()
    _add_beat(qtbot, window)
    steps = len(window.workspace.document.history.past)
    _open(window).finish()
    assert len(window.workspace.document.history.past) == steps
    assert not [dialog for dialog in window.findChildren(DrumGridDialog) if dialog.isVisible()]


def test_cancelled_while_it_renders_nothing_is_added(qtbot: QtBot, window: MainWindow) -> None:
    dialog = _open(window)
    QTest.mouseClick(dialog.page.grid, LEFT, pos=_at(dialog.page.grid, 0, 0))
    steps = len(window.workspace.document.history.past)
    dialog.finish()
    dialog.reject()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    _idle(qtbot, window)
    assert not _drums(window)
    assert len(window.workspace.document.history.past) == steps


def test_a_full_disk_is_said_and_the_pattern_is_not_lost(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        project = make_project(disk.folder, (Stem.VOCALS,))
        with open_window(qapp, project) as window:
            dialog = _open(window)
            QTest.mouseClick(dialog.page.grid, LEFT, pos=_at(dialog.page.grid, 0, 0))
            disk.fill()
            dialog.finish()
            _idle(qtbot, window)
            assert "disk is full" in dialog.words.text()
            assert dialog.isVisible()
            assert dialog.done_button.isEnabled()
            assert _struck(dialog, 0) == {0: PLAIN}
            assert not _drums(window)
