"""The window as a whole: keys, drops, saving, closing, themes, and what a screen reader hears."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QProgressBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from fanstudio.audio.pool.renditions import Renditions
from fanstudio.errors import FanstudioError
from fanstudio.gui.app import _ExceptionHook
from fanstudio.gui.dialogs.declare import DeclareDialog
from fanstudio.gui.dialogs.facts import VerificationDialog
from fanstudio.gui.dialogs.question import Question
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.tokens import THEMES
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.rights import Basis
from fanstudio.model.session import Stem
from fanstudio.paths import cache_dir
from fanstudio.studio.import_audio import Declaration
from fanstudio.studio.project import Project, autosave, open_project, remember_project
from tests.support.desk import RATE, dialog_of, make_project, open_window


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, (Stem.VOCALS, Stem.OTHER))


@pytest.fixture
def window(qapp: QApplication, project: Project) -> Iterator[MainWindow]:
    with open_window(qapp, project) as opened:
        yield opened


def press(
    window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(window.windowHandle(), key, modifiers)
    QApplication.processEvents()


CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


# ── keys ─────────────────────────────────────────────────────────────────────────────────────


def test_space_plays_and_stops(qtbot: QtBot, window: MainWindow) -> None:
    press(window, Qt.Key.Key_Space)
    assert window.workspace.transport.playing
    qtbot.waitUntil(lambda: window.workspace.playhead > RATE // 10)
    press(window, Qt.Key.Key_Space)
    assert not window.workspace.transport.playing
    press(window, Qt.Key.Key_Home)
    assert window.workspace.playhead == 0


def test_it_stops_at_the_end_and_the_button_says_so(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.transport.locate(window.workspace.session.length - RATE // 10)
    window.commands.transport.toggle()
    assert window.actions_["play"].text() == "Stop"
    qtbot.waitUntil(lambda: window.actions_["play"].text() == "Play")
    window.commands.transport.toggle()
    assert window.workspace.playhead < RATE
    window.commands.transport.toggle()


def test_split_duplicate_delete_and_undo_by_keys(window: MainWindow) -> None:
    first = window.workspace.session.tracks[0].clips[0].id
    window.workspace.select_clips((first,))
    window.commands.transport.locate(RATE)
    press(window, Qt.Key.Key_E, CONTROL)
    assert [clip.length for clip in window.workspace.session.tracks[0].clips] == [RATE, 3 * RATE]
    press(window, Qt.Key.Key_Z, CONTROL)
    assert len(window.workspace.session.tracks[0].clips) == 1
    press(window, Qt.Key.Key_Z, CONTROL | SHIFT)
    press(window, Qt.Key.Key_Z, CONTROL)
    press(window, Qt.Key.Key_D, CONTROL)
    copies = window.workspace.session.tracks[0].clips
    assert [clip.position for clip in copies] == [0, 4 * RATE]
    assert window.workspace.selected_clips == {copies[1].id}
    press(window, Qt.Key.Key_Delete)
    assert [clip.id for clip in window.workspace.session.tracks[0].clips] == [first]


def test_split_without_a_selection_cuts_what_is_under_the_playhead(window: MainWindow) -> None:
    window.commands.transport.locate(RATE)
    window.commands.edit.split()
    assert [len(track.clips) for track in window.workspace.session.tracks] == [2, 1]


def test_mute_solo_and_loop_by_keys(window: MainWindow) -> None:
    window.workspace.select_track(window.workspace.session.tracks[1].id)
    press(window, Qt.Key.Key_M)
    press(window, Qt.Key.Key_S)
    press(window, Qt.Key.Key_L)
    track = window.workspace.session.tracks[1]
    assert (track.muted, track.soloed) == (True, True)
    assert window.workspace.session.loop.enabled
    assert window.top.loop_button.isChecked()


def test_f2_renames_the_selected_track(window: MainWindow) -> None:
    window.workspace.select_track(window.workspace.session.tracks[1].id)
    press(window, Qt.Key.Key_F2)
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    QTest.keyClicks(QApplication.focusWidget(), "Band")
    press(window, Qt.Key.Key_Return)
    assert window.workspace.session.tracks[1].name == "Band"


def test_keys_zoom_the_timeline(window: MainWindow) -> None:
    before = window.stage.timeline.view_geometry().frames_per_pixel
    press(window, Qt.Key.Key_Plus)
    assert window.stage.timeline.view_geometry().frames_per_pixel < before
    press(window, Qt.Key.Key_F)
    assert window.stage.timeline.view_geometry().frames_per_pixel == pytest.approx(before)


def test_letters_typed_into_a_field_are_letters(window: MainWindow) -> None:
    window.workspace.select_clips((window.workspace.session.tracks[0].clips[0].id,))
    field = window.side.inspector.name
    field.setFocus()
    field.clear()
    for key in (Qt.Key.Key_M, Qt.Key.Key_Space, Qt.Key.Key_S):
        press(window, key)
    press(window, Qt.Key.Key_Return)
    assert window.workspace.session.tracks[0].clips[0].name == "m s"
    assert not window.workspace.transport.playing
    assert not window.workspace.session.tracks[0].muted


def test_space_presses_a_button_that_was_reached_by_tab(window: MainWindow) -> None:
    window.heads.heads[0].mute.setFocus(Qt.FocusReason.TabFocusReason)
    press(window, Qt.Key.Key_Space)
    assert window.workspace.session.tracks[0].muted
    assert not window.workspace.transport.playing


def test_clicking_a_button_leaves_space_to_the_transport(window: MainWindow) -> None:
    window.stage.timeline.setFocus()
    QTest.mouseClick(window.heads.heads[0].mute, Qt.MouseButton.LeftButton)
    press(window, Qt.Key.Key_Space)
    assert window.workspace.transport.playing
    assert window.workspace.session.tracks[0].muted
    press(window, Qt.Key.Key_Space)


def test_a_click_in_the_timeline_before_a_project_is_open_does_nothing(qapp: QApplication) -> None:
    with open_window(qapp) as window:
        QTest.mouseClick(window.stage.timeline.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
        QTest.mouseClick(window.stage.timeline.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 8))
        assert not window.side.jobs.notes
        assert not window.top.tempo.isVisible()


# ── files ────────────────────────────────────────────────────────────────────────────────────


def drop(widget: QWidget, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at = QPointF(60, 60)
    event = QDropEvent(
        at, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    widget.dropEvent(event)


def test_dropped_audio_is_imported_after_one_question(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    song = window.workspace.project.pool.path(window.workspace.session.sources[0])
    copy = tmp_path / "my song.wav"
    copy.write_bytes(song.read_bytes())
    drop(window.stage.timeline, copy)
    dialog_of(window, DeclareDialog).accept_button.click()
    qtbot.waitUntil(lambda: len(window.workspace.session.tracks) == 3, timeout=20_000)
    imported = window.workspace.session.tracks[2]
    assert imported.name == "my song"
    source = window.workspace.session.source(imported.clips[0].source)
    assert source.id == window.workspace.session.sources[0].id or source.origin.basis is Basis.OWN
    drop(window, copy)
    assert not [dialog for dialog in window.findChildren(DeclareDialog) if dialog.isVisible()]
    qtbot.waitUntil(lambda: len(window.workspace.session.tracks) == 4, timeout=20_000)


def test_what_is_not_audio_becomes_a_card(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    text = tmp_path / "holiday.txt"
    text.write_text("not audio")
    drop(window, text)
    dialog_of(window, DeclareDialog).accept_button.click()
    qtbot.waitUntil(lambda: len(window.side.jobs.notes) == 1, timeout=20_000)
    assert "holiday.txt" in window.side.jobs.notes[0].accessibleName()
    assert len(window.workspace.session.tracks) == 2


def test_a_file_dropped_on_the_side_panel_is_verified(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    text = tmp_path / "holiday.txt"
    text.write_text("not audio")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(text))])
    args = (data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entered = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, *args)
    assert window.eventFilter(window.side, entered)
    assert entered.isAccepted()
    assert window.eventFilter(window.side, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, *args))
    qtbot.waitUntil(lambda: bool(window.findChildren(VerificationDialog)), timeout=15_000)
    assert dialog_of(window, VerificationDialog).windowTitle() == "“holiday.txt”"
    assert len(window.workspace.session.tracks) == 2


def test_nothing_is_decoded_on_the_main_thread(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    decode = Renditions.decode_foreign

    def watched(renditions: Renditions, *args: object, **kwargs: object) -> object:
        threads.append(threading.current_thread())
        return decode(renditions, *args, **kwargs)

    monkeypatch.setattr(Renditions, "decode_foreign", watched)
    # Uncompressed WAV is played as it is; FLAC has to be decoded.
    song = tmp_path / "song.flac"
    stored = window.workspace.project.pool.path(window.workspace.session.sources[0])
    soundfile.write(song, *soundfile.read(stored))
    shutil.rmtree(cache_dir())
    before = window.workspace.project
    window.commands.project.open_path(before.folder)
    qtbot.waitUntil(lambda: window.workspace.project is not before)
    window.commands.audio._declaration = Declaration()
    window.commands.audio.take_paths([song])
    qtbot.waitUntil(lambda: len(window.workspace.session.tracks) == 3, timeout=30_000)
    sources = window.workspace.session.sources
    waveforms = window.stage.waveforms
    qtbot.waitUntil(lambda: all(waveforms.peaks(source) for source in sources), timeout=30_000)
    assert threads
    assert threading.main_thread() not in threads


def test_a_dropped_project_is_opened(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    other = make_project(tmp_path, title="Other song")
    drop(window, other.folder)
    qtbot.waitUntil(lambda: window.workspace.session.title == "Other song")
    assert len(window.heads.heads) == 1
    assert window.windowTitle() == "Other song[*] – fanstudio"


def test_saving_takes_the_dot_away(window: MainWindow) -> None:
    track = window.workspace.session.tracks[0].id
    window.commands.track.rename(track, "Lead")
    assert window.top.title.text() == "Night Drive •"
    assert window.isWindowModified()
    press(window, Qt.Key.Key_S, CONTROL)
    assert window.top.title.text() == "Night Drive"
    folder = window.workspace.project.folder
    assert open_project(Work(), folder).document.session.tracks[0].name == "Lead"


def test_saving_as_goes_on_in_the_new_folder(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.commands.project.save_to(tmp_path / "Copy")
    qtbot.waitUntil(lambda: window.workspace.project.folder.name == "Copy.fanstudio")
    assert window.commands.project.recent()[0] == window.workspace.project.folder


def test_a_folder_that_cannot_be_written_loses_nothing(window: MainWindow) -> None:
    window.commands.track.rename(window.workspace.session.tracks[0].id, "Lead")
    (window.workspace.project.folder / "session.json").unlink()
    (window.workspace.project.folder / "session.json").mkdir()
    assert not window.commands.project.save()
    assert window.workspace.document.changed
    assert window.side.jobs.notes[0].texts[1] == "Your changes are still open here."


def test_unsaved_changes_are_kept_aside_and_come_back(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.track.rename(window.workspace.session.tracks[0].id, "Lead")
    assert window.commands.project._autosave.isActive()
    autosave(window.workspace.project)
    window.commands.project.open_path(window.workspace.project.folder)
    qtbot.waitUntil(lambda: len(window.side.jobs.notes) == 1)
    assert window.workspace.session.tracks[0].name == "Lead"
    assert "brought back" in window.side.jobs.notes[0].accessibleName()


def test_what_is_not_wanted_does_not_come_back(qtbot: QtBot, window: MainWindow) -> None:
    folder = window.workspace.project.folder
    window.commands.track.rename(window.workspace.session.tracks[0].id, "Lead")
    autosave(window.workspace.project)
    window.close()
    dialog_of(window, Question).buttons["Don't save"].click()
    assert not window.isVisible()
    opened = open_project(Work(), folder)
    assert not opened.recovered
    assert opened.document.session.tracks[0].name == "Vocals"


def test_an_interrupt_keeps_unsaved_changes_aside(window: MainWindow) -> None:
    folder = window.workspace.project.folder
    window.commands.track.rename(window.workspace.session.tracks[0].id, "Lead")
    window.interrupt()
    assert open_project(Work(), folder).recovered


def test_a_missing_project_becomes_a_card(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.commands.project.open_path(tmp_path / "nowhere")
    qtbot.waitUntil(lambda: len(window.side.jobs.notes) == 1)
    assert window.workspace.session.title == "Night Drive"


def test_the_last_project_is_opened_at_the_start(qtbot: QtBot, qapp: QApplication, project: Project) -> None:
    with open_window(qapp) as window:
        remember_project(window.workspace.settings, project.folder)
        window.commands.project.open_first(None)
        qtbot.waitUntil(lambda: window.workspace.is_open)
        assert window.workspace.session.title == "Night Drive"


def test_a_project_that_cannot_be_opened_gives_way_to_the_demo(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    with open_window(qapp) as window:
        window.commands.project.open_first(tmp_path / "nowhere")
        qtbot.waitUntil(lambda: window.workspace.is_open, timeout=60_000)
        assert window.workspace.session.title == "Make It Mine remix"
        assert len(window.side.jobs.notes) == 1
        assert window.actions_["stems"].isEnabled()


def test_a_new_project_is_empty_and_says_what_to_do(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.project.new()
    qtbot.waitUntil(lambda: window.workspace.session.title == "Untitled")
    assert window.stage.empty.isVisible()
    assert window.bottom.headline.text() == "Nothing to export yet"
    assert not window.actions_["export"].isEnabled()


# ── closing ──────────────────────────────────────────────────────────────────────────────────


def test_closing_asks_about_unsaved_changes(window: MainWindow) -> None:
    window.commands.track.rename(window.workspace.session.tracks[0].id, "Lead")
    window.close()
    question = dialog_of(window, Question)
    assert window.isVisible()
    question.reject()
    assert window.isVisible()
    window.close()
    dialog_of(window, Question).buttons["Save"].click()
    assert not window.isVisible()


def test_closing_without_changes_asks_nothing(window: MainWindow) -> None:
    window.close()
    assert not window.isVisible()
    assert not window.workspace.is_open


def test_closing_cancels_what_runs(window: MainWindow) -> None:
    ended: list[bool] = []

    def work(work: Work) -> None:
        try:
            while True:
                work.check()
        finally:
            ended.append(True)

    window.workspace.bridge.run("Split", work)
    window.close()
    assert ended == [True]


# ── looks and words ──────────────────────────────────────────────────────────────────────────


def test_themes_change_while_it_runs(window: MainWindow) -> None:
    corner = QPoint(6, 40)
    for name, theme in THEMES.items():
        window.workspace.set_setting("theme", name)
        QApplication.processEvents()
        assert window.grab().toImage().pixelColor(corner).name().upper() == theme.panel


def test_the_theme_of_the_system_is_followed(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window.workspace.set_setting("theme", "system")
    monkeypatch.setattr("fanstudio.gui.appearance.choose_theme", lambda setting: THEMES["light"])
    QApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert window.appearance.theme.name == "light"


def test_every_control_has_a_name_for_screen_readers(window: MainWindow) -> None:
    window.workspace.select_clips((window.workspace.session.tracks[0].clips[0].id,))
    kinds = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QProgressBar)
    nameless = [
        f"{type(child).__name__} in {type(child.parent()).__name__}"
        for child in window.findChildren(QWidget)
        if isinstance(child, kinds)
        and child.isVisible()
        and not isinstance(child.parent(), QAbstractSpinBox)
        and not child.accessibleName()
        and not getattr(child, "text", str)()
    ]
    assert nameless == []


def test_every_control_can_be_reached_by_tab(window: MainWindow) -> None:
    reached = set()
    window.stage.timeline.setFocus()
    for _ in range(200):
        window.focusNextChild()
        focused = QApplication.focusWidget()
        if focused in reached:
            break
        reached.add(focused)
    assert window.bottom.export_button in reached
    assert window.heads.heads[1].fader in reached
    assert window.heads.heads[1].pan in reached
    assert window.top.menu_button in reached


def test_the_window_fits_a_small_screen(window: MainWindow) -> None:
    window.resize(1040, 560)
    QApplication.processEvents()
    assert window.width() == 1040
    assert window.minimumSizeHint().width() <= 1040
    right_edge = window.top.account.mapTo(window, QPoint(window.top.account.width(), 0)).x()
    assert right_edge <= window.width()
    for part in (window.top.clock, window.top.tempo, window.top.snap, window.top.sound, window.top.title):
        assert part.width() >= part.sizeHint().width(), part.accessibleName()
    assert window.top.bar.isHidden()
    window.resize(1440, 900)
    QApplication.processEvents()
    assert window.top.bar.isVisible()


def test_an_edit_that_is_not_allowed_becomes_a_card(window: MainWindow) -> None:
    assert not window.workspace.apply("Split clip", lambda session: edits.split_clip(session, "gone", 1))
    assert window.side.jobs.notes[0].texts[0] == "That clip is no longer in the session."


def test_what_nobody_caught_becomes_a_card(window: MainWindow) -> None:
    hook = _ExceptionHook(window)
    error = FanstudioError("The disk is full.", hint="Make room.")
    hook(type(error), error, None)
    assert window.side.jobs.notes[0].texts[0] == "The disk is full."
