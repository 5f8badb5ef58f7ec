"""Painting the ruler: sections between markers, bars or seconds, and the loop strip."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from fanstudio.gui.timeline.grid import ticks
from fanstudio.gui.timeline.inks import Inks, colour
from fanstudio.gui.timeline.scene import Scene
from fanstudio.gui.timeline.sections import sections
from fanstudio.gui.tokens import RULER_HEIGHT

_SECTION_TOP, _SECTION_HEIGHT = 2, 14
_LOOP_HEIGHT = 6
_STRONG_TOP, _WEAK_TOP, _LABEL_BASE = 18, 26, 27
_PLAIN_LABEL_BASE = 20


def paint_ruler(painter: QPainter, scene: Scene, inks: Inks, area: QRectF) -> None:
    """Draw the ruler over whatever scrolled under it."""
    band = QRectF(area.left(), 0, area.width(), RULER_HEIGHT)
    painter.fillRect(band, inks.token("panel"))
    _paint_ticks(painter, scene, inks)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for name, start, end, token in sections(scene.session):
        _paint_section(painter, scene, inks, name, start, end, token)
    _paint_loop(painter, scene, inks)
    painter.fillRect(QRectF(area.left(), RULER_HEIGHT - 1, area.width(), 1), inks.token("line"))


def _paint_ticks(painter: QPainter, scene: Scene, inks: Inks) -> None:
    geometry = scene.geometry
    base = _LABEL_BASE if scene.session.markers else _PLAIN_LABEL_BASE
    weak, strong = inks.token("line", 0.55), inks.token("line")
    painter.setPen(inks.token("text_3"))
    for tick in ticks(scene.session, geometry, bars=scene.bars):
        x = round(geometry.x_of(tick.frame))
        top = _STRONG_TOP if tick.strong else _WEAK_TOP
        painter.fillRect(QRectF(x, top, 1, RULER_HEIGHT - top), strong if tick.strong else weak)
        if tick.label and x + 6 + inks.label.width(tick.label) <= geometry.width:
            inks.label.draw(painter, x + 6, base, tick.label)


def _paint_section(
    painter: QPainter, scene: Scene, inks: Inks, name: str, start: int, end: int, token: str
) -> None:
    geometry = scene.geometry
    left, right = geometry.x_of(start) + 2, geometry.x_of(end) - 2
    if right <= 0 or left >= geometry.width or right - left < 2:
        return
    value = inks.theme.colour(token)
    left, right = max(left, -8.0), min(right, geometry.width + 8)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(value, 0.16))
    painter.drawRoundedRect(QRectF(left, _SECTION_TOP, right - left, _SECTION_HEIGHT), 4, 4)
    text_left = max(left, 0.0) + 8
    room = int(right - text_left - 4)
    if room >= 12:
        painter.setPen(colour(value))
        inks.section.draw(painter, text_left, 13, name, room)


def _paint_loop(painter: QPainter, scene: Scene, inks: Inks) -> None:
    loop = scene.session.loop
    if loop is None:
        return
    geometry = scene.geometry
    left, right = geometry.x_of(loop.start), geometry.x_of(loop.end)
    if right < 0 or left > geometry.width:
        return
    left, right = max(left, -8.0), min(right, geometry.width + 8)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks.token("accent" if loop.enabled else "text_3", 1.0 if loop.enabled else 0.6))
    painter.drawRoundedRect(QRectF(left, RULER_HEIGHT - _LOOP_HEIGHT, right - left, _LOOP_HEIGHT), 3, 3)
