"""Painting automation over its lane: a veil over the clips, the curve, its points and its name."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from fanstudio.gui.timeline.curves import Floats, ShownCurve, y_of_share
from fanstudio.gui.timeline.geometry import LANE_PADDING, Geometry
from fanstudio.gui.timeline.inks import Inks, colour, pen
from fanstudio.gui.timeline.scene import Scene

_VEIL = 0.62
_RADIUS = 4.5
#: The side of the picture of a point.
_DOT = 12
_CHOSEN_RADIUS = 6.0
#: With more points than this in view a curve is drawn as a line alone.
_MOST_HANDLES = 120
#: How many pixels apart the line is looked up.
_STEP = 12
_WORDS_RIGHT, _WORDS_HEIGHT = 8, 18


def paint_automation(painter: QPainter, scene: Scene, inks: Inks, area: QRectF) -> None:
    """Draw every curve whose lane touches the area."""
    visible = scene.geometry.visible_lanes(scene.lanes)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for curve in scene.curves:
        if curve.lane in visible:
            _paint_curve(painter, scene, inks, area, curve)


def _paint_curve(painter: QPainter, scene: Scene, inks: Inks, area: QRectF, curve: ShownCurve) -> None:
    geometry = scene.geometry
    top = geometry.lane_top(curve.lane)
    veil = QRectF(area.left(), top + LANE_PADDING, area.width(), geometry.clip_height)
    painter.fillRect(veil, inks.token("canvas", _VEIL))
    scale = curve.target.scale
    rest = y_of_share(geometry, curve.lane, scale.share_of(scale.rest))
    painter.fillRect(QRectF(area.left(), round(rest), area.width(), 1), inks.token("line_strong"))
    painter.setPen(_line_pen(inks, curve))
    found = _in_view(curve, geometry, area)
    crowded = len(found) > _MOST_HANDLES
    # Single lines, and not a polyline, whose joints cost six times as much.
    painter.drawLines(_lines(curve, geometry, area, range(0) if crowded else found))
    if not crowded:
        _paint_points(painter, scene, inks, curve, found)
    _paint_words(painter, scene, inks, curve)


def _line_pen(inks: Inks, curve: ShownCurve) -> QPen:
    """Return a bold pen for a curve that rules, a thin one for a value that nothing rules."""
    if curve.enabled and curve.points:
        return pen(inks.theme.accent, 2.0)
    return pen(inks.theme.text_3, 1.0)


def _lines(curve: ShownCurve, geometry: Geometry, area: QRectF, through: range) -> list[QLineF]:
    """Return the curve across an area; straight in its values, it bends where its scale does."""
    places = np.arange(area.left() - _STEP, area.right() + 2 * _STEP, _STEP)
    exact = (_frames(curve, through) - geometry.left_frame) / geometry.frames_per_pixel
    places = np.sort(np.concatenate((places, exact)))
    down = _heights(curve, geometry, geometry.left_frame + places * geometry.frames_per_pixel)
    across = places.tolist()
    return [QLineF(*line) for line in zip(across, down, across[1:], down[1:], strict=False)]


def _paint_points(painter: QPainter, scene: Scene, inks: Inks, curve: ShownCurve, found: range) -> None:
    geometry = scene.geometry
    dot = _dot(inks.theme.accent if curve.enabled else inks.theme.text_2, inks.theme.canvas, scene.ratio)
    frames = _frames(curve, found)
    across = ((frames - geometry.left_frame) / geometry.frames_per_pixel).tolist()
    chosen = scene.point[1] if scene.point is not None and scene.point[0] == curve.strip_id else None
    for index, x, y in zip(found, across, _heights(curve, geometry, frames), strict=True):
        if index == chosen:
            words = curve.target.scale.text(curve.points[index].value)
            _paint_chosen(painter, inks, geometry, QPointF(x, y), words)
        else:
            painter.drawPixmap(QPointF(x - _DOT / 2, y - _DOT / 2), dot)


def _frames(curve: ShownCurve, found: range) -> Floats:
    return np.array([curve.points[index].frame for index in found], np.float64)


def _heights(curve: ShownCurve, geometry: Geometry, frames: Floats) -> list[float]:
    """Return the y of a curve at many frames at once."""
    top, bottom = (y_of_share(geometry, curve.lane, share) for share in (1.0, 0.0))
    heights: list[float] = (bottom + curve.shares(frames) * (top - bottom)).tolist()
    return heights


def _paint_chosen(painter: QPainter, inks: Inks, geometry: Geometry, at: QPointF, words: str) -> None:
    painter.setPen(inks.pen("canvas", 1.5))
    painter.setBrush(inks.token("text"))
    painter.drawEllipse(at, _CHOSEN_RADIUS, _CHOSEN_RADIUS)
    _paint_value(painter, inks, geometry, at, words)


@lru_cache(maxsize=32)
def _dot(ink: str, edge: str, ratio: float) -> QPixmap:
    """Return a point as a picture, which is drawn many times faster than a circle."""
    picture = QPixmap(round(_DOT * ratio), round(_DOT * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(colour(ink))
    painter.setPen(pen(edge, 1.5))
    painter.drawEllipse(QPointF(_DOT / 2, _DOT / 2), _RADIUS, _RADIUS)
    painter.end()
    return picture


def _paint_value(painter: QPainter, inks: Inks, geometry: Geometry, at: QPointF, words: str) -> None:
    """Write the chosen point's value beside it, where there is room."""
    width = inks.badge.width(words) + 10
    left = at.x() + 10 if at.x() + 10 + width < geometry.width else at.x() - 10 - width
    _paint_chip(painter, inks, left, at.y() - _WORDS_HEIGHT / 2, width, words)


def _paint_words(painter: QPainter, scene: Scene, inks: Inks, curve: ShownCurve) -> None:
    """Say at the lane's right, where names of clips rarely are, what the curve rules, and whether it does."""
    words = curve.target.title
    if not curve.points:
        words += " · double click to add a point"
    elif not curve.enabled:
        words += " · off"
    top = scene.geometry.lane_top(curve.lane) + LANE_PADDING + 4
    width = inks.badge.width(words) + 10
    _paint_chip(painter, inks, scene.geometry.width - width - _WORDS_RIGHT, top, width, words)


def _paint_chip(painter: QPainter, inks: Inks, left: float, top: float, width: float, words: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks.token("raised"))
    painter.drawRoundedRect(QRectF(left, top, width, _WORDS_HEIGHT), 4, 4)
    painter.setPen(inks.token("text"))
    inks.badge.draw(painter, left + 5, top + 12.5, words)


def _in_view(curve: ShownCurve, geometry: Geometry, area: QRectF) -> range:
    reach = _CHOSEN_RADIUS * geometry.frames_per_pixel
    start = geometry.left_frame + area.left() * geometry.frames_per_pixel - reach
    end = geometry.left_frame + area.right() * geometry.frames_per_pixel + reach
    return curve.between(start, end)
