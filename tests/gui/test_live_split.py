"""Stems that are heard in the window while they are made: drawn, mixed, undone, cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fanstudio.gui.main_window import MainWindow
from fanstudio.jobs import Work
from fanstudio.model import project_file
from fanstudio.model.session import Stem
from fanstudio.studio.live_split import LiveSplit
from fanstudio.studio.split import SplitResult
from tests.support.desk import RATE, make_project, open_window

STEMS = [Stem.MIX, Stem.VOCALS, Stem.ACCOMPANIMENT]


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qapp, make_project(tmp_path, seconds=30)) as opened:
        yield opened


def _stems(window: MainWindow) -> list[Stem]:
    return [track.stem for track in window.workspace.session.tracks]


def _wait_for_a_piece(qtbot: QtBot, window: MainWindow) -> None:
    live = window.workspace.live
    qtbot.waitUntil(lambda: any(there for there in live.progress.values()), timeout=60_000)


def _wait_for_the_end(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.side.jobs.cards, timeout=90_000)


def _wave(window: MainWindow, lane: int) -> np.ndarray:
    """Return which columns of a lane show a waveform away from its middle line."""
    image = window.stage.timeline.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.asarray(image.constBits()).reshape(image.height(), image.width(), 4)
    middle = 40 + 112 * lane + 62
    rows = pixels[middle - 12 : middle - 4, :, 1].astype(int)
    return np.abs(rows - rows[:, -1:]).max(axis=0) > 40


def test_stems_stand_at_once_and_their_waves_fill_in(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_["stems"].trigger()
    assert _stems(window) == STEMS
    assert [head.name._label.text() for head in window.heads.heads] == ["Mix", "Vocals", "Accompaniment"]
    assert not window.actions_["stems"].isEnabled()
    assert window.actions_["instrumental"].isEnabled()
    live = window.workspace.live
    ids = [source.id for source in window.workspace.session.sources[1:]]
    assert dict(live.progress) == dict.fromkeys(ids, ())
    assert window.stage.timeline.state.splitting == live.progress
    _wait_for_a_piece(qtbot, window)
    peaks = window.stage.waveforms.peaks(window.workspace.session.sources[2])
    assert peaks is not None
    assert peaks.levels[0].any()
    _wait_for_the_end(qtbot, window)
    assert not window.stage.timeline.state.splitting
    assert all(window.stage.waveforms.peaks(source) for source in window.workspace.session.sources)
    assert window.workspace.document.history.undo_label == "Split into stems"


def test_the_wave_does_not_blink_when_the_stems_are_whole(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the very turn in which stems settle, the timeline shows their waves."""
    seen: list[np.ndarray] = []
    window.workspace.live.settled.connect(lambda _ids: seen.append(_wave(window, 2)))
    window.actions_["stems"].trigger()
    live = window.workspace.live
    qtbot.waitUntil(
        lambda: any(there and there[0][1] == 30 * RATE for there in live.progress.values()), timeout=90_000
    )
    qtbot.waitUntil(lambda: bool(seen), timeout=60_000)
    assert seen[0].mean() > 0.5


def test_mutes_answer_meanwhile_and_stay(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_["stems"].trigger()
    window.heads.heads[2].mute.click()
    _wait_for_a_piece(qtbot, window)
    window.heads.heads[1].solo.click()
    assert window.workspace.live.progress
    _wait_for_the_end(qtbot, window)
    tracks = window.workspace.session.tracks
    assert (tracks[2].muted, tracks[1].soloed) == (True, True)


def test_cancel_takes_the_stems_away_and_leaves_other_edits(qtbot: QtBot, window: MainWindow) -> None:
    before = window.workspace.session
    window.actions_["stems"].trigger()
    window.workspace.select_track(window.workspace.session.tracks[1].id)
    window.actions_["mute"].trigger()
    _wait_for_a_piece(qtbot, window)
    window.side.jobs.cards[0].stop()
    _wait_for_the_end(qtbot, window)
    assert window.workspace.session == before
    assert not window.actions_["undo"].isEnabled() or "Split" not in window.actions_["undo"].text()
    assert window.actions_["stems"].isEnabled()
    assert not window.side.jobs.notes


@pytest.mark.parametrize("known", [False, True])
def test_what_went_wrong_on_the_device_stays_to_be_read(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    note = "cuda failed while it ran: it ran out of memory"
    run = LiveSplit.run

    def run_on_a_small_device(split: LiveSplit, work: Work) -> SplitResult:
        result = run(split, work)
        return replace(result, report=replace(result.report, note=note))

    monkeypatch.setattr(LiveSplit, "run", run_on_a_small_device)
    window.commands.split.note = note if known else ""
    window.actions_["stems"].trigger()
    _wait_for_the_end(qtbot, window)
    told = [text for card in window.side.jobs.notes for text in card.texts]
    assert told == ([] if known else ["Cuda failed while it ran: it ran out of memory."])


def test_undo_cancels_the_split(qtbot: QtBot, window: MainWindow) -> None:
    before = window.workspace.session
    window.actions_["stems"].trigger()
    window.actions_["undo"].trigger()
    assert _stems(window) == [Stem.MIX]
    _wait_for_the_end(qtbot, window)
    assert window.workspace.session == before
    assert not window.actions_["redo"].isEnabled()


def test_saving_and_closing_meanwhile_asks_nothing(qtbot: QtBot, window: MainWindow) -> None:
    before = window.workspace.session
    window.actions_["stems"].trigger()
    assert not window.isWindowModified()
    window.actions_["save"].trigger()
    assert project_file.read(window.workspace.project.folder).session == before
    folder = window.workspace.project.pool.folder
    window.close()
    assert not window.isVisible()
    assert not [path for path in folder.iterdir() if path.name.startswith(".part")]


def test_opening_another_project_cancels_the_split(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    first = window.workspace.project
    window.actions_["stems"].trigger()
    window.workspace.open(make_project(tmp_path, title="Another"))
    _wait_for_the_end(qtbot, window)
    assert _stems(window) == [Stem.MIX]
    assert [track.stem for track in first.document.session.tracks] == [Stem.MIX]
    assert not window.side.jobs.notes


def test_saving_elsewhere_stops_the_split_and_says_so(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    before, first = window.workspace.session, window.workspace.project
    window.actions_["stems"].trigger()
    window.commands.project.save_to(tmp_path / "Elsewhere")
    qtbot.waitUntil(lambda: window.workspace.project is not first, timeout=30_000)
    _wait_for_the_end(qtbot, window)
    assert window.workspace.session == before
    (note,) = window.side.jobs.notes
    assert note.texts[0] == "It was stopped, for the project was saved elsewhere."


def test_the_playhead_is_followed(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.transport.locate(21 * RATE)
    window.actions_["stems"].trigger()
    _wait_for_a_piece(qtbot, window)
    there = next(iter(window.workspace.live.progress.values()))
    assert there[0][0] > 0
    window.side.jobs.cards[0].stop()
    _wait_for_the_end(qtbot, window)
