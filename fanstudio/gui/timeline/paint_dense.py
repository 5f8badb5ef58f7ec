"""Painting a lane of clips too small to paint singly, as one image made of tiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QPainter

from fanstudio.gui.timeline.badges import colour, is_silent
from fanstudio.gui.timeline.geometry import LANE_PADDING, Box, Geometry
from fanstudio.gui.timeline.hit import visible_clips
from fanstudio.gui.timeline.inks import Inks
from fanstudio.gui.timeline.inks import colour as ink
from fanstudio.gui.timeline.scene import Scene
from fanstudio.gui.timeline.tile_jobs import (
    BODY_OPACITY,
    SILENT,
    TILE,
    Job,
    LaneImage,
    Material,
    Strip,
    TileKey,
    lane_tile,
)
from fanstudio.gui.timeline.tiles import TileStore
from fanstudio.model.session import Source, Track

#: A lane is painted as one image where its clips have less than this width each, in pixels.
DENSE_WIDTH = 14.0


def is_dense(track: Track, geometry: Geometry) -> bool:
    """Tell whether a lane's visible clips are too small to paint singly."""
    shown = len(visible_clips(track, geometry.left_frame, geometry.right_frame))
    return shown * DENSE_WIDTH > geometry.width


def paint_dense_lane(
    painter: QPainter,
    scene: Scene,
    inks: Inks,
    area: Box,
    lane: int,
    store: TileStore,
    sources: Mapping[str, Source],
    material: Callable[[Source], Material],
) -> None:
    """Draw the tiles of a lane; where one is missing, those of another zoom or plain bodies."""
    track = scene.session.tracks[lane]
    ratio, geometry = scene.ratio, scene.geometry
    scale = geometry.frames_per_pixel / ratio
    body = _body(geometry, lane)
    top, height = round(body.y * ratio), round(body.height * ratio)
    origin = round(-geometry.left_frame / scale)
    subject = LaneImage(track.clips, _look(scene, inks, track))
    first = (round(area.x * ratio) - origin) // TILE
    last = (round(area.right * ratio) - 1 - origin) // TILE
    painter.save()
    painter.scale(1 / ratio, 1 / ratio)
    for index in range(first, last + 1):
        key = TileKey(subject, scale, height, ratio, index)
        pixmap = store.find(key, partial(_job, key, scene, inks, track, sources, material, body))
        left = origin + index * TILE
        if pixmap is not None:
            painter.drawPixmap(QPoint(left, top), pixmap)
        elif not _draw_stand_ins(painter, store, key, left, top):
            _draw_bodies(painter, scene, inks, track, sources, key, QPoint(left, top))
    painter.restore()


def _body(geometry: Geometry, lane: int) -> Box:
    return Box(0, geometry.lane_top(lane) + LANE_PADDING, geometry.width, geometry.clip_height)


def _look(scene: Scene, inks: Inks, track: Track) -> str:
    soloed = any(other.soloed for other in scene.session.tracks)
    silent = track.muted or (soloed and not track.soloed)
    return f"{inks.theme.name} {track.stem.value} {silent}"


def _job(
    key: TileKey,
    scene: Scene,
    inks: Inks,
    track: Track,
    sources: Mapping[str, Source],
    material: Callable[[Source], Material],
    body: Box,
) -> Job:
    wave = scene.geometry.wave_box(body)
    wave_top, wave_height = round((wave.y - body.y) * key.ratio), round(wave.height * key.ratio)
    known = {source_id: material(source) for source_id, source in sources.items()}
    strips = [
        Strip(
            clip,
            known.get(clip.source, Material()),
            colour(inks.theme, track, sources.get(clip.source)),
            is_silent(scene.session, track, clip),
        )
        for clip in visible_clips(track, key.start_frame, key.end_frame)
    ]
    return partial(lane_tile, key, strips, wave_top, wave_height)


def _draw_stand_ins(painter: QPainter, store: TileStore, key: TileKey, left: int, top: int) -> bool:
    drawn = False
    for other in store.stand_ins(key):
        columns = key.frames_per_column / other.frames_per_column
        start = (other.start_frame - key.start_frame) / key.frames_per_column
        first, last = max(0.0, start), min(float(TILE), start + TILE / columns)
        if last > first:
            source = QRectF((first - start) * columns, 0, (last - first) * columns, key.height)
            painter.drawPixmap(QRectF(left + first, top, last - first, key.height), other.pixmap, source)
            drawn = True
    return drawn


def _draw_bodies(
    painter: QPainter,
    scene: Scene,
    inks: Inks,
    track: Track,
    sources: Mapping[str, Source],
    key: TileKey,
    corner: QPoint,
) -> None:
    for clip in visible_clips(track, key.start_frame, key.end_frame):
        first = max(0, round((clip.position - key.start_frame) / key.frames_per_column))
        last = min(TILE, round((clip.end - key.start_frame) / key.frames_per_column))
        opacity = BODY_OPACITY * (SILENT if is_silent(scene.session, track, clip) else 1.0)
        value = colour(inks.theme, track, sources.get(clip.source))
        rect = QRect(corner.x() + first, corner.y(), max(1, last - first - 1), key.height)
        painter.fillRect(rect, ink(value, opacity))
