"""Splitting from the window: the sheet, the queue, and surround sound that is mixed down by choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from fanstudio.gui.dialogs.declare import DeclareDialog
from fanstudio.gui.dialogs.models import ModelsDialog
from fanstudio.gui.dialogs.question import Question
from fanstudio.gui.dialogs.split import SplitDialog
from fanstudio.gui.main_window import MainWindow
from fanstudio.inference.report import SplitReport
from fanstudio.model import edits
from fanstudio.model.session import Stem
from fanstudio.studio.import_audio import Declaration
from fanstudio.studio.split_options import SplitOptions
from fanstudio.studio.split_speed import remember_speed
from tests.support.desk import RATE, add_noise, dialog_of, make_project, open_window

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qapp, make_project(tmp_path)) as opened:
        yield opened


def _sheet(window: MainWindow) -> SplitDialog:
    window.actions_["stems_sheet"].trigger()
    return dialog_of(window, SplitDialog)


def _add_song(window: MainWindow, name: str) -> None:
    source = add_noise(window.workspace.project, name, Stem.MIX)
    window.workspace.apply("Import", lambda session: edits.import_source(session, source))


def _stems(window: MainWindow) -> list[Stem]:
    return [track.stem for track in window.workspace.session.tracks]


# ── the sheet ────────────────────────────────────────────────────────────────────────────────


def test_the_sheet_proposes_everything_in_two_stems(window: MainWindow) -> None:
    sheet = _sheet(window)
    assert sheet.options() == SplitOptions(stems=2)
    assert not sheet.rest.isEnabled()
    assert sheet.duration.text() == ""


def test_tab_goes_down_the_sheet_and_reaches_the_stems_in_their_place(
    window: MainWindow, settled: Callable[[], None]
) -> None:
    sheet = _sheet(window)
    sheet.stems.step(1)
    settled()
    sheet.kept["other"].click()
    reached: list[QWidget] = []
    widget = sheet.stems.last_segment.nextInFocusChain()
    while widget is not sheet.split_button:
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached.append(widget)
        widget = widget.nextInFocusChain()
    assert reached[:5] == [*sheet.kept.values(), sheet.rest]
    assert sheet.more_button in reached


def test_a_stem_and_the_rest_are_chosen_and_remembered(window: MainWindow) -> None:
    sheet = _sheet(window)
    sheet.stems.step(1)
    for name in ("vocals", "bass", "other"):
        sheet.kept[name].click()
    sheet.rest.click()
    chosen = SplitOptions(stems=4, wanted=("drums",), keep_rest=True)
    assert sheet.options() == chosen
    asked: list[SplitOptions] = []
    window.commands.split.split = lambda _clips, options: asked.append(options)  # type: ignore[method-assign]
    QTest.mouseClick(sheet.split_button, LEFT)
    assert asked == [chosen]
    assert window.commands.split.options == chosen
    assert window.workspace.settings.get("split_stems") == 4
    assert _sheet(window).options() == chosen


def test_nothing_kept_is_no_split(window: MainWindow) -> None:
    sheet = _sheet(window)
    for box in sheet.kept.values():
        box.click()
    assert not sheet.split_button.isEnabled()
    assert sheet.note.text() == "Choose a stem to keep."
    sheet.kept["vocals"].click()
    assert sheet.split_button.isEnabled()


def test_how_long_it_takes_is_known_from_the_last_one_or_tried(qtbot: QtBot, window: MainWindow) -> None:
    report = SplitReport("m", "0" * 64, "cpu", "", seconds=10.0, times_realtime=2.0, peak_rss_mb=1.0)
    remember_speed(window.commands.split.options, report)
    sheet = _sheet(window)
    assert sheet.duration.text() == "about 0:02 here"
    sheet.stems.step(1)
    assert sheet.duration.text() == ""
    qtbot.waitUntil(lambda: sheet.duration.text().startswith("about 0:0"), timeout=60_000)


def test_closing_the_sheet_ends_its_trial(qtbot: QtBot, window: MainWindow) -> None:
    sheet = _sheet(window)
    sheet.reject()
    runner = window.workspace.studio.jobs
    qtbot.waitUntil(lambda: not any("how fast" in job.title for job in runner.running), timeout=10_000)


def test_the_sheet_says_what_runs_it_and_why_nothing_better(window: MainWindow) -> None:
    window.commands.split.device, window.commands.split.why_not = "CPU", "cuda: no driver"
    sheet = _sheet(window)
    words = [part.text() for part in sheet.findChildren(QLabel)]
    assert words.index("cuda: no driver") == words.index("CPU") + 1


# ── the queue ────────────────────────────────────────────────────────────────────────────────


def test_selected_songs_are_split_one_after_another(qtbot: QtBot, window: MainWindow) -> None:
    _add_song(window, "Second")
    window.actions_["select_all"].trigger()
    window.commands.split.split_now()
    cards = window.side.jobs.cards
    assert [card.title.text() for card in cards] == ["Splitting “Mix”", "Splitting “Second”"]
    assert not window.side.jobs.queue.isHidden()
    qtbot.waitUntil(lambda: cards[1].detail.text().startswith("Waiting"), timeout=5_000)
    assert cards[1].state.text() == ""
    qtbot.waitUntil(lambda: not window.side.jobs.cards, timeout=60_000)
    assert _stems(window) == [Stem.MIX, Stem.VOCALS, Stem.ACCOMPANIMENT] * 2
    window.actions_["undo"].trigger()
    assert _stems(window) == [Stem.MIX, Stem.VOCALS, Stem.ACCOMPANIMENT, Stem.MIX]


def test_drums_and_the_rest_of_a_song_are_laid_on_tracks(qtbot: QtBot, window: MainWindow) -> None:
    options = SplitOptions(wanted=("drums",), keep_rest=True)
    window.commands.split.split(tuple(window.workspace.session.clips()), options)
    window.workspace.select_clips([window.workspace.session.tracks[2].clips[0].id])
    assert not window.actions_["stems"].isEnabled()
    qtbot.waitUntil(lambda: not window.side.jobs.cards, timeout=60_000)
    assert window.actions_["stems"].isEnabled()
    assert [track.name for track in window.workspace.session.tracks] == ["Mix", "Drums", "Rest"]
    pool = window.workspace.project.pool
    mix, drums, rest = (pool.samples(source, RATE)[:, :] for source in window.workspace.session.sources)
    np.testing.assert_allclose(drums + rest, mix, atol=1e-5)
    assert not window.side.jobs.notes


def test_the_whole_queue_is_cancelled_at_once(qtbot: QtBot, window: MainWindow) -> None:
    for number in range(4):
        _add_song(window, "Song" * (number + 1))
    window.actions_["select_all"].trigger()
    window.commands.split.split_now()
    jobs = window.side.jobs
    assert [card.isHidden() for card in jobs.cards] == [False] * 3 + [True] * 2
    assert jobs.waiting.text() == "2 more to come"
    QTest.mouseClick(jobs.cancel_all_button, LEFT)
    qtbot.waitUntil(lambda: not jobs.cards, timeout=10_000)
    assert jobs.queue.isHidden()
    assert _stems(window) == [Stem.MIX] * 5
    assert window.actions_["stems"].isEnabled()


def test_one_cancelled_in_the_queue_leaves_the_others(qtbot: QtBot, window: MainWindow) -> None:
    _add_song(window, "Second")
    window.actions_["select_all"].trigger()
    window.commands.split.split_now()
    window.side.jobs.cards[0].stop()
    qtbot.waitUntil(lambda: not window.side.jobs.cards, timeout=60_000)
    assert _stems(window) == [Stem.MIX, Stem.MIX, Stem.VOCALS, Stem.ACCOMPANIMENT]


# ── surround sound ───────────────────────────────────────────────────────────────────────────


def test_surround_sound_is_mixed_down_by_choice(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "Surround.wav"
    soundfile.write(file, np.full((8_000, 6), 0.1), 8_000)
    window.commands.audio._declaration = Declaration()
    window.commands.audio.take_paths([file])
    qtbot.waitUntil(lambda: bool(window.findChildren(Question)), timeout=20_000)
    question = dialog_of(window, Question)
    assert not window.side.jobs.notes
    QTest.mouseClick(question.buttons["Mix down"], LEFT)
    qtbot.waitUntil(lambda: len(window.workspace.session.tracks) == 2, timeout=20_000)
    source = window.workspace.session.sources[-1]
    assert (source.channels, source.length) == (2, 8_000)
    mixed = window.workspace.project.pool.samples(source, 8_000)[:, :]
    assert mixed[:, 4_000] == pytest.approx(0.1 * (1 + 2 * 2**-0.5), abs=1e-4)


def test_a_song_that_was_just_imported_is_the_one_to_split(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "mine.wav", np.full((8_000, 2), 0.1), 8_000)
    window.commands.audio._declaration = Declaration()
    window.commands.audio.take_paths([tmp_path / "mine.wav"])
    qtbot.waitUntil(lambda: len(window.workspace.session.tracks) == 2, timeout=20_000)
    assert _sheet(window).windowTitle() == "Split “mine”"


def test_files_that_are_no_audio_do_not_keep_the_others_out(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    good, list_, surround = (tmp_path / name for name in ("a.wav", "list.mp3", "b.wav"))
    soundfile.write(good, np.full((8_000, 2), 0.1), 8_000)
    soundfile.write(surround, np.full((8_000, 6), 0.1), 8_000)
    list_.write_text("milk, bread")
    window.commands.audio._declaration = Declaration()
    window.commands.audio.take_paths([list_, surround, good])
    qtbot.waitUntil(lambda: bool(window.findChildren(Question)), timeout=20_000)
    assert [track.name for track in window.workspace.session.tracks] == ["Mix", "a"]
    told = " ".join(label.text() for label in window.side.jobs.notes[0].findChildren(QLabel))
    assert "“list.mp3” is not audio" in told
    assert "The other file is on the timeline." in told
    QTest.mouseClick(dialog_of(window, Question).buttons["Mix down"], LEFT)
    qtbot.waitUntil(lambda: len(window.workspace.session.tracks) == 3, timeout=20_000)
    assert len(window.side.jobs.notes) == 1


def test_a_folder_that_is_dropped_is_imported_and_each_song_split(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "album").mkdir()
    for name, level in (("a", 0.1), ("b", 0.2)):
        soundfile.write(tmp_path / "album" / f"{name}.wav", np.full((8_000, 2), level), 8_000)
    window.commands.audio.take_paths([tmp_path / "album"])
    question = dialog_of(window, DeclareDialog)
    question.split.click()
    QTest.mouseClick(question.accept_button, LEFT)
    qtbot.waitUntil(lambda: len(window.workspace.session.tracks) == 7, timeout=90_000)
    qtbot.waitUntil(lambda: not window.side.jobs.cards, timeout=90_000)
    names = [track.name for track in window.workspace.session.tracks]
    assert names == ["Mix", "a", "Vocals", "Accompaniment", "b", "Vocals", "Accompaniment"]


def test_the_models_are_reached_from_the_sheet(window: MainWindow) -> None:
    sheet = _sheet(window)
    QTest.mouseClick(sheet.more_button, LEFT)
    assert dialog_of(window, ModelsDialog).isVisible()
    sheet._models_changed()
    assert sheet.options() == SplitOptions(stems=2)
