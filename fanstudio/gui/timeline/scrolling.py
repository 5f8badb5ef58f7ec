"""Scroll bars and wheels: pixels and steps to frames and back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollBar

from fanstudio.gui.timeline.geometry import Geometry

#: A wheel's turn by this many eighths of a degree doubles the zoom.
_DOUBLING = 360.0
#: A notch of a wheel, in eighths of a degree, and the pixels it scrolls.
_NOTCH, _NOTCH_PIXELS = 120.0, 56.0
#: Scroll bars count ints; a long session at a close zoom has more pixels than those hold.
_MAX_STEPS = 1_000_000_000


class ScrollBars:
    """Keeps two scroll bars in step with what shows; `busy` while it sets them."""

    def __init__(self, horizontal: QScrollBar, vertical: QScrollBar) -> None:
        """Take the bars of a scroll area."""
        self._horizontal = horizontal
        self._vertical = vertical
        self._frames_per_step = 1.0
        self._left_frame = 0.0
        self.busy = False

    def show(self, geometry: Geometry, length: int, tracks: int) -> None:
        """Set both bars' ranges and places."""
        last = max(geometry.last_left(length), geometry.left_frame)
        self._frames_per_step = max(geometry.frames_per_pixel, last / _MAX_STEPS)
        self._left_frame = geometry.left_frame
        self.busy = True
        _set(self._horizontal, last / self._frames_per_step, geometry.width, self._step(geometry.left_frame))
        lowest = max(geometry.last_top(tracks), geometry.top)
        _set(self._vertical, lowest, geometry.height, geometry.top)
        self.busy = False

    def read(self) -> tuple[float, int]:
        """Return the left frame and the height that the bars stand for."""
        moved = self._horizontal.value() != self._step(self._left_frame)
        left = self._horizontal.value() * self._frames_per_step if moved else self._left_frame
        return left, self._vertical.value()

    def _step(self, frame: float) -> int:
        return round(frame / self._frames_per_step)


def wheel_zoom(event: QWheelEvent) -> float:
    """Return the factor by which a wheel's turn zooms in."""
    return float(2.0 ** (event.angleDelta().y() / _DOUBLING))


def wheel_pixels(event: QWheelEvent, *, vertical: bool) -> tuple[float, float]:
    """Return how far right and down a wheel's turn scrolls; Shift, or no room below, turns it sideways."""
    fine = event.pixelDelta()
    if fine.isNull():
        across = event.angleDelta().x() / _NOTCH * _NOTCH_PIXELS
        down = event.angleDelta().y() / _NOTCH * _NOTCH_PIXELS
    else:
        across, down = float(fine.x()), float(fine.y())
    if across == 0 and (not vertical or event.modifiers() & Qt.KeyboardModifier.ShiftModifier):
        across, down = down, 0.0
    return -across, -down


def _set(bar: QScrollBar, last: float, page: float, value: int) -> None:
    bar.setRange(0, max(round(last), value))
    bar.setPageStep(max(1, int(page)))
    bar.setSingleStep(int(_NOTCH_PIXELS))
    bar.setValue(value)
