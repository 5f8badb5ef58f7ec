"""Sound in the window: devices to choose from, and what it says when one goes away."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fanstudio.audio.device import NullOutput, Output
from fanstudio.audio.device.listing import SoundDevice
from fanstudio.errors import DeviceError
from fanstudio.gui.dialogs.settings import SettingsDialog
from fanstudio.gui.widgets.device_choice import DeviceChoice
from fanstudio.studio.playback import make_transport
from tests.support.desk import dialog_of, make_project, open_window

SPEAKER = SoundDevice(0, "Speaker", "ALSA", 0, 2, 48_000, 0.01, 0.01, is_default_output=True)
HEADPHONES = SoundDevice(3, "Headphones", "ALSA", 0, 2, 44_100, 0.01, 0.01)


class Speaker(NullOutput):
    """An output that counts as heard until its plug is pulled."""

    silent = False

    def __init__(self, sample_rate: int) -> None:
        super().__init__(sample_rate, "")
        self.pulled = False

    def room(self) -> int:
        if self.pulled:
            raise DeviceError("The sound device is gone")
        return super().room()


def shown(choice: DeviceChoice) -> list[str]:
    return [choice.itemText(index) for index in range(choice.count())]


def test_devices_are_offered_by_name_and_one_that_is_away_is_kept(qtbot: QtBot) -> None:
    choice = DeviceChoice("Headphones, ALSA")
    qtbot.addWidget(choice)
    assert choice.currentText() == "Headphones, ALSA"
    choice.offer([SPEAKER], "Speaker")
    assert shown(choice) == [
        "System default (Speaker)",
        "Speaker, ALSA",
        "Headphones, ALSA (not connected)",
    ]
    assert choice.currentIndex() == 2
    picked: list[str] = []
    choice.picked.connect(picked.append)
    choice.activated.emit(1)
    choice.offer([SPEAKER, HEADPHONES], "Speaker")
    assert choice.currentText() == "Speaker, ALSA"
    choice.activated.emit(0)
    assert picked == ["Speaker, ALSA", ""]


def test_settings_look_for_devices_and_reopen_the_sound(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    opened: list[Output] = []

    def open_speaker(rate: int) -> Output:
        opened.append(Speaker(rate))
        return opened[-1]

    with open_window(
        qapp, make_project(tmp_path), transport_of=lambda *parts: make_transport(*parts, open_speaker)
    ) as window:
        qtbot.waitUntil(lambda: len(opened) == 1)
        window.commands.view.show_settings()
        field = dialog_of(window, SettingsDialog).fields["sound_output"]
        assert isinstance(field, DeviceChoice)
        qtbot.waitUntil(lambda: field.itemText(0).startswith("System default"), timeout=20_000)
        field.picked.emit("Headphones, ALSA")
        assert window.workspace.settings.text("sound_output") == "Headphones, ALSA"
        qtbot.waitUntil(lambda: len(opened) == 2)


def test_a_device_that_goes_away_is_said_once(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    speakers: list[Speaker] = []
    away = threading.Event()

    def open_once(rate: int) -> Output:
        if away.is_set():
            raise DeviceError("No sound device")
        speakers.append(Speaker(rate))
        return speakers[-1]

    with open_window(
        qapp, make_project(tmp_path), transport_of=lambda *parts: make_transport(*parts, open_once)
    ) as window:
        notes: list[tuple[str, str]] = []
        window.workspace.bridge.noted.connect(lambda *note: notes.append(note))
        qtbot.waitUntil(lambda: bool(speakers) and not window.workspace.transport.silent)
        assert not window.top.sound.isVisible()
        window.workspace.transport.play()
        qtbot.waitUntil(lambda: window.workspace.playhead > 0)
        away.set()
        speakers[0].pulled = True
        qtbot.waitUntil(window.top.sound.isVisible)
        assert window.top.sound.text_shown == "No sound"
        assert window.top.sound.toolTip() == "The sound device is gone: playing silently."
        at = window.workspace.playhead
        qtbot.waitUntil(lambda: window.workspace.playhead > at)
        assert notes == [("No sound", "The sound device is gone: playing silently.")]
        assert [card.title for card in window.side.jobs.notes] == ["No sound"]
        away.clear()
        qtbot.waitUntil(lambda: not window.side.jobs.notes, timeout=10_000)
        assert not window.top.sound.isVisible()
