"""The equaliser's curve: how much of each frequency passes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from fanstudio.audio.effects.equaliser import Equaliser
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.theme import make_font
from fanstudio.gui.tokens import CARD_RADIUS

_HEIGHT = 116
_LOW_HZ, _HIGH_HZ = 20.0, 20_000.0
_SPAN_DB = 24.0
_POINTS = 160
_LINES_HZ = ((100.0, "100"), (1_000.0, "1k"), (10_000.0, "10k"))
_LINES_DB = (-12.0, 0.0, 12.0)


class ResponseCurve(QWidget):
    """Draws the gain from 20 Hz to 20 kHz, ±24 dB; it is a picture of the values below it."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        """Draw a flat line."""
        super().__init__(parent)
        self._appearance = appearance
        self._hertz = np.geomspace(_LOW_HZ, _HIGH_HZ, _POINTS)
        self._gains_db = np.zeros(_POINTS)
        self._shown: tuple[object, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Frequency response")
        appearance.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return a height that leaves room for the values."""
        return QSize(200, _HEIGHT)

    def show_values(self, values: Mapping[str, float], sample_rate: int) -> None:
        """Draw an equaliser's values at a rate."""
        shown = (sample_rate, *values.items())
        if shown != self._shown:
            self._shown = shown
            self._gains_db = Equaliser.response_db(values, sample_rate, self._hertz)
            self.update()

    def gain_at(self, hertz: float) -> float:
        """Return the gain in dB that is drawn at a frequency."""
        return float(np.interp(hertz, self._hertz, self._gains_db))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground, lines and the curve."""
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QPainterPath()
        ground.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), CARD_RADIUS, CARD_RADIUS)
        painter.fillPath(ground, QColor(theme.canvas))
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawPath(ground)
        painter.setClipPath(ground)
        self._paint_grid(painter)
        line = self._curve()
        area = QPainterPath(line)
        area.lineTo(self.width(), self._y(0.0))
        area.lineTo(0, self._y(0.0))
        tint = QColor(theme.accent)
        tint.setAlphaF(0.16)
        painter.fillPath(area, tint)
        painter.strokePath(line, QPen(QColor(theme.accent), 2))

    def _paint_grid(self, painter: QPainter) -> None:
        theme = self._appearance.theme
        painter.setFont(make_font(10))
        for level_db in _LINES_DB:
            painter.setPen(QPen(QColor(theme.line_strong if level_db == 0 else theme.line), 1))
            painter.drawLine(QPointF(0, self._y(level_db)), QPointF(self.width(), self._y(level_db)))
        for hertz, text in _LINES_HZ:
            x = self.width() * float(np.log(hertz / _LOW_HZ) / np.log(_HIGH_HZ / _LOW_HZ))
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
            painter.setPen(QColor(theme.text_3))
            corner = QRectF(x + 4, self.height() - 16, 40, 14)
            painter.drawText(corner, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _curve(self) -> QPainterPath:
        path = QPainterPath()
        step = self.width() / (_POINTS - 1)
        for index, gain_db in enumerate(self._gains_db):
            point = QPointF(index * step, self._y(float(gain_db)))
            path.lineTo(point) if index else path.moveTo(point)
        return path

    def _y(self, gain_db: float) -> float:
        held = min(_SPAN_DB * 1.2, max(-_SPAN_DB * 1.2, gain_db))
        return self.height() / 2 * (1 - held / _SPAN_DB)
