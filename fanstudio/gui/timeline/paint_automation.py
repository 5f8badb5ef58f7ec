"""Painting automation over its lane: a veil over the clips, the curve, its points and its name."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from fanstudio.gui.timeline.curves import ShownCurve, y_of_share
from fanstudio.gui.timeline.geometry import LANE_PADDING, Geometry
from fanstudio.gui.timeline.inks import Inks, pen
from fanstudio.gui.timeline.scene import Scene

_VEIL = 0.62
_RADIUS = 4.5
_CHOSEN_RADIUS = 6.0
#: With more points than this in view a curve is drawn as a line alone.
_MOST_HANDLES = 300
#: How many pixels apart the line is looked up.
_STEP = 6
_WORDS_LEFT, _WORDS_HEIGHT = 8, 18


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
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_line_pen(inks, curve))
    painter.drawPolyline(_line(curve, geometry, area))
    _paint_points(painter, scene, inks, area, curve)
    _paint_words(painter, scene, inks, curve)


def _line_pen(inks: Inks, curve: ShownCurve) -> QPen:
    """Return a solid pen for a curve that rules, a dotted one for a value that nothing rules."""
    if curve.enabled and curve.points:
        return pen(inks.theme.accent, 2.0)
    dotted = QPen(pen(inks.theme.text_3, 1.5))
    dotted.setStyle(Qt.PenStyle.DashLine)
    return dotted


def _line(curve: ShownCurve, geometry: Geometry, area: QRectF) -> list[QPointF]:
    """Return the curve across an area; straight in its values, it bends where its scale does."""
    places = [area.left() + step * _STEP for step in range(-1, int(area.width() / _STEP) + 3)]
    found = _in_view(curve, geometry, area)
    if len(found) <= _MOST_HANDLES:
        places = sorted((*places, *(geometry.x_of(curve.points[index].frame) for index in found)))
    frames = (geometry.left_frame + x * geometry.frames_per_pixel for x in places)
    return [
        QPointF(x, _y(curve, geometry, curve.value_at(frame)))
        for x, frame in zip(places, frames, strict=True)
    ]


def _paint_points(painter: QPainter, scene: Scene, inks: Inks, area: QRectF, curve: ShownCurve) -> None:
    geometry = scene.geometry
    found = _in_view(curve, geometry, area)
    if len(found) > _MOST_HANDLES:
        return
    rest, chosen = inks.token("text_2" if not curve.enabled else "accent"), inks.token("text")
    painter.setPen(inks.pen("canvas", 1.5))
    for index in found:
        point = curve.points[index]
        is_chosen = scene.point == (curve.strip_id, index)
        radius = _CHOSEN_RADIUS if is_chosen else _RADIUS
        painter.setBrush(chosen if is_chosen else rest)
        centre = QPointF(geometry.x_of(point.frame), _y(curve, geometry, point.value))
        painter.drawEllipse(centre, radius, radius)
        if is_chosen:
            _paint_value(painter, inks, geometry, centre, curve.target.scale.text(point.value))
            painter.setPen(inks.pen("canvas", 1.5))


def _paint_value(painter: QPainter, inks: Inks, geometry: Geometry, at: QPointF, words: str) -> None:
    """Write the chosen point's value beside it, where there is room."""
    width = inks.badge.width(words) + 10
    left = at.x() + 10 if at.x() + 10 + width < geometry.width else at.x() - 10 - width
    _paint_chip(painter, inks, left, at.y() - _WORDS_HEIGHT / 2, width, words)


def _paint_words(painter: QPainter, scene: Scene, inks: Inks, curve: ShownCurve) -> None:
    """Say at the lane's left what the curve rules, and whether it does."""
    words = curve.target.title
    if not curve.points:
        words += " · double click to add a point"
    elif not curve.enabled:
        words += " · off"
    top = scene.geometry.lane_top(curve.lane) + LANE_PADDING + 4
    _paint_chip(painter, inks, _WORDS_LEFT, top, inks.badge.width(words) + 10, words)


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


def _y(curve: ShownCurve, geometry: Geometry, value: float) -> float:
    return y_of_share(geometry, curve.lane, curve.target.scale.share_of(value))
