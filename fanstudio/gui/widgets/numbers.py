"""Fields for numbers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox

#: These put a number's last figure under that of a time in a plain field.
_LEFT, _RIGHT = 8, 12


def number_field(
    name: str, lowest: float, highest: float, value: float, *, decimals: int = 1, unit: str = ""
) -> QDoubleSpinBox:
    """Return a field that tells of a number when it is entered, not at every key; `name` is spoken."""
    field = QDoubleSpinBox(minimum=lowest, maximum=highest, decimals=decimals, value=value)
    field.setAccessibleName(name)
    field.setSuffix(f" {unit}" if unit else "")
    field.setKeyboardTracking(False)
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    field.lineEdit().setTextMargins(_LEFT, 0, _RIGHT, 0)
    return field
