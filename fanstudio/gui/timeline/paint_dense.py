"""Painting a lane of clips too small to paint singly, as one image made of tiles."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QPainter

from fanstudio.gui.timeline.badges import colour, track_is_silent
from fanstudio.gui.timeline.geometry import LANE_PADDING, Box, Geometry
from fanstudio.gui.timeline.hit import visible_clips
from fanstudio.gui.timeline.inks import colour as ink
from fanstudio.gui.timeline.paint_lane import Brush, lane_look
from fanstudio.gui.timeline.tile_jobs import (
    TILE,
    Job,
    LaneImage,
    Material,
    Strip,
    TileKey,
    body_opacity,
    lane_tile,
)
from fanstudio.gui.timeline.tiles import TileStore
from fanstudio.model.session import Session, Source, Track

#: A lane is painted as one image where its clips have less than this width each, in pixels.
DENSE_WIDTH = 24.0


def is_dense(track: Track, geometry: Geometry) -> bool:
    """Tell whether a lane's visible clips are too small to paint singly."""
    shown = len(visible_clips(track, geometry.left_frame, geometry.right_frame))
    return shown * DENSE_WIDTH > geometry.width


def paint_dense_lane(
    brush: Brush, session: Session, area: Box, lane: int, sources: Mapping[str, Source]
) -> None:
    """Draw the tiles of a lane; where one is missing, those of another zoom or plain bodies."""
    painter, store, ratio, geometry = brush.painter, brush.store, brush.ratio, brush.geometry
    track = session.tracks[lane]
    scale = geometry.frames_per_pixel / ratio
    top = round((geometry.lane_top(lane) + LANE_PADDING) * ratio)
    height = round(geometry.clip_height * ratio)
    origin = round(-geometry.left_frame / scale)
    subject = LaneImage(track.clips, lane_look(session, brush.inks.theme, track))
    first = (round(area.x * ratio) - origin) // TILE
    last = (round(area.right * ratio) - 1 - origin) // TILE
    painter.save()
    painter.scale(1 / ratio, 1 / ratio)
    for index in range(first, last + 1):
        key = TileKey(subject, scale, height, ratio, index)
        pixmap = store.find(key, partial(_job, brush, session, track, sources, key))
        left = origin + index * TILE
        if pixmap is not None:
            painter.drawPixmap(QPoint(left, top), pixmap)
        elif not _draw_stand_ins(painter, store, key, left, top):
            _draw_bodies(brush, session, track, sources, key, QPoint(left, top))
    painter.restore()


def _job(brush: Brush, session: Session, track: Track, sources: Mapping[str, Source], key: TileKey) -> Job:
    geometry = brush.geometry
    wave = geometry.wave_box(Box(0, 0, geometry.width, geometry.clip_height))
    wave_top, wave_height = round(wave.y * key.ratio), round(wave.height * key.ratio)
    known = {source_id: brush.material(source) for source_id, source in sources.items()}
    silent = track_is_silent(session, track)
    strips = [
        Strip(
            clip,
            known.get(clip.source, Material()),
            colour(brush.inks.theme, track, sources.get(clip.source)),
            silent or clip.muted,
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
    brush: Brush,
    session: Session,
    track: Track,
    sources: Mapping[str, Source],
    key: TileKey,
    corner: QPoint,
) -> None:
    silent = track_is_silent(session, track)
    for clip in visible_clips(track, key.start_frame, key.end_frame):
        first = max(0, round((clip.position - key.start_frame) / key.frames_per_column))
        last = min(TILE, round((clip.end - key.start_frame) / key.frames_per_column))
        opacity = body_opacity(silent or clip.muted)
        value = colour(brush.inks.theme, track, sources.get(clip.source))
        rect = QRect(corner.x() + first, corner.y(), max(1, last - first - 1), key.height)
        brush.painter.fillRect(rect, ink(value, opacity))
