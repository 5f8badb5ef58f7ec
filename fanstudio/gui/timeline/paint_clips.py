"""Painting the clips of all lanes: from pictures, or one by one while the zoom changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter

from fanstudio.gui.timeline.geometry import LANE_PADDING, Box
from fanstudio.gui.timeline.hit import visible_clips
from fanstudio.gui.timeline.paint_dense import is_dense, paint_dense_lane
from fanstudio.gui.timeline.paint_lane import (
    MIN_WIDTH_FOR_WORDS,
    Brush,
    Placed,
    lane_look,
    paint_lane,
    paint_words,
    place_clips,
)
from fanstudio.gui.timeline.paint_marks import marked_clips, name_is_away, paint_marks, paint_name_at_edge
from fanstudio.gui.timeline.paint_offline import paint_offline
from fanstudio.gui.timeline.paint_splitting import paint_draft, paint_splitting
from fanstudio.gui.timeline.pictures import Pictures
from fanstudio.gui.timeline.scene import Scene
from fanstudio.gui.timeline.tile_jobs import TILE, LaneImage, TileKey
from fanstudio.gui.tokens import RULER_HEIGHT
from fanstudio.model.session import Clip, Source


@dataclass(frozen=True, slots=True)
class ClipLayer:
    """What painting all clips needs; without pictures every clip is painted by itself."""

    scene: Scene
    brush: Brush
    area: Box
    pictures: Pictures | None


def paint_clips(layer: ClipLayer) -> None:
    """Draw every clip that touches the area, lane by lane."""
    scene, area, geometry = layer.scene, layer.area, layer.scene.geometry
    sources = {source.id: source for source in scene.session.sources}
    start = geometry.left_frame + area.x * geometry.frames_per_pixel
    end = geometry.left_frame + area.right * geometry.frames_per_pixel
    for lane in geometry.visible_lanes(len(scene.session.tracks)):
        track = scene.session.tracks[lane]
        clips = visible_clips(track, start, end)
        dense = is_dense(track, geometry)
        if dense:
            paint_dense_lane(layer.brush, scene.session, area, lane, sources)
        elif layer.pictures is None:
            paint_lane(layer.brush, tuple(_placed(layer, lane, clips, sources)), area)
        else:
            _paint_pictures(layer, layer.pictures, lane, sources)
        _paint_words_over(layer, lane, clips, sources, dense=dense)
        unfinished = [clip for clip in clips if clip.source in scene.splitting] if scene.splitting else []
        for placed in _placed(layer, lane, unfinished, sources):
            paint_splitting(layer.brush, scene.splitting[placed.clip.source], placed)
        drafts = [clip for clip in clips if clip.warp and (clip.source, clip.warp) in scene.drafts]
        for placed in _placed(layer, lane, drafts, sources):
            paint_draft(layer.brush, scene, placed)
        offline = [clip for clip in clips if clip.source in scene.offline] if scene.offline else []
        for placed in _placed(layer, lane, offline, sources):
            paint_offline(layer.brush, placed, scene.offline[placed.clip.source])
        for placed in _placed(layer, lane, marked_clips(scene, clips), sources):
            paint_marks(layer.brush.painter, scene, layer.brush.inks, placed)


def _placed(
    layer: ClipLayer, lane: int, clips: Sequence[Clip], sources: Mapping[str, Source]
) -> Iterator[Placed]:
    return place_clips(layer.brush, layer.scene.session, lane, clips, sources)


def _paint_words_over(
    layer: ClipLayer, lane: int, clips: tuple[Clip, ...], sources: Mapping[str, Source], *, dense: bool
) -> None:
    """Draw what pictures lack: names in a dense lane, and that of the clip that reaches in from the left."""
    brush = layer.brush
    for placed in _placed(layer, lane, clips[:1], sources):
        if name_is_away(brush.inks, placed):
            paint_name_at_edge(brush.painter, brush.inks, placed)
    if dense:
        least = layer.scene.geometry.frames(MIN_WIDTH_FOR_WORDS)
        wide = [clip for clip in clips if clip.length >= least]
        for placed in _placed(layer, lane, wide, sources):
            paint_words(brush.painter, brush.inks, placed)


def _paint_pictures(layer: ClipLayer, pictures: Pictures, lane: int, sources: Mapping[str, Source]) -> None:
    """Draw a lane from pictures, painting those that are missing."""
    scene, painter, ratio = layer.scene, layer.brush.painter, layer.scene.ratio
    geometry, track = scene.geometry, scene.session.tracks[lane]
    scale = geometry.frames_per_pixel / ratio
    top = geometry.lane_top(lane) + LANE_PADDING
    height = round(geometry.clip_height * ratio)
    subject = LaneImage(track.clips, lane_look(scene.session, layer.brush.inks.theme, track))
    origin = round(-geometry.left_frame / scale)
    first = (round(layer.area.x * ratio) - origin) // TILE
    last = (round(layer.area.right * ratio) - 1 - origin) // TILE
    painter.save()
    painter.scale(1 / ratio, 1 / ratio)
    for index in range(first, last + 1):
        key = TileKey(subject, scale, height, ratio, index)
        picture = pictures.find(key, partial(_paint_picture, layer, lane, sources, key))
        painter.drawPixmap(QPoint(origin + index * TILE, round(top * ratio)), picture)
    painter.restore()


def _paint_picture(
    layer: ClipLayer, lane: int, sources: Mapping[str, Source], key: TileKey, painter: QPainter
) -> bool:
    """Paint one picture of a lane: as if the widget showed just this part of it."""
    shown, ratio = layer.scene.geometry, layer.scene.ratio
    geometry = replace(
        shown,
        width=TILE / ratio,
        left_frame=key.start_frame,
        top=RULER_HEIGHT + lane * shown.lane_height + LANE_PADDING,
    )
    brush = replace(layer.brush, painter=painter, geometry=geometry)
    clips = visible_clips(layer.scene.session.tracks[lane], key.start_frame, key.end_frame)
    placed = tuple(place_clips(brush, layer.scene.session, lane, clips, sources))
    return paint_lane(brush, placed, Box(0, 0, TILE / ratio, geometry.clip_height))
