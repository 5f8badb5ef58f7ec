"""The choice of a sound device: the system's default, those that are there, and one that is away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from fanstudio.audio.device.listing import SoundDevice

_TOOLTIP = Qt.ItemDataRole.ToolTipRole


class DeviceChoice(QComboBox):
    """Offers devices by their label; emits `picked` with it, empty for the system's default."""

    picked = Signal(str)

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        """Show the label that is chosen now; `offer` tells what else there is."""
        super().__init__(parent)
        self._label = label
        self.addItem("Looking for devices…", "")
        if label:
            self.addItem(label, label)
        self.setCurrentIndex(self.count() - 1)
        self.activated.connect(self._pick)

    def offer(self, devices: Sequence[SoundDevice], default: str) -> None:
        """Offer these devices; `default` is the name of the system's, empty where it has none."""
        self.clear()
        self.addItem(f"System default ({default})" if default else "System default", "")
        for device in devices:
            self.addItem(device.label, device.label)
            self.setItemData(self.count() - 1, f"{device.sample_rate} Hz", _TOOLTIP)
        place = self.findData(self._label)
        if place < 0:
            self.addItem(f"{self._label} (not connected)", self._label)
            place = self.count() - 1
        self.setCurrentIndex(place)

    def give_up(self, why: str) -> None:
        """Say why no devices can be listed."""
        self.setItemText(0, "System default")
        self.setToolTip(why)

    def _pick(self, index: int) -> None:
        self._label = str(self.itemData(index))
        self.picked.emit(self._label)
