"""A lying meter for an input: its level, and a lamp that stays lit once it clipped."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.widgets.meter import height_of, level_db

_SIZE = QSize(150, 12)
_LAMP = 12
_GAP = 4
_BANDS = ((-120.0, "meter_ok"), (-12.0, "meter_hot"), (-3.0, "meter_clip"))


class InputMeter(QWidget):
    """Shows the peak of an input; a click, which is `forgiven`, puts the lamp out."""

    forgiven = Signal()

    def __init__(self, appearance: Appearance) -> None:
        """Show silence."""
        super().__init__()
        self._appearance = appearance
        self._level_db = -120.0
        self._clipped = False
        self.setFixedSize(_SIZE)
        self.setAccessibleName("Input level")
        self.show_level(0.0, clipped=False)
        appearance.changed.connect(self.update)

    def show_level(self, peak: float, *, clipped: bool) -> None:
        """Show a peak sample, and whether the input was too loud at any time."""
        now = level_db(peak)
        if (now, clipped) == (self._level_db, self._clipped) and self.toolTip():
            return
        self._level_db, self._clipped = now, clipped
        self.setToolTip(
            "Too loud: turn the microphone down. Click to put the lamp out"
            if clipped
            else "Input level: loud passages should reach the yellow"
        )
        self.setAccessibleDescription("Too loud" if clipped else f"{max(now, -60):.0f} dB")
        self.update()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Put the lamp out."""
        self.forgiven.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw groove, level and lamp."""
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.width() - _LAMP - _GAP
        groove = QPainterPath()
        groove.addRoundedRect(QRectF(0, 0, width, self.height()), 3, 3)
        lamp = QColor(theme.meter_clip if self._clipped else theme.groove)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(lamp)
        painter.drawRoundedRect(QRectF(width + _GAP, 0, _LAMP, self.height()), 3, 3)
        painter.setClipPath(groove)
        painter.fillRect(QRectF(0, 0, width, self.height()), QColor(theme.hover))
        for start_db, token in _BANDS:
            if self._level_db > start_db:
                left, right = width * height_of(start_db), width * height_of(self._level_db)
                painter.fillRect(QRectF(left, 0, right - left, self.height()), QColor(theme.colour(token)))
