"""Painting clips whose audio files are missing or changed: hatched, with what is wrong at the foot."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt

from fanstudio.gui.timeline.inks import CLIP_RADIUS
from fanstudio.gui.timeline.paint_lane import MIN_WIDTH_FOR_WORDS, Brush, Placed, paint_words
from fanstudio.gui.timeline.paint_splitting import paint_foot_words


def paint_offline(brush: Brush, placed: Placed, words: str) -> None:
    """Draw over a clip that its source cannot be read, and why."""
    painter, body, inks = brush.painter, placed.body, brush.inks
    painter.setPen(inks.pen("text_3"))
    painter.setBrush(inks.hatching)
    if placed.box.width < MIN_WIDTH_FOR_WORDS:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRect(QRectF(*body))
        return
    painter.drawRoundedRect(QRectF(*body), CLIP_RADIUS, CLIP_RADIUS)
    paint_words(painter, inks, placed)
    paint_foot_words(brush, placed, body.x, words)
