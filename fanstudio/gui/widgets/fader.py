"""A fader: a slider of decibels."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from fanstudio.gui.widgets.gesture_slider import GestureSlider
from fanstudio.model.mixer import MAX_GAIN_DB, MIN_GAIN_DB
from fanstudio.model.session import Stem

_STEP_DB = 0.5
_FINE_DB = 0.1


def travel(gain_db: float) -> float:
    """Return how far up a fader stands, 0–1: the upper half holds the last 20 dB."""
    share = (gain_db - MIN_GAIN_DB) / (MAX_GAIN_DB - MIN_GAIN_DB)
    return min(1.0, max(0.0, share)) ** 2


def gain_at(position: float) -> float:
    """Return the gain in dB of a fader's travel, in tenths; near 0 dB it is 0."""
    gain_db = MIN_GAIN_DB + (MAX_GAIN_DB - MIN_GAIN_DB) * min(1.0, max(0.0, position)) ** 0.5
    return 0.0 if abs(gain_db) < 0.15 else round(gain_db, 1)


def decibels(gain_db: float) -> str:
    """Write a gain with its sign: `−3.1 dB`, `0.0 dB`, `+2.0 dB`."""
    if gain_db <= MIN_GAIN_DB:
        return "−∞ dB"
    sign = "−" if gain_db <= -0.05 else "+" if gain_db >= 0.05 else ""
    return f"{sign}{abs(gain_db):.1f} dB"


class Fader(GestureSlider):
    """Moves in dB; the wheel and the arrow keys step by half a decibel, with Shift by a tenth."""

    def __init__(
        self,
        name: str,
        stem: Stem | None = None,
        parent: QWidget | None = None,
        *,
        orientation: Qt.Orientation = Qt.Orientation.Horizontal,
    ) -> None:
        """Stand at 0 dB; `name` is for screen readers."""
        super().__init__(name, 0.0, parent, orientation=orientation)
        self.setToolTip("Gain: drag, or turn the wheel; double click for 0 dB")
        if stem is not None:
            self.setProperty("stem", stem.value)
        self.show_gain(0.0)

    @property
    def gain_db(self) -> float:
        """Return the gain in dB."""
        return self._value

    def show_gain(self, gain_db: float) -> None:
        """Stand at a gain, without a signal."""
        self.show_value(gain_db)

    def share_of(self, value: float) -> float:
        """Return how far up a gain stands."""
        return travel(value)

    def value_at(self, share: float) -> float:
        """Return the gain of a place."""
        return gain_at(share)

    def stepped(self, value: float, steps: float, *, fine: bool) -> float:
        """Return the gain some steps away."""
        return value + steps * (_FINE_DB if fine else _STEP_DB)

    def held(self, value: float) -> float:
        """Return a gain in tenths, within the range."""
        return min(MAX_GAIN_DB, max(MIN_GAIN_DB, round(value, 1)))

    def words(self, value: float) -> str:
        """Return the gain in words."""
        return decibels(value)
