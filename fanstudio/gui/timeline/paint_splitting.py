"""Painting clips that are still being made: what of a stem is there, and what plays as a draft."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QRectF, Qt

from fanstudio.gui.timeline.inks import CLIP_RADIUS
from fanstudio.gui.timeline.inks import colour as ink
from fanstudio.gui.timeline.paint_lane import MIN_WIDTH_FOR_WORDS, Brush, Placed, paint_words
from fanstudio.gui.timeline.scene import Scene, Stretches

_VEIL_OPACITY = 0.6
_LINE_HEIGHT = 3
_WORDS_HEIGHT = 19
_PAD = 6


def paint_splitting(brush: Brush, there: Stretches, placed: Placed) -> None:
    """Draw how far the source of a clip is, on top of the clip."""
    painter, body, inks = brush.painter, placed.body, brush.inks
    gaps = tuple(_spans(brush, placed, _gaps(placed, there)))
    painter.save()
    painter.setClipRect(QRectF(*body))
    for left, right in _spans(brush, placed, there):
        line = QRectF(left, body.bottom - _LINE_HEIGHT, right - left, _LINE_HEIGHT)
        painter.fillRect(line, ink(placed.colour))
    for left, right in gaps:
        veil = QRectF(left, body.y, right - left, body.height)
        painter.setClipRect(veil.intersected(QRectF(*body)))
        painter.fillRect(veil, inks.token("canvas", _VEIL_OPACITY))
        if placed.box.width >= MIN_WIDTH_FOR_WORDS:
            paint_words(painter, inks, placed)
    painter.restore()
    if gaps:
        paint_foot_words(brush, placed, gaps[0][0], describe_progress(placed, there))


def paint_draft(brush: Brush, scene: Scene, placed: Placed) -> None:
    """Write on a stretched clip that it is not rendered yet."""
    if placed.clip.warp is not None:
        words = scene.drafts[placed.clip.source, placed.clip.warp]
        paint_foot_words(brush, placed, placed.body.x, words)


def describe_progress(placed: Placed, there: Stretches) -> str:
    """Return in words how much of a clip's source is there: `Splitting 42 %`."""
    length = placed.source.length if placed.source else placed.clip.length
    return f"Splitting {round(100 * sum(end - start for start, end in there) / max(1, length))} %"


def _gaps(placed: Placed, there: Stretches) -> Iterator[tuple[int, int]]:
    clip = placed.clip
    first, last = round(clip.offset / clip.stretch), round((clip.offset + clip.length) / clip.stretch)
    edges = ((0, first), *there, (last, 0))
    for (_, end), (start, _) in pairwise(edges):
        yield max(end, first), start


def _spans(
    brush: Brush, placed: Placed, stretches: Iterator[tuple[int, int]] | Stretches
) -> Iterator[tuple[float, float]]:
    """Yield the parts of stretches of the source that the clip plays, from x to x."""
    clip, geometry = placed.clip, brush.geometry
    for span in stretches:
        start, end = (round(frame * clip.stretch) for frame in span)
        first = geometry.x_of(clip.position + max(start, clip.offset) - clip.offset)
        last = geometry.x_of(clip.position + min(end, clip.offset + clip.length) - clip.offset)
        if max(first, 0.0) < min(last, geometry.width):
            yield max(first, -1.0), min(last, geometry.width + 1.0)


def paint_foot_words(brush: Brush, placed: Placed, x: float, words: str) -> None:
    """Write how it stands with a clip at its foot, from `x` on, where there is room."""
    painter, inks, body = brush.painter, brush.inks, placed.body
    width = inks.label.width(words) + 2 * _PAD
    left = min(max(x, body.x, 0.0) + _PAD, min(body.right, brush.geometry.width) - width - _PAD)
    if left < max(body.x, 0.0):
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks.token("canvas", 0.85))
    top = body.bottom - _LINE_HEIGHT - 4 - _WORDS_HEIGHT
    painter.drawRoundedRect(QRectF(left, top, width, _WORDS_HEIGHT), CLIP_RADIUS - 3, CLIP_RADIUS - 3)
    painter.setPen(inks.token("text"))
    inks.label.draw(painter, left + _PAD, top + 13, words)
