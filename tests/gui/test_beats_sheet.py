"""Find tempo and beats: what is heard is shown, half and double are offered, the grid follows the song."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import soundfile
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fanstudio.gui.dialogs.beats import BeatsDialog
from fanstudio.gui.main_window import MainWindow
from fanstudio.jobs import Work
from fanstudio.model.session import Session
from fanstudio.model.timebase import snap_to_bar, snap_to_beat, tempo_at
from fanstudio.studio.import_audio import Declaration, import_files, place_sources
from fanstudio.studio.project import create_project
from tests.support.beat_songs import RATE, BeatSong, changing, drum_song, steady
from tests.support.desk import dialog_of, open_window

Open = Callable[[BeatSong], MainWindow]


@pytest.fixture
def open_song(qapp: QApplication, tmp_path: Path) -> Iterator[Open]:
    opened = []

    def open_it(song: BeatSong) -> MainWindow:
        path = tmp_path / "Song.flac"
        soundfile.write(path, song.samples.T, RATE)
        project = create_project(tmp_path / "p.fanstudio", "Song")
        place_sources(project, import_files(Work(), project, [path], Declaration()))
        context = open_window(qapp, project)
        opened.append(context)
        return context.__enter__()

    yield open_it
    for context in opened:
        context.__exit__(None, None, None)


def heard(window: MainWindow, qtbot: QtBot) -> BeatsDialog:
    window.actions_["find_beats"].trigger()
    dialog = dialog_of(window, BeatsDialog)
    qtbot.waitUntil(lambda: not dialog.bar.isVisible(), timeout=30_000)
    return dialog


def click(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def labels(window: MainWindow) -> list[str]:
    return [step.label for step in window.workspace.document.history.past]


def test_the_grid_follows_the_song_in_one_step(open_song: Open, qtbot: QtBot) -> None:
    song = drum_song("rock", steady(116, 40))
    window = open_song(song)
    before: Session = window.workspace.session
    dialog = heard(window, qtbot)
    assert dialog.tempo.text() == "116 bpm, 4 beats a bar"
    assert "clear" in dialog.said.text()
    assert dialog.kind.value == "even"
    click(dialog.set_button)
    session = window.workspace.session
    for beat in song.beats_s[2:-2]:
        assert abs(snap_to_beat(session, round(beat * RATE)) - beat * RATE) < 0.02 * RATE
    for line in song.downbeats_s[1:-1]:
        assert abs(snap_to_bar(session, round(line * RATE)) - line * RATE) < 0.02 * RATE
    assert session.key
    assert session.tracks == before.tracks
    assert labels(window)[-1] == "Set tempo and beats"
    assert window.top.tempo.text_shown == "116.0 BPM"
    window.actions_["undo"].trigger()
    assert window.workspace.session == before


def test_half_and_double_can_be_chosen(open_song: Open, qtbot: QtBot) -> None:
    window = open_song(drum_song("rock", steady(116, 40)))
    dialog = heard(window, qtbot)
    click(dialog.half)
    assert dialog.tempo.text() == "58 bpm, 4 beats a bar"
    assert not dialog.half.isEnabled()
    click(dialog.double)
    click(dialog.double)
    assert dialog.tempo.text() == "232 bpm, 4 beats a bar"
    assert not dialog.double.isEnabled()
    dialog.key.setChecked(False)
    click(dialog.set_button)
    assert tempo_at(window.workspace.session, 10 * RATE).bpm == 232
    assert window.workspace.session.key == ""


def test_a_song_that_changes_its_tempo_is_followed(open_song: Open, qtbot: QtBot) -> None:
    song = drum_song("rock", changing([90, 120], 24))
    window = open_song(song)
    dialog = heard(window, qtbot)
    assert dialog.kind.value == "follow"
    click(dialog.set_button)
    session = window.workspace.session
    assert {round(tempo_at(session, round(at * RATE)).bpm / 5) for at in (8.0, 24.0)} == {18, 24}
    assert len(session.tempo) < 12


def test_it_can_be_closed_while_it_listens(open_song: Open, qtbot: QtBot) -> None:
    window = open_song(drum_song("rock", steady(116, 40)))
    window.actions_["find_beats"].trigger()
    dialog_of(window, BeatsDialog).reject()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(lambda: not window.workspace.bridge.tasks, timeout=20_000)
    assert not window.findChildren(BeatsDialog)
    assert window.workspace.session.tempo == ()


def test_a_song_without_beats_sets_nothing(open_song: Open, qtbot: QtBot) -> None:
    quiet = drum_song("rock", steady(116, 16))
    window = open_song(BeatSong("none", 0 * quiet.samples, quiet.beats_s, quiet.downbeats_s, 4))
    dialog = heard(window, qtbot)
    assert "No beat is heard" in dialog.said.text()
    assert not dialog.set_button.isEnabled()
    dialog.reject()


def test_it_is_offered_where_a_song_has_no_tempo_yet(open_song: Open, qtbot: QtBot) -> None:
    window = open_song(drum_song("rock", steady(116, 40)))
    offer = window.side.one_click.beats
    assert not offer.isHidden()
    click(offer)
    dialog = dialog_of(window, BeatsDialog)
    qtbot.waitUntil(dialog.set_button.isEnabled, timeout=30_000)
    click(dialog.set_button)
    assert offer.isHidden()
