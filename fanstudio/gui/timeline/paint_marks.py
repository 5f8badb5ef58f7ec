"""Painting what marks a clip for now: selection, handles, why it is denied, a name scrolled away."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from fanstudio.gui.timeline.geometry import Box, Geometry
from fanstudio.gui.timeline.hit import MIN_WIDTH_FOR_HANDLES, fade_handles
from fanstudio.gui.timeline.inks import CLIP_RADIUS, Inks
from fanstudio.gui.timeline.paint_lane import MIN_WIDTH_FOR_WORDS, NAME_LEFT, Placed, paint_words
from fanstudio.gui.timeline.scene import Scene
from fanstudio.model.session import Clip


def marked_clips(scene: Scene, clips: tuple[Clip, ...]) -> list[Clip]:
    """Return the clips that are selected, denied or under the pointer."""
    ids = scene.selected | scene.denied.keys() | {scene.hovered}
    return [clip for clip in clips if clip.id in ids]


def paint_marks(painter: QPainter, scene: Scene, inks: Inks, placed: Placed) -> None:
    """Draw what marks a clip on top of it."""
    selected = placed.clip.id in scene.selected
    reason = scene.denied.get(placed.clip.id)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if reason is not None:
        _paint_denied(painter, inks, placed, reason)
    if selected:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(inks.pen("text", 1.5))
        painter.drawRoundedRect(_inside(placed.body, 0.75), CLIP_RADIUS, CLIP_RADIUS)
    if (selected or placed.clip.id == scene.hovered) and placed.box.width >= MIN_WIDTH_FOR_HANDLES:
        _paint_handles(painter, scene.geometry, inks, placed)


def name_is_away(inks: Inks, placed: Placed) -> bool:
    """Tell whether a clip is there but its name is left of the screen."""
    return placed.box.right > 0 and placed.box.x + NAME_LEFT + inks.name.width(placed.clip.name) < 0


def paint_name_at_edge(painter: QPainter, inks: Inks, placed: Placed) -> None:
    """Draw the name of a clip whose left end is scrolled away."""
    painter.setPen(inks.token("text_2" if placed.silent else "text"))
    room = placed.box.right - 2 * NAME_LEFT
    if room >= MIN_WIDTH_FOR_WORDS:
        inks.name.draw(painter, NAME_LEFT, placed.box.y + 15, placed.clip.name, room)


def _inside(box: Box, inset: float) -> QRectF:
    width, height = max(1.0, box.width - 2 * inset), box.height - 2 * inset
    return QRectF(box.x + inset, box.y + inset, width, height)


def _paint_denied(painter: QPainter, inks: Inks, placed: Placed, reason: str) -> None:
    box = placed.body
    painter.setBrush(inks.stripes)
    painter.setPen(inks.pen("deny"))
    painter.drawRoundedRect(_inside(box, 0.5), CLIP_RADIUS, CLIP_RADIUS)
    if placed.box.width >= MIN_WIDTH_FOR_WORDS:
        paint_words(painter, inks, placed)
    left = max(box.x, 0.0) + 8
    room = box.right - 8 - left
    if room < MIN_WIDTH_FOR_WORDS:
        return
    words = inks.label.elided(reason, int(room - 12))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks.token("canvas", 0.9))
    painter.drawRoundedRect(QRectF(left, box.bottom - 26, inks.label.width(words) + 12, 19), 5, 5)
    painter.setPen(inks.token("text"))
    inks.label.draw(painter, left + 6, box.bottom - 13, words)


def _paint_handles(painter: QPainter, geometry: Geometry, inks: Inks, placed: Placed) -> None:
    painter.setPen(inks.pen("canvas"))
    painter.setBrush(inks.token("text"))
    for x, y in fade_handles(placed.clip, geometry, placed.box):
        painter.drawEllipse(QPointF(x, y), 4.0, 4.0)
