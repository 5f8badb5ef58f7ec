"""Stretching and transposing in the window: rows, commands, drafts while rendering, cards and badges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fanstudio.audio.draft import Draft
from fanstudio.gui.dialogs.clip_list import _clip_words
from fanstudio.gui.dialogs.fit_tempo import FitTempoDialog, tapped_bpm
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.timeline.badges import badge, warp_words
from fanstudio.model import edits
from fanstudio.model.session import Clip, Stem
from fanstudio.model.warp import Warp
from fanstudio.paths import cache_dir
from tests.support.desk import RATE, dialog_of, make_project, open_window


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qapp, make_project(tmp_path, (Stem.VOCALS, Stem.DRUMS, Stem.OTHER))) as opened:
        opened.workspace.select_clips([clip.id for clip in opened.workspace.session.tracks[0].clips])
        yield opened


def clip_of(window: MainWindow, lane: int = 0) -> Clip:
    return window.workspace.session.tracks[lane].clips[0]


def wait_for_renditions(qtbot: QtBot, window: MainWindow) -> None:
    warps = window.workspace.warps
    qtbot.waitUntil(lambda: bool(warps.drafts), timeout=5_000)
    qtbot.waitUntil(lambda: not warps.drafts and not window.side.jobs.cards, timeout=30_000)


def test_the_inspector_sets_speed_and_pitch(qtbot: QtBot, window: MainWindow) -> None:
    rows = window.side.inspector.warp
    assert (rows.speed.value(), rows.bpm.value(), rows.pitch.value()) == (100.0, 120.0, 0.0)
    assert rows.formants.isChecked()
    rows.speed.setValue(80.0)
    rows.pitch.setValue(-2.0)
    assert clip_of(window).warp == Warp(1.25, -2.0, keep_formants=True)
    assert clip_of(window).length == 5 * RATE
    assert rows.bpm.value() == 96.0
    rows.bpm.setValue(60.0)
    assert clip_of(window).stretch == 2.0
    rows.formants.click()
    assert clip_of(window).warp == Warp(2.0, -2.0)
    steps = [step.label for step in window.workspace.document.history.past][-4:]
    assert steps == ["Set speed", "Set pitch", "Set speed", "Keep formants"]


def test_a_draft_plays_until_the_rendition_is_there(qtbot: QtBot, window: MainWindow) -> None:
    window.side.inspector.warp.pitch.setValue(3.0)
    pool, clip = window.workspace.project.pool, clip_of(window)
    source = window.workspace.session.source(clip.source)
    assert isinstance(pool.samples_now(source, RATE, clip.warp), Draft)
    wait_for_renditions(qtbot, window)
    assert pool.ready(source, RATE, clip.warp)
    assert not window.stage.timeline.state.drafts


def test_a_warp_that_nobody_wants_any_more_is_cancelled(qtbot: QtBot, window: MainWindow) -> None:
    window.side.inspector.warp.speed.setValue(25.0)
    warps, bridge = window.workspace.warps, window.workspace.bridge
    qtbot.waitUntil(lambda: any("Rendering" in task.job.title for task in bridge.tasks), timeout=5_000)
    [task] = [task for task in bridge.tasks if "Rendering" in task.job.title]
    assert window.stage.timeline.state.drafts == warps.drafts
    assert set(warps.drafts.values()) == {"Draft · rendering"}
    window.commands.edit.undo()
    qtbot.waitUntil(lambda: task.job.done and not warps.drafts, timeout=10_000)
    assert not window.workspace.project.pool.unfinished()


def test_the_song_moves_but_the_drums_stay(window: MainWindow) -> None:
    window.actions_["song_down"].trigger()
    window.actions_["song_down"].trigger()
    warps = [track.clips[0].warp for track in window.workspace.session.tracks]
    assert warps == [Warp(1, -2, keep_formants=True), None, Warp(1, -2)]


def test_commands_change_the_selected_clips_alone(window: MainWindow) -> None:
    assert not window.actions_["unwarp"].isEnabled()
    window.actions_["pitch_up"].trigger()
    assert [track.clips[0].warp is None for track in window.workspace.session.tracks] == [False, True, True]
    window.actions_["unwarp"].trigger()
    assert clip_of(window).warp is None


def test_clips_are_fitted_to_the_sessions_tempo(window: MainWindow) -> None:
    window.actions_["fit_tempo"].trigger()
    dialog = dialog_of(window, FitTempoDialog)
    assert dialog.bpm.value() == 120.0
    dialog.bpm.setValue(90.0)
    dialog._accept()
    assert clip_of(window).stretch == 0.75


def test_taps_give_a_tempo() -> None:
    assert tapped_bpm([]) is None
    assert tapped_bpm([1.0]) is None
    assert tapped_bpm([1.0, 1.5, 2.0, 2.5]) == pytest.approx(120)
    assert tapped_bpm([1.0, 1.001]) == 400.0


def test_what_is_stretched_says_so() -> None:
    assert warp_words(Warp(0.8)) == "×1.25"
    assert warp_words(Warp(1.0, 2.0)) == "+2 st"
    assert warp_words(Warp(2.0, -0.5)) == "×0.5 · −0.5 st"
    assert warp_words(Warp(1 / 0.93, -1.25637)) == "×0.93 · −1.26 st"
    assert (
        badge(Clip("c", "s", "C", 0, 0, 10, muted=True, warp=Warp(0.8, 3)), None) == "×1.25 · +3 st · muted"
    )


def test_the_list_of_clips_says_so_too(window: MainWindow) -> None:
    window.actions_["pitch_up"].trigger()
    clip = clip_of(window)
    window.workspace.apply("Mute", lambda session: edits.mute_clip(session, clip.id, True))
    assert _clip_words(window.workspace.session, clip_of(window))[-1] == "+1 st, muted"


def test_what_cannot_be_rendered_stays_a_draft_and_says_so(qtbot: QtBot, window: MainWindow) -> None:
    renditions = cache_dir() / "renditions"
    assert not renditions.exists()
    renditions.write_bytes(b"in the way")
    window.side.inspector.warp.pitch.setValue(1.0)
    warps = window.workspace.warps
    qtbot.waitUntil(lambda: set(warps.drafts.values()) == {"Draft"}, timeout=20_000)
    assert window.stage.timeline.state.drafts == warps.drafts
    renditions.unlink()
    window.commands.edit.undo()
    qtbot.waitUntil(lambda: not warps.drafts, timeout=5_000)
    window.commands.edit.redo()
    wait_for_renditions(qtbot, window)
