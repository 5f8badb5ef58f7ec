"""Painting what lies over everything: playhead, rubber band, drop mark, focus ring."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from fanstudio.gui.timeline.inks import Inks
from fanstudio.gui.timeline.scene import Scene
from fanstudio.gui.tokens import FOCUS_WIDTH, RULER_HEIGHT

#: Half the width of what the playhead covers, its head included.
PLAYHEAD_REACH = 8
_HEAD = ((-6.5, 0.0), (6.5, 0.0), (6.5, 9.0), (0.0, 16.0), (-6.5, 9.0))


def paint_overlay(painter: QPainter, scene: Scene, inks: Inks) -> None:
    """Draw the marks that lie over the clips and the ruler."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if scene.band is not None:
        painter.setBrush(inks.token("accent", 0.12))
        painter.setPen(inks.pen("accent"))
        painter.drawRect(QRectF(*scene.band))
    if scene.drop_at is not None:
        _paint_drop(painter, scene, inks, *scene.drop_at)
    _paint_playhead(painter, scene, inks)
    if scene.has_focus:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(inks.pen("focus", FOCUS_WIDTH))
        inset = FOCUS_WIDTH / 2
        size = (scene.geometry.width - FOCUS_WIDTH, scene.geometry.height - FOCUS_WIDTH)
        painter.drawRect(QRectF(inset, inset, *size))


def _paint_playhead(painter: QPainter, scene: Scene, inks: Inks) -> None:
    x = scene.geometry.x_of(scene.playhead)
    if not -PLAYHEAD_REACH <= x <= scene.geometry.width + PLAYHEAD_REACH:
        return
    painter.setPen(inks.pen("text", 1.5))
    painter.drawLine(QLineF(x, 0, x, scene.geometry.height))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks.token("text"))
    painter.drawPolygon(QPolygonF([QPointF(x + dx, y) for dx, y in _HEAD]))


def _paint_drop(painter: QPainter, scene: Scene, inks: Inks, frame: int, lane: int) -> None:
    geometry = scene.geometry
    x = geometry.x_of(frame)
    top = max(float(RULER_HEIGHT), geometry.lane_top(lane))
    rest = QRectF(x, top + 8, max(8.0, geometry.width - x), geometry.lane_height - 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks.token("accent", 0.16))
    painter.drawRoundedRect(rest, 8, 8)
    painter.setPen(inks.pen("accent", 2.0))
    painter.drawLine(QLineF(x, top, x, top + geometry.lane_height))
