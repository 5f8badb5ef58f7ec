"""A field for a value of an effect, written with its unit and read in any: `2.4 kHz`, `2400`, `25 %`."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from fanstudio.audio.effects.effect import Parameter
from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.parameter_scale import is_share, value_text

_NUMBER = re.compile(r"\s*([-−+]?\d*[.,]?\d+)\s*(k?)", re.IGNORECASE)
_WIDTH = 72


def parse_value(row: Parameter, text: str) -> float | None:
    """Return the value that a text means, or None; it may be out of range."""
    found = _NUMBER.match(text)
    if found is None:
        return None
    number = float(found[1].replace("−", "-").replace(",", "."))
    if found[2]:
        number *= 1_000
    return number / 100 if is_share(row) else number


class ValueField(QDoubleSpinBox):
    """Tells of a value when it is entered, not at every key."""

    def __init__(self, row: Parameter, name: str, parent: QWidget | None = None) -> None:
        """Show the default; `name` is spoken."""
        super().__init__(parent)
        self._row = row
        set_role(self, "value")
        self.setKeyboardTracking(False)
        self.setDecimals(6)
        self.setRange(row.low, row.high)
        self.setSingleStep((row.high - row.low) / 100)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.show_value(row.default)

    def show_value(self, value: float) -> None:
        """Show a value, without a signal."""
        self.blockSignals(True)
        self.setValue(value)
        self.blockSignals(False)

    def textFromValue(self, value: float) -> str:
        """Write a value with its unit."""
        return value_text(self._row, value)

    def valueFromText(self, text: str) -> float:
        """Read a value; what is out of range is held at its ends, what is none changes nothing."""
        value = parse_value(self._row, text)
        return self.value() if value is None else min(self._row.high, max(self._row.low, value))

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        """Let anything be typed; it is read at the end."""
        return QValidator.State.Acceptable, text, pos

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel's scrolling."""
        event.ignore()
