"""Painting what lies under the clips: lanes and the grid of bars or seconds."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from fanstudio.gui.timeline.grid import ticks
from fanstudio.gui.timeline.inks import Inks, colour
from fanstudio.gui.timeline.scene import Scene
from fanstudio.gui.tokens import RULER_HEIGHT, blend

_WEAK = 0.55


def paint_lanes(painter: QPainter, scene: Scene, inks: Inks, area: QRectF) -> None:
    """Fill an area with the canvas and draw the grid and the lines between lanes."""
    painter.fillRect(area, inks.token("canvas"))
    _paint_grid(painter, scene, inks, area)
    geometry = scene.geometry
    line = inks.token("line")
    for lane in geometry.visible_lanes(max(scene.lanes, len(scene.session.tracks))):
        painter.fillRect(QRectF(area.left(), geometry.lane_top(lane + 1) - 1, area.width(), 1), line)


def _paint_grid(painter: QPainter, scene: Scene, inks: Inks, area: QRectF) -> None:
    geometry = scene.geometry
    weak = colour(blend(inks.theme.line, inks.theme.canvas, _WEAK))
    strong = inks.token("line")
    height = geometry.height - RULER_HEIGHT
    for tick in ticks(scene.session, geometry, bars=scene.bars):
        x = round(geometry.x_of(tick.frame))
        if area.left() - 1 <= x <= area.right():
            painter.fillRect(QRectF(x, RULER_HEIGHT, 1, height), strong if tick.strong else weak)
