"""The window says what splits songs and why not something better; a device asked for in vain is an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fanstudio.gui.main_window import MainWindow
from fanstudio.inference.runner import choose_device, find_obstacle
from fanstudio.studio.compute import ComputeDevice
from tests.support.desk import make_project, open_window


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qapp, make_project(tmp_path)) as opened:
        yield opened


def test_device_is_asked_for_at_the_start(qtbot: QtBot, window: MainWindow) -> None:
    window.start()
    shown = window.heads.device
    qtbot.waitUntil(lambda: shown.text() != "", timeout=10_000)
    if choose_device().name == "cpu":
        assert shown.text() == "CPU"
        assert shown.toolTip().splitlines() == choose_device().why_not.split("; ")
        assert window.commands.split.why_not == shown.toolTip()


def test_what_is_wrong_with_a_device_comes_before_why_not_a_better_one(window: MainWindow) -> None:
    window._show_device(ComputeDevice("CUDA", "3 of 122 operations stay on the CPU", "tensorrt: not there"))
    assert window.heads.device.text() == "GPU: CUDA"
    assert window.heads.device.toolTip() == "3 of 122 operations stay on the CPU\ntensorrt: not there"


@pytest.mark.skipif(not find_obstacle("cuda"), reason="this machine has CUDA")
def test_device_that_is_not_there_is_an_error_and_no_silent_cpu(qtbot: QtBot, window: MainWindow) -> None:
    window._show_device(ComputeDevice("CPU", "", ""))
    window.workspace.set_setting("compute_device", "cuda")
    qtbot.waitUntil(lambda: bool(window.side.jobs.notes), timeout=10_000)
    (note,) = window.side.jobs.notes
    assert "cuda cannot be used" in " ".join(note.texts)
    assert window.heads.device.text() == "No device"
