"""Painting what lies under the clips: lanes and the grid of bars or seconds."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter

from fanstudio.gui.timeline.grid import ticks
from fanstudio.gui.timeline.inks import Inks
from fanstudio.gui.timeline.scene import Scene
from fanstudio.gui.tokens import RULER_HEIGHT

_WEAK = 0.55


def paint_lanes(painter: QPainter, scene: Scene, inks: Inks, area: QRectF) -> None:
    """Fill an area with the canvas and draw the grid and the lines between lanes."""
    painter.fillRect(area, inks.token("canvas"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    _paint_grid(painter, scene, inks, area)
    geometry = scene.geometry
    painter.setPen(inks.pen("line"))
    for lane in geometry.visible_lanes(len(scene.session.tracks)):
        y = geometry.lane_top(lane + 1) - 0.5
        painter.drawLine(QLineF(area.left(), y, area.right(), y))


def _paint_grid(painter: QPainter, scene: Scene, inks: Inks, area: QRectF) -> None:
    geometry = scene.geometry
    weak: list[QLineF] = []
    strong: list[QLineF] = []
    for tick in ticks(scene.session, geometry, bars=scene.bars):
        x = round(geometry.x_of(tick.frame)) + 0.5
        if area.left() - 1 <= x <= area.right() + 1:
            (strong if tick.strong else weak).append(QLineF(x, RULER_HEIGHT, x, geometry.height))
    painter.setPen(inks.pen("line", 1.0, _WEAK))
    painter.drawLines(weak)
    painter.setPen(inks.pen("line"))
    painter.drawLines(strong)
