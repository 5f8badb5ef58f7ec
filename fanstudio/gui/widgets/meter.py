"""A level meter with a peak that holds."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fanstudio.gui.appearance import Appearance

_FLOOR_DB = -54.0
_TOP_DB = 3.0
_HOT_DB = -10.0
_CLIP_DB = -0.1
_FALL_DB_PER_S = 30.0
_HOLD_S = 1.5


def height_of(level_db: float) -> float:
    """Return how high a level stands on a meter, 0–1."""
    return min(1.0, max(0.0, (level_db - _FLOOR_DB) / (_TOP_DB - _FLOOR_DB)))


def level_db(peak: float) -> float:
    """Return a peak sample's level in dB; silence is far below the floor."""
    return 20 * math.log10(peak) if peak > 1e-6 else -120.0


class Meter(QWidget):
    """Ten pixels wide; falls back at a steady pace, so that short peaks can be seen."""

    def __init__(self, appearance: Appearance, name: str, parent: QWidget | None = None) -> None:
        """Show silence; `name` is for screen readers."""
        super().__init__(parent)
        self._appearance = appearance
        self._level_db = self._peak_db = -120.0
        self._held_since = 0.0
        self._seen = time.monotonic()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        appearance.changed.connect(self.update)

    @property
    def peak_db(self) -> float:
        """Return the peak that is held, in dB."""
        return self._peak_db

    def show_level(self, left: float, right: float) -> None:
        """Take the latest peak samples; redraws only where something moved."""
        now = time.monotonic()
        fallen = self._level_db - _FALL_DB_PER_S * (now - self._seen)
        self._seen = now
        level = max(level_db(max(left, right)), fallen, -120.0)
        peak = self._peak_db
        if level >= peak or now - self._held_since > _HOLD_S:
            peak, self._held_since = level, now
        if (level, peak) != (self._level_db, self._peak_db):
            self._level_db, self._peak_db = level, peak
            self.setToolTip(f"Peak {peak:.1f} dB" if peak > _FLOOR_DB else "")
            self.update()

    def sizeHint(self) -> QSize:
        """Return the meter's width and a height that gives way."""
        return QSize(10, 88)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar in up to three colours, and the peak as a line."""
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), 3, 3)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), QColor(theme.hover))
        bands = ((_FLOOR_DB, "meter_ok"), (_HOT_DB, "meter_hot"), (_CLIP_DB, "meter_clip"))
        for start_db, token in bands:
            if self._level_db > start_db:
                top, bottom = self._y(self._level_db), self._y(start_db)
                painter.fillRect(QRectF(0, top, self.width(), bottom - top), QColor(theme.colour(token)))
        if self._peak_db > _FLOOR_DB:
            token = next(token for start_db, token in reversed(bands) if self._peak_db > start_db)
            painter.setPen(Qt.PenStyle.NoPen)
            y = min(self._y(self._peak_db), self.height() - 2)
            painter.fillRect(QRectF(0, y, self.width(), 2), QColor(theme.colour(token)))

    def _y(self, at_db: float) -> float:
        return self.height() * (1 - height_of(at_db))
