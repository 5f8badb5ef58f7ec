"""A field for a time on the timeline, as `0:42.318` or in seconds."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from fanstudio.gui.theme import make_font
from fanstudio.model.timebase import clock, frames_of

_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?)\s*s?", re.ASCII)


def parse_clock(text: str, sample_rate: int) -> int | None:
    """Return the frame of `42.3`, `0:42.318` or `1:02:03`; None where it is not a time."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None or len(text) > 32:
        return None
    hours, minutes, seconds = match.groups(default="0")
    whole = int(hours) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
    return frames_of(whole, sample_rate)


class TimeEdit(QLineEdit):
    """Emits `entered` with a frame when the user typed another time; nonsense is put back."""

    entered = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Show zero; `name` is for screen readers."""
        super().__init__(parent)
        self.setFont(make_font())
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName(name)
        self._frame = 0
        self._sample_rate = 48_000
        self.editingFinished.connect(self._take)

    def show_frame(self, frame: int, sample_rate: int) -> None:
        """Show a frame as a time."""
        self._frame = frame
        self._sample_rate = sample_rate
        if not self.isModified() or not self.hasFocus():
            self.setText(clock(frame, sample_rate))

    def _take(self) -> None:
        frame = parse_clock(self.text(), self._sample_rate) if self.isModified() else None
        self.setModified(False)
        self.setText(clock(self._frame, self._sample_rate))
        if frame is not None and frame != self._frame:
            self.entered.emit(frame)
