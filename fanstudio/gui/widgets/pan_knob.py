"""A pan knob: left, centre or right in 24 pixels."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.widgets.knob import Knob

_STEPS = 50


def pan_text(pan: float) -> str:
    """Write a pan position: `centre`, `40 % left`."""
    percent = round(abs(pan) * 100)
    return "centre" if percent == 0 else f"{percent} % {'left' if pan < 0 else 'right'}"


class PanKnob(Knob):
    """Moves from −1 (left) to 1 (right)."""

    def __init__(self, appearance: Appearance, name: str, parent: QWidget | None = None) -> None:
        """Stand in the centre; `name` is for screen readers."""
        super().__init__(appearance, name, steps=(-_STEPS, _STEPS), origin=0, rest=0, parent=parent)

    def show_pan(self, pan: float) -> None:
        """Stand at a pan, without a signal."""
        self._stand_at(round(pan * _STEPS))

    def value_of(self, step: int) -> float:
        """Return the pan of a step."""
        return step / _STEPS

    def words(self, step: int) -> tuple[str, str]:
        """Return the pan in words, and the tooltip."""
        spoken = pan_text(step / _STEPS)
        return spoken, f"Pan: {spoken}. Drag to change, double click for the centre"
