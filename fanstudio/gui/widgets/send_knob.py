"""A knob for how much of a strip goes to a bus."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.widgets.fader import decibels, gain_at, travel
from fanstudio.gui.widgets.knob import Knob

_STEPS = 100


class SendKnob(Knob):
    """Moves in dB, from −60 to +12, as a fader does; a double click goes to 0 dB."""

    def __init__(self, appearance: Appearance, name: str, parent: QWidget | None = None) -> None:
        """Stand at 0 dB; `name` is for screen readers."""
        rest = round(travel(0.0) * _STEPS)
        super().__init__(appearance, name, steps=(0, _STEPS), origin=0, rest=rest, parent=parent)

    def show_gain(self, gain_db: float) -> None:
        """Stand at a gain, without a signal; the words have it exactly."""
        self._stand_at(round(travel(gain_db) * _STEPS))
        self._say(gain_db)

    def value_of(self, step: int) -> float:
        """Return the gain in dB of a step."""
        return gain_at(step / _STEPS)

    def words(self, step: int) -> tuple[str, str]:
        """Return the gain in words, and the tooltip."""
        return _words(self.value_of(step))

    def _say(self, gain_db: float) -> None:
        spoken, tip = _words(gain_db)
        self.setAccessibleDescription(spoken)
        self.setToolTip(tip)


def _words(gain_db: float) -> tuple[str, str]:
    spoken = decibels(gain_db)
    return spoken, f"Send: {spoken}. Drag to change, double click for 0 dB, Delete to remove"
