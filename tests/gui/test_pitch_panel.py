"""The pitch panel: what is sung over the original, how well they agree, tuning and fitting from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from fanstudio.gui.actions import clips_to_tune
from fanstudio.gui.dialogs.fit_singer import FitSingerDialog
from fanstudio.gui.dialogs.key import KeyDialog, describe_key
from fanstudio.gui.dialogs.tune import TuneDialog
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.timeline.badges import badge
from fanstudio.gui.tokens import DARK, channels
from fanstudio.inference.key import KeyEstimate
from fanstudio.model import edits
from fanstudio.model.scale import Key, Mode
from fanstudio.model.session import Stem
from fanstudio.studio.pitch_lane import lane_track, lay_out
from fanstudio.studio.tune import is_tuned
from tests.support.booth import Booth
from tests.support.covers import EARLY, GAP_S, NOTE_S, RATE, Cover, make_cover
from tests.support.desk import dialog_of, make_project, open_window

Opened = tuple[MainWindow, Cover]


@pytest.fixture
def opened(qapp: QApplication, tmp_path: Path) -> Iterator[Opened]:
    cover = make_cover(tmp_path)
    with open_window(qapp, cover.project) as window:
        yield window, cover


def show_panel(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_P)
    wait_idle(window, qtbot)


def wait_idle(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until no job with a card is left."""
    qtbot.waitUntil(
        lambda: not [task for task in window.workspace.bridge.tasks if task.shown], timeout=20_000
    )


def select(window: MainWindow, cover: Cover) -> None:
    window.workspace.select_clips([cover.clip])


def steps(window: MainWindow) -> list[str]:
    return [step.label for step in window.workspace.document.history.past]


def wait_for(qtbot: QtBot, true: Callable[[], bool]) -> None:
    qtbot.waitUntil(true, timeout=20_000)


def test_the_panel_is_hidden_at_first_hears_nothing_and_comes_and_goes_by_p(
    opened: Opened, qtbot: QtBot
) -> None:
    window, cover = opened
    assert window.pitch.isHidden()
    assert cover.pitches.at_hand(cover.source()) is None
    assert window.commands.voice.hearing.at_hand(cover.source()) is None
    show_panel(window, qtbot)
    assert not window.pitch.isHidden()
    assert window.commands.voice.hearing.at_hand(cover.source()) is not None
    QTest.keyClick(window, Qt.Key.Key_P)
    assert window.pitch.isHidden()


def test_the_fans_voice_is_shown_with_its_score(opened: Opened, qtbot: QtBot) -> None:
    window, _ = opened
    show_panel(window, qtbot)
    assert window.pitch.voice.text() == "My voice"
    assert window.pitch.score.text().endswith(" %")
    assert int(window.pitch.score.text()[:-2]) > 80
    assert "in tune with the original" in window.pitch.detail.text()


def test_the_lane_follows_the_selected_track(opened: Opened, qtbot: QtBot) -> None:
    window, cover = opened
    show_panel(window, qtbot)
    window.workspace.select_track(cover.original)
    assert window.pitch.voice.text() == "Vocals"
    window.workspace.select_track(cover.drums)
    assert window.pitch.voice.text() == "My voice"


def test_what_is_sung_under_the_pointer_is_told(opened: Opened, qtbot: QtBot) -> None:
    window, _ = opened
    show_panel(window, qtbot)
    roll, geometry = window.pitch.roll, window.stage.timeline.view_geometry()
    middle_of_first_note = EARLY + (GAP_S + NOTE_S / 2) * RATE
    words = roll.reading_at(geometry.x_of(middle_of_first_note))
    assert words.startswith("A3, ")
    assert words.endswith("cents high")
    assert 15 < int(words.split()[1]) < 45
    assert roll.reading_at(geometry.x_of(0)) == ""


def test_lines_are_drawn_in_their_colours(opened: Opened, qtbot: QtBot) -> None:
    window, _ = opened
    show_panel(window, qtbot)
    image = window.pitch.roll.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = pixels[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)

    def share(close_to: tuple[int, int, int], within: int) -> float:
        return float((np.abs(pixels - close_to).max(axis=2) < within).mean())

    assert share(channels(DARK.text), 30) > 0.002
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    assert float(((red > green + 30) & (red > blue + 10)).mean()) > 0.005


def test_a_click_puts_the_playhead_there(opened: Opened, qtbot: QtBot) -> None:
    window, _ = opened
    show_panel(window, qtbot)
    QTest.mouseClick(window.pitch.roll, Qt.MouseButton.LeftButton, pos=QPoint(200, 40))
    assert window.workspace.playhead == window.stage.timeline.view_geometry().frame_at(200)


def test_the_roll_keeps_in_step_with_the_timeline(opened: Opened, qtbot: QtBot) -> None:
    window, _ = opened
    show_panel(window, qtbot)
    window.stage.zoom_in()
    window.stage.zoom_in()
    geometry = window.stage.timeline.view_geometry()
    frame = geometry.frame_at(50)
    QTest.mouseClick(window.pitch.roll, Qt.MouseButton.LeftButton, pos=QPoint(50, 40))
    assert window.workspace.playhead == frame
    assert (
        window.pitch.roll.mapToGlobal(QPoint(0, 0)).x() == window.stage.timeline.mapToGlobal(QPoint(0, 0)).x()
    )


def test_tuning_takes_the_clips_place_as_one_step_and_says_what_it_did(opened: Opened, qtbot: QtBot) -> None:
    window, cover = opened
    show_panel(window, qtbot)
    select(window, cover)
    window.actions_["tune"].trigger()
    dialog = dialog_of(window, TuneDialog)
    assert dialog.back_button.isHidden()
    dialog.strength.setValue(100)
    before = len(steps(window))
    QTest.mouseClick(dialog.tune_button, Qt.MouseButton.LeftButton)
    wait_for(qtbot, lambda: is_tuned(cover.source()))
    wait_idle(window, qtbot)
    assert steps(window)[before:] == ["Tune the voice"]
    assert "A minor" in window.pitch.detail.text()
    assert "cents off before" in window.pitch.detail.text()
    assert badge(cover.session.clip(cover.clip)[1], cover.source()) == "tuned"
    assert int(window.pitch.score.text()[:-2]) >= 98


def test_tuning_can_be_taken_back_and_shows_how_it_was_done(opened: Opened, qtbot: QtBot) -> None:
    window, cover = opened
    recording = cover.source()
    select(window, cover)
    window.commands.voice.open_tune()
    dialog = dialog_of(window, TuneDialog)
    dialog.strength.setValue(40)
    dialog.speed.choose("0.6")
    dialog.melody.setChecked(False)
    dialog.key.setCurrentIndex(dialog.key.findData("E minor"))
    QTest.mouseClick(dialog.tune_button, Qt.MouseButton.LeftButton)
    wait_for(qtbot, lambda: is_tuned(cover.source()))
    assert cover.session.key == "E minor"
    assert steps(window)[-1] == "Tune the voice"
    window.commands.voice.open_tune()
    again = dialog_of(window, TuneDialog)
    assert (again.strength.value(), again.speed.value, again.melody.isChecked()) == (40, "0.6", False)
    assert again.key.currentData() == "E minor"
    QTest.mouseClick(again.back_button, Qt.MouseButton.LeftButton)
    assert cover.source() == recording
    assert steps(window)[-1] == "Take tuning back"


def test_tuning_is_offered_for_voices_alone(opened: Opened) -> None:
    window, cover = opened
    assert [clip.id for clip in clips_to_tune(window.workspace.situation)] == [cover.clip]
    select(window, cover)
    assert window.actions_["tune"].isEnabled()
    window.workspace.select_track(cover.drums)
    assert window.workspace.selected_track == cover.drums
    assert not window.actions_["tune"].isEnabled()
    window.workspace.select_track(cover.singer)
    assert window.actions_["tune"].isEnabled()


def test_the_song_is_moved_to_the_singer(opened: Opened, qtbot: QtBot) -> None:
    window, cover = opened
    window.actions_["fit_singer"].trigger()
    wait_idle(window, qtbot)
    dialog = dialog_of(window, FitSingerDialog)
    assert "It is best left as it is" in dialog.reason.text()
    assert "Drums and what you recorded stay" in " ".join(said.text() for said in dialog.findChildren(QLabel))
    assert not dialog.move_button.isEnabled()
    dialog.lowest.setCurrentIndex(dialog.lowest.findText("E3"))
    dialog.highest.setCurrentIndex(dialog.highest.findText("B3"))
    dialog.lowest.activated.emit(dialog.lowest.currentIndex())
    assert dialog.semitones.value() == -5
    assert "5 semitones lower" in dialog.reason.text()
    QTest.mouseClick(dialog.move_button, Qt.MouseButton.LeftButton)
    warps = {track.id: track.clips[0].warp for track in cover.session.tracks}
    assert warps[cover.chords] is not None
    assert warps[cover.chords].semitones == -5
    assert warps[cover.singer] is None
    assert steps(window)[-1] == "Transpose −5 for the singer"


def test_what_is_sung_shows_while_it_is_recorded(
    opened: Opened, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, _ = opened
    show_panel(window, qtbot)
    booth = Booth(tmp_path / "live.wav", [60, 64], RATE, 0)
    monkeypatch.setattr(window, "_show_recording", lambda: window.pitch.follow(booth))

    def shows_accent() -> bool:
        image = window.pitch.roll.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        pixels = pixels[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)
        return int((np.abs(pixels - channels(DARK.accent)).max(axis=2) < 25).sum()) > 40

    wait_for(qtbot, shows_accent)
    monkeypatch.undo()
    booth.recorder.close()
    wait_for(qtbot, lambda: not window.workspace.bridge.tasks)


def test_the_key_is_heard_and_set(opened: Opened, qtbot: QtBot) -> None:
    window, cover = opened
    window.actions_["key"].trigger()
    dialog = dialog_of(window, KeyDialog)
    wait_for(qtbot, lambda: "A minor" in dialog.heard.text())
    assert dialog.key.currentData() == "A minor"
    dialog.key.setCurrentIndex(dialog.key.findData("C major"))
    QTest.mouseClick(dialog.set_button, Qt.MouseButton.LeftButton)
    assert cover.session.key == "C major"
    assert steps(window)[-1] == "Set key"
    window.actions_["key"].trigger()
    again = dialog_of(window, KeyDialog)
    wait_for(qtbot, lambda: "A minor" in again.heard.text())
    assert again.key.currentData() == "C major"
    again.reject()


def test_the_key_sheet_can_be_closed_while_it_listens(opened: Opened, qtbot: QtBot) -> None:
    window, _ = opened
    window.actions_["key"].trigger()
    dialog_of(window, KeyDialog).reject()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    wait_for(qtbot, lambda: not window.workspace.bridge.tasks)
    assert not window.findChildren(KeyDialog)


def test_a_key_is_said_as_surely_as_it_is_known() -> None:
    key, second = Key(9, Mode.MINOR), Key(0, Mode.MAJOR)
    assert describe_key(None) == "Nothing with a pitch is heard."
    assert describe_key(KeyEstimate(key, 0.8, 0.0, second)) == "It sounds like A minor."
    assert "or else C major" in describe_key(KeyEstimate(key, 0.2, 1.0, second))
    assert describe_key(KeyEstimate(key, 0.0, 20.0, second)).endswith("Its A is tuned to 445 Hz.")


def test_without_a_voice_it_says_so(qapp: QApplication, tmp_path: Path, qtbot: QtBot) -> None:
    with open_window(qapp, make_project(tmp_path, (Stem.DRUMS, Stem.OTHER))) as window:
        show_panel(window, qtbot)
        assert window.pitch.roll.accessibleDescription().startswith("Record yourself")
        assert not window.actions_["fit_singer"].isEnabled()


def test_noise_for_a_voice_says_that_none_is_heard(qapp: QApplication, tmp_path: Path, qtbot: QtBot) -> None:
    with open_window(qapp, make_project(tmp_path, (Stem.VOCALS, Stem.OTHER))) as window:
        show_panel(window, qtbot)
        assert window.pitch.roll.accessibleDescription() == "No single voice is heard here."


def test_a_cancelled_hearing_is_not_begun_again_by_itself(opened: Opened, qtbot: QtBot) -> None:
    window, cover = opened
    QTest.keyClick(window, Qt.Key.Key_P)
    for task in window.workspace.bridge.tasks:
        task.job.cancel()
    wait_idle(window, qtbot)
    hearing = window.commands.voice.hearing
    heard = {source.id for source in cover.session.sources if hearing.at_hand(source)}
    window.workspace.session_changed.emit()
    assert not [task for task in window.workspace.bridge.tasks if task.shown]
    assert {source.id for source in cover.session.sources if hearing.at_hand(source)} == heard


def test_an_original_an_octave_away_is_drawn_beside_the_voice(tmp_path: Path) -> None:
    from fanstudio.jobs import Work

    cover = make_cover(tmp_path, octave=-1)
    for source in cover.session.sources[1:]:
        cover.pitches.hear(Work(), source)
    track = lane_track(cover.session, None)
    assert track is not None
    assert track.id == cover.singer
    lane = lay_out(cover.session, track, cover.pitches.at_hand)
    assert lane.octaves == 1
    assert lane.agreement.in_tune > 0.9
    note, cents = lane.reading(EARLY + (GAP_S + NOTE_S / 2) * RATE)
    assert note == pytest.approx(45.3, abs=0.2)
    assert cents == pytest.approx(30, abs=12)


def test_a_trimmed_clip_shows_what_is_left_of_it(tmp_path: Path) -> None:
    from fanstudio.jobs import Work

    cover = make_cover(tmp_path)
    cover.project.document.apply("Trim", lambda session: edits.trim_start(session, cover.clip, 20_000))
    for source in cover.session.sources[1:]:
        cover.pitches.hear(Work(), source)
    lane = lay_out(cover.session, cover.session.track(cover.singer), cover.pitches.at_hand)
    clip = cover.session.clip(cover.clip)[1]
    assert clip.position <= lane.sung[0].frames[0] < clip.position + 0.016 * RATE
    assert lane.sung[0].frames[-1] < clip.end
