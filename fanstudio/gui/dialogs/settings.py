"""The settings, made from their table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QGridLayout, QLineEdit, QScrollArea, QWidget

from fanstudio.audio.device.listing import SoundDevice
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.widgets.device_choice import DeviceChoice
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.widgets.numbers import number_field
from fanstudio.gui.workspace import Workspace
from fanstudio.settings import SETTINGS, Setting, Value
from fanstudio.studio.sound import SoundDevices, list_sound_devices

_WIDTH = 560
#: What a sheet is higher than its body, and a margin to the window.
_AROUND = 190
_SOUND = ("sound_output", "sound_input")


class SettingsDialog(Sheet):
    """One row a setting; a change holds at once."""

    def __init__(self, parent: QWidget, appearance: Appearance, workspace: Workspace) -> None:
        """Show the present values."""
        super().__init__(parent, appearance, "Settings", width=_WIDTH)
        self._workspace = workspace
        self.fields: dict[str, QWidget] = {}
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(0, 1)
        for row, setting in enumerate(shown_settings()):
            field = self._field(setting)
            field.setAccessibleName(setting.text)
            field.setFixedWidth(220)
            self.fields[setting.name] = field
            grid.addWidget(label(setting.text, "muted", wraps=True), row, 0)
            grid.addWidget(field, row, 1)
        self.body.addWidget(_scrolled(inner, parent.window().height() - _AROUND))
        self.add_button("Close", self.accept, primary=True)
        self.run(
            workspace.bridge,
            "Sound devices",
            list_sound_devices,
            done=self._offer_devices,
            failed=self._offer_no_devices,
        )

    def _field(self, setting: Setting) -> QWidget:
        value = self._workspace.settings.get(setting.name)
        if setting.name in _SOUND:
            return self._device(setting, str(value))
        if setting.choices:
            return self._choice(setting, value)
        if isinstance(value, bool):
            return self._check(setting, value)
        if isinstance(value, float):
            return self._number(setting, value)
        return self._text(setting, str(value))

    def _choice(self, setting: Setting, value: Value) -> QComboBox:
        field = QComboBox()
        for choice in setting.choices:
            field.addItem(str(choice), choice)
        field.setCurrentIndex(setting.choices.index(value))
        field.activated.connect(lambda index: self._set(setting.name, setting.choices[index]))
        return field

    def _check(self, setting: Setting, value: bool) -> QCheckBox:
        field = QCheckBox("On")
        field.setChecked(value)
        field.clicked.connect(lambda on: self._set(setting.name, on))
        return field

    def _number(self, setting: Setting, value: float) -> QWidget:
        field = number_field(setting.text, -40.0, 0.0, value)
        field.valueChanged.connect(lambda number: self._set(setting.name, number))
        return field

    def _text(self, setting: Setting, value: str) -> QLineEdit:
        field = QLineEdit(value)
        field.editingFinished.connect(lambda: self._set(setting.name, field.text().strip()))
        return field

    def _device(self, setting: Setting, label: str) -> DeviceChoice:
        field = DeviceChoice(label)
        field.picked.connect(lambda picked: self._set(setting.name, picked))
        return field

    def _offer_devices(self, devices: SoundDevices) -> None:
        for name, offered in zip(_SOUND, (devices.outputs, devices.inputs), strict=True):
            self._choice_of(name).offer(offered, _default_name(offered, name))

    def _offer_no_devices(self, error: BaseException) -> bool:
        for name in _SOUND:
            self._choice_of(name).give_up(str(error))
        return True

    def _choice_of(self, name: str) -> DeviceChoice:
        field = self.fields[name]
        assert isinstance(field, DeviceChoice)
        return field

    def _set(self, name: str, value: Value) -> None:
        if value != self._workspace.settings.get(name):
            self._workspace.set_setting(name, value)


def _scrolled(inner: QWidget, most_height: int) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    area.setFixedHeight(min(most_height, inner.heightForWidth(_WIDTH - 48) + 4))
    return area


def shown_settings() -> tuple[Setting, ...]:
    """Return the rows that a person changes; those that the program keeps for itself are left out."""
    kept = {"recent_projects", "round_trips", "mixer_shown"}
    return tuple(setting for setting in SETTINGS if setting.name not in kept)


def _default_name(devices: Sequence[SoundDevice], setting: str) -> str:
    """Return the name of the system's default among outputs or inputs."""
    for device in devices:
        if device.is_default_output if setting == "sound_output" else device.is_default_input:
            return device.name
    return ""
