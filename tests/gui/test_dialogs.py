"""The dialogs: what they ask, what they hand over, and what they say when it does not work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton
from pytestqt.qtbot import QtBot

from fanstudio.gui.commands.account import where
from fanstudio.gui.dialogs.clip_list import ClipListDialog
from fanstudio.gui.dialogs.declare import DeclareDialog
from fanstudio.gui.dialogs.export import ExportDialog, safe_name
from fanstudio.gui.dialogs.facts import FactsDialog, breakable
from fanstudio.gui.dialogs.question import Question
from fanstudio.gui.dialogs.settings import SettingsDialog
from fanstudio.gui.dialogs.sheet import Dim
from fanstudio.gui.dialogs.shortcuts import ShortcutsDialog
from fanstudio.gui.dialogs.sign_in import SignInDialog
from fanstudio.gui.dialogs.tempo import TempoDialog
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.widgets.rights_list import RightsList
from fanstudio.model.rights import Basis
from fanstudio.model.session import Stem
from fanstudio.studio.account import AccountStatus
from fanstudio.studio.export import ExportOptions, ExportPlan, ShareLine, SourceRight
from fanstudio.studio.import_audio import Declaration
from tests.support.desk import RATE, dialog_of, make_project, open_window
from tests.support.fans import Browser
from tests.support.reference_platform import ReferencePlatform

SIGNED_IN = AccountStatus(True, "Tune", False, "Ada", "premium", ("remix",), "SE")


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qapp, make_project(tmp_path, (Stem.VOCALS, Stem.OTHER))) as opened:
        yield opened


# ── sheet and question ───────────────────────────────────────────────────────────────────────


def test_a_sheet_dims_the_window_while_it_is_open(window: MainWindow) -> None:
    answers: list[str] = []
    question = Question(window, window.appearance, "Really?", "Think.", ("No", "Yes"), answers.append)
    question.open()
    (dim,) = window.findChildren(Dim)
    assert dim.size() == window.size()
    QTest.mouseClick(question.buttons["Yes"], Qt.MouseButton.LeftButton)
    assert answers == ["Yes"]
    assert dim.isHidden()


def test_a_sheet_stays_in_the_middle_when_it_grows(qtbot: QtBot, window: MainWindow) -> None:
    question = Question(window, window.appearance, "Really?", "Think.", ("No", "Yes"), lambda _answer: None)
    question.open()
    question.body.addSpacing(200)
    question.adjustSize()
    middle = window.mapToGlobal(window.rect().center())
    qtbot.waitUntil(lambda: (question.geometry().center() - middle).manhattanLength() <= 2)


def test_escape_answers_nothing(window: MainWindow) -> None:
    answers: list[str] = []
    question = Question(window, window.appearance, "Really?", "Think.", ("No", "Yes"), answers.append)
    question.open()
    QTest.keyClick(question, Qt.Key.Key_Escape)
    assert answers == []


# ── declare ──────────────────────────────────────────────────────────────────────────────────


def test_enter_presses_the_button_that_has_the_focus(window: MainWindow) -> None:
    for name, given in (("Cancel", 0), ("Import", 1)):
        declared: list[Declaration] = []
        dialog = DeclareDialog(window, window.appearance, ("song.wav",), declared.append)
        dialog.open()
        found = next(made for made in dialog.findChildren(QPushButton) if made.text() == name)
        found.setFocus()
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        assert (len(declared), dialog.isVisible()) == (given, False)


def test_a_declaration_of_ones_own(window: MainWindow) -> None:
    declared: list[Declaration] = []
    dialog = DeclareDialog(window, window.appearance, ("song.wav",), declared.append)
    dialog.open()
    assert dialog.windowTitle() == "May you use “song.wav”?"
    dialog.accept_button.click()
    assert declared == [Declaration(Basis.OWN)]


def test_an_open_licence_needs_its_address(window: MainWindow) -> None:
    declared: list[Declaration] = []
    dialog = DeclareDialog(window, window.appearance, ("a.wav", "b.wav"), declared.append)
    dialog.open()
    dialog.open_licence.click()
    dialog.address.setText("somewhere")
    dialog.accept_button.click()
    assert declared == []
    assert dialog.error.isVisible()
    dialog.address.setText("https://creativecommons.org/licenses/by/4.0/")
    dialog.accept_button.click()
    assert declared == [Declaration(Basis.OPEN, "https://creativecommons.org/licenses/by/4.0/")]


# ── export ───────────────────────────────────────────────────────────────────────────────────


def make_plan(window: MainWindow, permitted: bool | None = True) -> ExportPlan:
    clip = window.workspace.session.tracks[0].clips[0].id
    rights = (
        SourceRight("Night Drive", "Nova", "catalogue track", ("split", "arrange"), True, "", (), ()),
        SourceRight("Halcyon", "Nova", "catalogue track", ("split",), permitted, "opted out", (), (clip,)),
    )
    shares = (ShareLine("Nova", "artist", 1_000_000),)
    return ExportPlan(rights, shares, permitted is True, "One change before you can export", "Halcyon")


def make_export(
    window: MainWindow, folder: Path, plan: ExportPlan | None
) -> tuple[ExportDialog, list[ExportOptions]]:
    exported: list[ExportOptions] = []
    dialog = ExportDialog(window, window.appearance, window.workspace, plan, exported.append, folder)
    dialog.open()
    return dialog, exported


def test_export_hands_over_what_was_chosen(window: MainWindow, tmp_path: Path) -> None:
    window.workspace.set_account(SIGNED_IN)
    dialog, exported = make_export(window, tmp_path, make_plan(window))
    assert dialog.name.text() == "Night Drive.flac"
    assert dialog.export_button.text() == "Export"
    dialog.format._group.button(3).click()
    dialog.loudness.step(2)
    assert dialog.name.text() == "Night Drive.mp3"
    dialog.export_button.click()
    assert exported == [ExportOptions(tmp_path / "Night Drive.mp3", "mp3", None, "Night Drive")]


@pytest.mark.parametrize(
    ("setting", "rows"),
    [
        (-14.0, ["Streaming −14 LUFS", "Broadcast −23 LUFS", "As mixed"]),
        (-16.0, ["Streaming −14 LUFS", "At −16 LUFS", "Broadcast −23 LUFS", "As mixed"]),
        (0.0, ["Streaming −14 LUFS", "Broadcast −23 LUFS", "As mixed"]),
    ],
)
def test_export_offers_loudnesses(
    window: MainWindow, tmp_path: Path, setting: float, rows: list[str]
) -> None:
    window.workspace.settings.set("export_loudness_lufs", setting)
    dialog, _ = make_export(window, tmp_path, make_plan(window))
    assert [button.text() for button in dialog.loudness._group.buttons()] == rows
    assert dialog.options().loudness_lufs == (setting or None)


def test_export_asks_to_sign_in_before_anything_else(window: MainWindow) -> None:
    window.commands.export.standing.take(make_plan(window, permitted=None))
    window.commands.export.open_dialog()
    dialog = dialog_of(window, ExportDialog)
    assert dialog.export_button.text() == "Sign in to export"
    dialog.export_button.click()
    assert dialog_of(window, SignInDialog).parent() is dialog
    assert dialog.isVisible()
    window.workspace.set_account(SIGNED_IN)
    assert dialog.export_button.text() == "Export"
    assert not dialog.export_button.isEnabled(), "what is permitted is asked first"


def test_export_waits_for_the_plan(window: MainWindow, tmp_path: Path) -> None:
    dialog, _ = make_export(window, tmp_path, None)
    assert not dialog.export_button.isEnabled()
    dialog.show_plan(make_plan(window, permitted=None))
    assert dialog.export_button.isEnabled()


def test_nothing_to_export_is_not_offered(window: MainWindow, tmp_path: Path) -> None:
    window.workspace.set_account(SIGNED_IN)
    dialog, _ = make_export(window, tmp_path, make_plan(window))
    dialog.show_plan(ExportPlan((), (), False, "Nothing to export yet", "Unmute a track, or add a clip."))
    assert not dialog.export_button.isEnabled()
    assert all(old.isHidden() for old in dialog.findChildren(RightsList))
    assert dialog.note.text() == "Nothing to export yet. Unmute a track, or add a clip."


def test_a_refused_source_can_be_muted_from_the_dialog(window: MainWindow, tmp_path: Path) -> None:
    plan = make_plan(window, permitted=False)
    dialog, _ = make_export(window, tmp_path, plan)
    assert not dialog.export_button.isEnabled()
    assert "One change before you can export" in dialog.note.text()
    (mute,) = dialog.rights.mute_buttons
    mute.click()
    assert window.workspace.session.clip(plan.rights[1].clip_ids[0])[1].muted
    assert window.workspace.document.history.undo_label == "Mute “Halcyon”"


def test_a_file_that_is_there_is_not_replaced_unsaid(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "Night Drive.flac").touch()
    dialog, _ = make_export(window, tmp_path, make_plan(window))
    assert "replaced" in dialog.note.text()
    dialog.name.setText("Other.flac")
    assert dialog.note.isHidden()
    dialog.name.setText("../Other.flac")
    assert not dialog.export_button.isEnabled()


def test_arrow_keys_choose_a_format(window: MainWindow, tmp_path: Path) -> None:
    dialog, _ = make_export(window, tmp_path, make_plan(window))
    first = dialog.format._group.button(0)
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert dialog.format.value == "wav"
    QTest.keyClick(first, Qt.Key.Key_Left)
    assert dialog.name.text() == "Night Drive.flac"


def test_file_names_hold_nothing_that_a_disk_refuses() -> None:
    assert safe_name('a/b\\c:"d"?') == "abcd"
    assert safe_name(" .. ") == "export"


# ── sign-in ──────────────────────────────────────────────────────────────────────────────────


def test_a_platform_that_is_away_is_said_in_the_dialog(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.account.toggle()
    dialog = dialog_of(window, SignInDialog)
    assert dialog.demo_button.isHidden(), "the demo fan exists on the embedded platform only"
    dialog.browser_button.click()
    assert dialog.waiting.isVisible()
    qtbot.waitUntil(dialog.error.isVisible, timeout=15_000)
    assert dialog.choice.isVisible()
    assert dialog.error.text()
    assert window.side.jobs.notes == ()


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[ReferencePlatform]:
    with ReferencePlatform(tmp_path / "platform", demo=None, poll_s=0) as running:
        yield running


def test_the_browser_signs_in(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, platform: ReferencePlatform
) -> None:
    with open_window(qapp, make_project(tmp_path), platform.issuer) as window:
        browser, then = Browser(), []
        dialog = SignInDialog(window, window.appearance, window.workspace, then.append, browser)
        dialog.open()
        dialog.browser_button.click()
        qtbot.waitUntil(lambda: len(then) == 1, timeout=20_000)
        assert window.top.account.text_shown == "Premium + Remix"
        assert "Demo Fan" in window.top.account.toolTip()
        qtbot.waitUntil(lambda: window.bottom.headline.text() == "Ready to export", timeout=20_000)
        browser.thread.join(5)


def test_a_machine_without_a_browser_offers_the_address(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, platform: ReferencePlatform
) -> None:
    with open_window(qapp, make_project(tmp_path), platform.issuer) as window:
        dialog = SignInDialog(window, window.appearance, window.workspace, open_url=lambda _url: False)
        dialog.open()
        dialog.browser_button.click()
        qtbot.waitUntil(lambda: dialog.state.text().startswith("No browser opened"), timeout=20_000)
        assert dialog.copy_button.isVisible()
        dialog.cancel_button.click()


def test_waiting_for_the_browser_can_be_cancelled(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, platform: ReferencePlatform
) -> None:
    with open_window(qapp, make_project(tmp_path), platform.issuer) as window:
        opened: list[str] = []
        dialog = SignInDialog(window, window.appearance, window.workspace, open_url=opened.append)
        dialog.open()
        dialog.browser_button.click()
        qtbot.waitUntil(lambda: len(opened) == 1, timeout=20_000)
        assert dialog.copy_button.isVisible()
        dialog.copy_button.click()
        assert QGuiApplication.clipboard().text() == opened[0]
        dialog.again_button.click()
        assert opened[1] == opened[0]
        assert dialog.state.text() == "Waiting for you in the browser…"
        dialog.cancel_button.click()
        qtbot.waitUntil(lambda: not window.workspace.studio.jobs.running)
        assert window.workspace.account is None
        assert window.side.jobs.notes == ()


def test_signing_out_is_asked_about(window: MainWindow) -> None:
    window.workspace.set_account(SIGNED_IN)
    window.commands.account.toggle()
    question = dialog_of(window, Question)
    assert question.windowTitle() == "Signed in as Ada"
    assert where(SIGNED_IN) == "At Tune."
    assert where(replace(SIGNED_IN, embedded=True)).startswith("This is the embedded demo platform")


# ── lists ────────────────────────────────────────────────────────────────────────────────────


def test_the_list_of_clips_edits_by_keyboard(window: MainWindow) -> None:
    window.commands.view.show_clip_list()
    dialog = dialog_of(window, ClipListDialog)
    clip = window.workspace.session.tracks[0].clips[0].id
    assert dialog.list.topLevelItemCount() == 2
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    assert window.workspace.selected_clips == {clip}
    QTest.keyClick(dialog.list, Qt.Key.Key_M)
    assert window.workspace.session.clip(clip)[1].muted
    assert dialog.list.currentItem().text(4) == "muted"
    QTest.keyClick(dialog.list, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert len(window.workspace.session.tracks[0].clips) == 2
    QTest.keyClick(dialog.list, Qt.Key.Key_Delete)
    assert window.workspace.session.find_clip(clip) is None
    QTest.keyClick(dialog.list, Qt.Key.Key_S)
    assert any(track.soloed for track in window.workspace.session.tracks)


def test_enter_in_the_list_goes_to_a_clip(window: MainWindow) -> None:
    clip = window.workspace.session.tracks[1].clips[0].id
    window.commands.view.show_clip_list()
    window.commands.edit.duplicate()
    dialog = dialog_of(window, ClipListDialog)
    window.workspace.select_clips((clip,))
    window.commands.edit.duplicate()
    dialog.list.choose(window.workspace.session.tracks[1].clips[1].id)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    assert window.workspace.playhead == 4 * RATE


def test_shortcuts_list_every_action(window: MainWindow) -> None:
    window.commands.view.show_shortcuts()
    dialog = dialog_of(window, ShortcutsDialog)
    exactly = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
    assert dialog.list.findItems("Space", exactly, 1)
    assert dialog.list.findItems("Drag in the ruler", exactly, 1)


def test_settings_hold_at_once(window: MainWindow) -> None:
    window.commands.view.show_settings()
    dialog = dialog_of(window, SettingsDialog)
    theme = dialog.fields["theme"]
    assert isinstance(theme, QComboBox)
    assert "recent_projects" not in dialog.fields
    theme.setCurrentText("light")
    theme.activated.emit(theme.currentIndex())
    assert window.workspace.settings.text("theme") == "light"
    assert window.appearance.theme.name == "light"


def test_settings_fit_a_small_window(window: MainWindow) -> None:
    window.resize(1280, 720)
    window.commands.view.show_settings()
    dialog = dialog_of(window, SettingsDialog)
    assert dialog.height() <= 720
    assert dialog.findChildren(QPushButton)[-1].isVisible()


def test_the_tempo_is_set_from_its_chip(window: MainWindow) -> None:
    window.top.tempo.click()
    dialog = dialog_of(window, TempoDialog)
    dialog.bpm.setValue(98.5)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert window.workspace.session.tempo[0].bpm == 98.5
    assert window.workspace.document.history.undo_label == "Set tempo"


def test_facts_can_be_read_and_broken_into_lines(window: MainWindow) -> None:
    window.commands.view.show_about()
    assert dialog_of(window, FactsDialog).headline.text().startswith("Remix and cover")
    assert breakable("a" * 64).replace("\u200b", "") == "a" * 64
    assert max(map(len, breakable("a" * 64).split("\u200b"))) == 8


def test_verifying_a_file_that_is_not_audio_says_so(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("not audio")
    window.commands.verify.verify([file])
    qtbot.waitUntil(lambda: any(d.isVisible() for d in window.findChildren(FactsDialog)), timeout=15_000)
    assert dialog_of(window, FactsDialog).headline.text() == "This file cannot be read as audio"
    assert QGuiApplication.modalWindow() is not None
