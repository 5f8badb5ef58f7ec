"""Recording in the window: arming, the strip, takes, and what is said where there is no microphone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from fanstudio.audio.both_ways import NO_INPUT, BothWays
from fanstudio.audio.device import NullOutput, Output
from fanstudio.audio.wav import GrowingWav
from fanstudio.gui.commands.record import NEW_TRACK
from fanstudio.gui.dialogs.round_trip import RoundTripDialog
from fanstudio.gui.dialogs.takes import TakesDialog
from fanstudio.gui.main_window import MainWindow
from fanstudio.model import edits, take_edits
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Basis, Operation
from fanstudio.model.session import Stem
from fanstudio.model.voice_edits import put_in_place
from fanstudio.studio import recordings
from fanstudio.studio.project import Project
from fanstudio.studio.recordings import Note
from tests.support.desk import RATE, dialog_of, make_project, open_window
from tests.support.inputs import Clocked
from tests.support.sounds import noise


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, (Stem.VOCALS, Stem.ACCOMPANIMENT))


@pytest.fixture
def inputs(monkeypatch: pytest.MonkeyPatch) -> list[Clocked]:
    """Let every arming open a clocked input; return those that were opened."""
    opened: list[Clocked] = []

    def open_both(self: BothWays, sample_rate: int) -> Output:
        opened.append(Clocked(rate=sample_rate))
        self._listen(opened[-1])
        return NullOutput(sample_rate, "")

    monkeypatch.setattr(BothWays, "__call__", open_both)
    return opened


@pytest.fixture
def window(qapp: QApplication, project: Project) -> Iterator[MainWindow]:
    with open_window(qapp, project) as opened:
        yield opened


def press(window: MainWindow, key: Qt.Key, shift: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(window.windowHandle(), key, modifier)
    QApplication.processEvents()


def voice(window: MainWindow):
    return window.workspace.session.tracks[-1]


def ready(window: MainWindow) -> bool:
    armed = window.commands.record.armed
    return armed is not None and armed.ready


def settle_keeping(qtbot: QtBot, window: MainWindow, takes: int) -> None:
    qtbot.waitUntil(
        lambda: len(voice(window).takes) == takes and not window.workspace.bridge.tasks, timeout=20_000
    )


@pytest.mark.usefixtures("inputs")
def test_r_records_on_a_new_track_and_r_stops(qtbot: QtBot, window: MainWindow) -> None:
    window.workspace.set_setting("count_in_bars", 0)
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.commands.record.live is not None)
    assert voice(window).name == NEW_TRACK
    assert window.record.isVisible()
    assert window.actions_["record"].text() == "Stop recording"
    qtbot.waitUntil(window.growing.isVisible, timeout=10_000)
    qtbot.waitUntil(lambda: window.workspace.playhead > RATE // 2)
    press(window, Qt.Key.Key_R)
    settle_keeping(qtbot, window, 1)
    qtbot.waitUntil(lambda: not window.growing.isVisible())
    assert not window.workspace.transport.playing
    (take,) = voice(window).takes
    assert take.position == 0
    assert take.length > RATE // 3
    source = window.workspace.session.source(take.source)
    assert (source.origin.basis, source.stem) == (Basis.RECORDED, Stem.VOCALS)
    assert window.actions_["undo"].text() == f"Undo Record on “{NEW_TRACK}”"
    window.actions_["undo"].trigger()
    assert [track.name for track in window.workspace.session.tracks] == ["Vocals", "Accompaniment"]


@pytest.mark.usefixtures("inputs")
def test_what_was_done_while_recording_stays_a_step_of_its_own(qtbot: QtBot, window: MainWindow) -> None:
    window.workspace.set_setting("count_in_bars", 0)
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.commands.record.live is not None and window.workspace.playhead > RATE // 2)
    window.workspace.apply("Rename", lambda session: edits.rename_session(session, "Else"))
    press(window, Qt.Key.Key_R)
    settle_keeping(qtbot, window, 1)
    steps = [step.label for step in window.workspace.document.history.past]
    assert steps[-3:] == ["Add track", "Rename", f"Record on “{NEW_TRACK}”"]


@pytest.mark.usefixtures("inputs")
def test_space_ends_a_recording_and_keeps_it(qtbot: QtBot, window: MainWindow) -> None:
    window.workspace.set_setting("count_in_bars", 0)
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.commands.record.live is not None and window.workspace.playhead > RATE // 2)
    press(window, Qt.Key.Key_Space)
    settle_keeping(qtbot, window, 1)
    assert window.commands.record.live is None


@pytest.mark.usefixtures("inputs")
def test_stopped_while_it_counts_in_nothing_is_left(
    qtbot: QtBot, window: MainWindow, project: Project
) -> None:
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.workspace.transport.sent() is not None)
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: not window.workspace.bridge.tasks, timeout=10_000)
    assert voice(window).takes == ()
    assert recordings.unfinished(project.pool) == ()
    assert window.workspace.playhead == 0


def test_arming_shows_the_strip_and_the_level(
    qtbot: QtBot, window: MainWindow, inputs: list[Clocked]
) -> None:
    assert not window.record.isVisible()
    head = window.heads.heads[0]
    QTest.mouseClick(head.arm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ready(window))
    assert window.record.isVisible()
    assert window.record.track.text() == "Vocals"
    qtbot.waitUntil(lambda: "dB" in window.record.meter.accessibleDescription())
    qtbot.waitUntil(lambda: window.record.microphone.text_shown == "Clock")
    QTest.mouseClick(window.heads.heads[1].arm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ready(window) and window.record.track.text() == "Accompaniment")
    assert not head.arm.isChecked()
    qtbot.waitUntil(lambda: inputs[0].closed)
    press(window, Qt.Key.Key_R, shift=True)
    QTest.mouseClick(window.record.close_button, Qt.MouseButton.LeftButton)
    assert not window.record.isVisible()
    assert window.commands.record.armed is None


def test_clipping_lights_a_lamp_until_it_is_clicked(
    qtbot: QtBot, window: MainWindow, inputs: list[Clocked]
) -> None:
    window.actions_["arm"].trigger()
    qtbot.waitUntil(lambda: ready(window))
    inputs[0].sound[:] = 1.0
    qtbot.waitUntil(lambda: window.record.meter.accessibleDescription() == "Too loud")
    inputs[0].sound[:] = 0.1
    QTest.qWait(60)
    QTest.mouseClick(window.record.meter, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.record.meter.accessibleDescription() != "Too loud")


@pytest.mark.usefixtures("inputs")
def test_chips_change_how_recording_goes(window: MainWindow) -> None:
    window.actions_["arm"].trigger()
    strip, options = window.record, window.commands.record
    assert strip.count_in.text_shown == "Count-in 1 bar"
    strip.count_in.click()
    assert options.options.count_in_bars == 2
    strip.count_in.click()
    assert strip.count_in.text_shown == "Count-in off"
    press(window, Qt.Key.Key_K)
    assert options.options.metronome
    strip.punch.click()
    assert options.options.punch
    strip.channels.click()
    assert strip.channels.text_shown == "Input 2"


def test_without_a_microphone_it_says_what_to_do(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_none(self: BothWays, sample_rate: int) -> Output:
        self._listen(NO_INPUT)
        return NullOutput(sample_rate, "")

    monkeypatch.setattr(BothWays, "__call__", open_none)
    said: list[str] = []
    window.workspace.bridge.failed.connect(lambda _title, error, _safe: said.append(error.message))
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["There is no microphone to record from."]
    assert "Connect one" in window.record.words.text()
    assert window.record.microphone.text_shown == "No microphone"
    assert window.commands.record.live is None


def test_a_punch_without_a_range_says_so(qtbot: QtBot, window: MainWindow, inputs: list[Clocked]) -> None:
    said: list[str] = []
    window.workspace.bridge.failed.connect(lambda _title, error, _safe: said.append(error.hint))
    window.actions_["punch"].trigger()
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["Drag in the ruler to set one."]
    assert inputs


def test_a_microphone_that_goes_ends_the_recording_and_keeps_it(
    qtbot: QtBot, window: MainWindow, inputs: list[Clocked]
) -> None:
    said: list[tuple[str, str]] = []
    window.workspace.bridge.failed.connect(lambda title, error, _safe: said.append((title, error.message)))
    window.workspace.set_setting("count_in_bars", 0)
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.commands.record.live is not None and window.workspace.playhead > RATE // 2)
    inputs[0].gone = True
    settle_keeping(qtbot, window, 1)
    assert said == [("The recording ended", "The microphone is gone.")]
    qtbot.waitUntil(lambda: "Connect it again" in window.record.words.text())
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.commands.record.live is not None)
    assert len(inputs) == 2
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: not window.workspace.bridge.tasks)


def test_a_recording_that_was_cut_off_is_brought_back(
    qtbot: QtBot, qapp: QApplication, project: Project
) -> None:
    part = recordings.new_part(project.pool)
    growing = GrowingWav(part, RATE, 1)
    growing.write(noise(RATE, 1))
    growing._stream.close()
    recordings.write_note(part, Note("gone", "Ballad", "vocals", 400))
    with open_window(qapp) as window:
        noted: list[str] = []
        window.workspace.bridge.noted.connect(lambda title, _text: noted.append(title))
        window.workspace.open(project)
        qtbot.waitUntil(lambda: bool(voice(window).takes), timeout=10_000)
        assert voice(window).name == "Ballad"
        assert voice(window).takes[0].position == 400
        assert noted == ["A recording was brought back"]


def test_one_that_is_damaged_does_not_keep_another_from_coming_back(
    qtbot: QtBot, qapp: QApplication, project: Project
) -> None:
    for number, sound in enumerate((np.full((1, RATE), np.nan, np.float32), noise(RATE, 1))):
        part = recordings.new_part(project.pool)
        growing = GrowingWav(part, RATE, 1)
        growing.write(sound)
        growing.close()
        recordings.write_note(part, Note("gone", f"Ballad {number}", "vocals", 0))
    with open_window(qapp) as window:
        window.workspace.open(project)
        qtbot.waitUntil(lambda: not window.workspace.bridge.tasks, timeout=10_000)
        assert voice(window).name == "Ballad 1"
        assert len(window.side.jobs.notes) == 2, "one is back, the other is told"
    assert recordings.unfinished(project.pool) == ()


@pytest.mark.usefixtures("inputs")
def test_closing_amid_a_recording_loses_nothing(qtbot: QtBot, qapp: QApplication, project: Project) -> None:
    with open_window(qapp, project) as window:
        window.workspace.set_setting("count_in_bars", 0)
        press(window, Qt.Key.Key_R)
        qtbot.waitUntil(lambda: window.commands.record.live is not None)
        qtbot.waitUntil(lambda: window.workspace.playhead > RATE)
    (part,) = recordings.unfinished(project.pool)
    assert part.stat().st_size > RATE


@pytest.mark.usefixtures("inputs")
def test_the_guide_says_what_to_do_when_it_hears_nothing(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_["measure"].trigger()
    qtbot.waitUntil(lambda: ready(window))
    dialog = dialog_of(window, RoundTripDialog)
    assert isinstance(dialog, RoundTripDialog)
    dialog.measure()
    qtbot.waitUntil(dialog.measure_button.isEnabled, timeout=20_000)
    assert "Hold the headphone closer" in dialog.said.text()
    dialog.measure()
    dialog.close()


# ── takes ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def takes(window: MainWindow) -> TakesDialog:
    """Two takes of four seconds over each other, and the sheet that lists them."""
    workspace = window.workspace
    track, source = workspace.session.tracks[0].id, workspace.session.sources[0]
    for _ in range(2):
        workspace.apply("Record", lambda session: take_edits.add_take(session, track, source, 0))
    workspace.apply("Loop", lambda session: edits.set_loop(session, RATE, 2 * RATE))
    press(window, Qt.Key.Key_T)
    found = dialog_of(window, TakesDialog)
    assert isinstance(found, TakesDialog)
    return found


def press_in_row(dialog: TakesDialog, row: int, text: str) -> None:
    (found,) = [made for made in dialog.rows[row].findChildren(QPushButton) if made.text() == text]
    found.click()


def test_the_newest_take_stands_first_and_another_can_be_heard(
    takes: TakesDialog, window: MainWindow
) -> None:
    names = [row.findChildren(QLineEdit)[0].text() for row in takes.rows]
    assert names == ["Take 2", "Take 1"]
    press_in_row(takes, 1, "Use")
    assert [clip.name for clip in window.workspace.session.tracks[0].clips] == ["Take 1"]


def test_a_take_is_used_in_the_loop_range_alone(takes: TakesDialog, window: MainWindow) -> None:
    press_in_row(takes, 1, "Use here")
    clips = window.workspace.session.tracks[0].clips
    assert [(clip.name, clip.position) for clip in clips] == [
        ("Take 2", 0),
        ("Take 1", RATE),
        ("Take 2", 2 * RATE),
    ]
    window.actions_["undo"].trigger()
    assert len(window.workspace.session.tracks[0].clips) == 1


def test_a_tuned_take_is_heard_still(takes: TakesDialog, window: MainWindow) -> None:
    session = window.workspace.session
    (clip,), (sung, *_) = session.tracks[0].clips, session.sources
    tuned = replace(sung, id="f" * 64, lineage=Lineage(Operation.PITCH, (sung.id,)))
    (window.workspace.project.pool.folder / f"{tuned.id}{tuned.suffix}").write_bytes(b"")
    window.workspace.apply("Tune the voice", lambda now: put_in_place(now, clip.id, tuned))
    places = [label.text() for row in takes.rows for label in row.findChildren(QLabel)]
    assert all(place.endswith("heard") for place in places)


def test_takes_are_renamed_and_forgotten(takes: TakesDialog, window: MainWindow) -> None:
    field = takes.rows[0].findChildren(QLineEdit)[0]
    field.setText("The good one")
    field.editingFinished.emit()
    assert window.workspace.session.tracks[0].takes[1].name == "The good one"
    press_in_row(takes, 1, "Forget")
    assert len(takes.rows) == 1
    takes.accept()
    window.actions_["undo"].trigger()
