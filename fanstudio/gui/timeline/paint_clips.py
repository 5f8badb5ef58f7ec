"""Painting clips: tinted body, waveform, fades, name, badge, frame, and why one is not permitted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from fanstudio.gui.timeline.badges import badge, colour, is_silent
from fanstudio.gui.timeline.fades import fade_gain
from fanstudio.gui.timeline.geometry import Box
from fanstudio.gui.timeline.hit import MIN_WIDTH_FOR_HANDLES, fade_handles, visible_clips
from fanstudio.gui.timeline.inks import Inks, elide, pen
from fanstudio.gui.timeline.inks import colour as ink
from fanstudio.gui.timeline.paint_dense import is_dense, paint_dense_lane
from fanstudio.gui.timeline.paint_waves import paint_wave, wave_of
from fanstudio.gui.timeline.scene import Scene
from fanstudio.gui.timeline.tile_jobs import BODY_OPACITY, SILENT, WAVE_OPACITY, Material
from fanstudio.gui.timeline.tiles import TileStore
from fanstudio.model.session import Clip, Source, Track

RADIUS = 8.0
_MIN_WIDTH_FOR_TEXT = 30
_MIN_WIDTH_FOR_ROUND = 12
_BORDER_OPACITY = 0.45
_CURVE_STEPS = 24
#: Beyond any screen; edges farther away are drawn here, for painting counts in 32 bits.
_FAR = 20_000.0


@dataclass(frozen=True, slots=True)
class Painted:
    """A clip with everything that its painting needs."""

    clip: Clip
    box: Box
    colour: str
    silent: bool
    source: Source | None


def paint_clips(
    painter: QPainter,
    scene: Scene,
    inks: Inks,
    area: Box,
    store: TileStore,
    material: Callable[[Source], Material],
) -> None:
    """Draw every clip that touches an area, lane by lane."""
    sources = {source.id: source for source in scene.session.sources}
    geometry = scene.geometry
    start = geometry.left_frame + area.x * geometry.frames_per_pixel
    end = geometry.left_frame + area.right * geometry.frames_per_pixel
    for lane in geometry.visible_lanes(len(scene.session.tracks)):
        track = scene.session.tracks[lane]
        clips = visible_clips(track, start, end)
        if is_dense(track, geometry):
            paint_dense_lane(painter, scene, inks, area, lane, store, sources, material)
            shown = [_prepare(scene, inks, track, clip, lane, sources) for clip in _marked(scene, clips)]
        else:
            shown = [_prepare(scene, inks, track, clip, lane, sources) for clip in clips]
            _paint_lane(painter, scene, area, store, material, shown)
        for painted in shown:
            paint_top(painter, scene, inks, painted)


def _marked(scene: Scene, clips: tuple[Clip, ...]) -> Iterator[Clip]:
    """Yield the clips of a dense lane that are wide enough for words, or selected, or denied."""
    wide = scene.geometry.frames(_MIN_WIDTH_FOR_TEXT)
    for clip in clips:
        if clip.length >= wide or clip.id in scene.selected or clip.id in scene.denied:
            yield clip


def _prepare(
    scene: Scene, inks: Inks, track: Track, clip: Clip, lane: int, sources: dict[str, Source]
) -> Painted:
    source = sources.get(clip.source)
    box = scene.geometry.clip_box(clip, lane)
    return Painted(
        clip, box, colour(inks.theme, track, source), is_silent(scene.session, track, clip), source
    )


def _paint_lane(
    painter: QPainter,
    scene: Scene,
    area: Box,
    store: TileStore,
    material: Callable[[Source], Material],
    shown: list[Painted],
) -> None:
    for painted in shown:
        _paint_body(painter, painted)
    painter.save()
    painter.scale(1 / scene.ratio, 1 / scene.ratio)
    for painted in shown:
        if painted.source is not None:
            painter.setOpacity(WAVE_OPACITY * (SILENT if painted.silent else 1.0))
            wave = wave_of(painted.clip, painted.box, painted.colour, scene.geometry, scene.ratio, area)
            paint_wave(painter, wave, store, partial(material, painted.source))
    painter.restore()


def _paint_body(painter: QPainter, painted: Painted) -> None:
    opacity = BODY_OPACITY * (SILENT if painted.silent else 1.0)
    rounded = painted.box.width >= _MIN_WIDTH_FOR_ROUND
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, rounded)
    if not rounded:
        painter.fillRect(_rect(painted.box), ink(painted.colour, opacity))
        return
    painter.setBrush(ink(painted.colour, opacity))
    border = _BORDER_OPACITY * (SILENT if painted.silent else 1.0)
    painter.setPen(pen(painted.colour, 1.0, border))
    painter.drawRoundedRect(_rect(painted.box, 0.5), RADIUS, RADIUS)


def paint_top(painter: QPainter, scene: Scene, inks: Inks, painted: Painted) -> None:
    """Draw what stands on a clip's waveform: fades, name, badge, stripes, frame and handles."""
    clip, box = painted.clip, painted.box
    selected = clip.id in scene.selected
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if clip.fade_in or clip.fade_out:
        _paint_fades(painter, scene, inks, painted)
    reason = scene.denied.get(clip.id)
    if reason is not None:
        _paint_denied(painter, inks, box, reason)
    if box.width >= _MIN_WIDTH_FOR_TEXT:
        _paint_words(painter, scene, inks, painted)
    if selected:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(inks.pen("text", 1.5))
        painter.drawRoundedRect(_rect(box, 0.75), RADIUS, RADIUS)
    if (selected or clip.id == scene.hovered) and box.width >= MIN_WIDTH_FOR_HANDLES:
        _paint_handles(painter, scene, inks, painted)


def _rect(box: Box, inset: float = 0.0) -> QRectF:
    """Return a clip's rectangle, half a pixel of gap at either side."""
    side = 0.5 + inset
    left, right = max(box.x + side, -_FAR), min(box.right - side, _FAR)
    return QRectF(left, box.y + inset, max(1.0, right - left), box.height - 2 * inset)


def _paint_fades(painter: QPainter, scene: Scene, inks: Inks, painted: Painted) -> None:
    clip, geometry = painted.clip, scene.geometry
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(inks.pen("text", 1.0, 0.7))
    for start, length in ((0, clip.fade_in), (clip.length - clip.fade_out, clip.fade_out)):
        if length:
            painter.drawPath(_curve(clip, start, length, painted.box, geometry.wave_box(painted.box), scene))


def _curve(clip: Clip, start: int, length: int, box: Box, wave: Box, scene: Scene) -> QPainterPath:
    path = QPainterPath()
    for step in range(_CURVE_STEPS + 1):
        frame = start + length * step / _CURVE_STEPS
        x = box.x + frame / scene.geometry.frames_per_pixel
        point = QPointF(x, wave.bottom - wave.height * fade_gain(clip, frame))
        if step:
            path.lineTo(point)
        else:
            path.moveTo(point)
    return path


def _paint_words(painter: QPainter, scene: Scene, inks: Inks, painted: Painted) -> None:
    """Draw name and badge where they can be seen, also while the clip's left edge is scrolled away."""
    box = painted.box
    left = max(box.x, 0.0) + 10
    right = min(box.right, scene.geometry.width) - 6
    words = badge(painted.clip, painted.source)
    width = inks.badge_metrics.horizontalAdvance(words) + 10 if words else 0.0
    if words and right - width >= left + 24:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(inks.token("canvas", 0.7))
        painter.drawRoundedRect(QRectF(right - width, box.y + 5, width, 16), 4, 4)
        painter.setPen(inks.token("text"))
        painter.setFont(inks.badge_font)
        painter.drawText(QPointF(right - width + 5, box.y + 16.5), words)
        right -= width + 6
    room = int(right - left)
    if room >= 8:
        painter.setPen(inks.token("text_2" if painted.silent else "text"))
        painter.setFont(inks.name_font)
        name = elide(painted.clip.name, inks.name_font.toString(), room)
        painter.drawText(QPointF(left, box.y + 15), name)


def _paint_denied(painter: QPainter, inks: Inks, box: Box, reason: str) -> None:
    painter.setBrush(inks.stripes)
    painter.setPen(inks.pen("deny"))
    painter.drawRoundedRect(_rect(box, 0.5), RADIUS, RADIUS)
    left = max(box.x, 0.0) + 8
    room = box.right - 8 - left
    if room < _MIN_WIDTH_FOR_TEXT:
        return
    words = elide(reason, inks.label_font.toString(), int(room - 12))
    width = inks.label_metrics.horizontalAdvance(words) + 12
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks.token("canvas", 0.9))
    painter.drawRoundedRect(QRectF(left, box.bottom - 26, width, 19), 5, 5)
    painter.setPen(inks.token("text"))
    painter.setFont(inks.label_font)
    painter.drawText(QPointF(left + 6, box.bottom - 13), words)


def _paint_handles(painter: QPainter, scene: Scene, inks: Inks, painted: Painted) -> None:
    painter.setPen(inks.pen("canvas", 1.0))
    painter.setBrush(inks.token("text"))
    for x, y in fade_handles(painted.clip, scene.geometry, painted.box):
        painter.drawEllipse(QPointF(x, y), 4.0, 4.0)
