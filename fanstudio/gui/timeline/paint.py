"""Painting a scene: lanes, clips, automation, ruler, overlay, in this order."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from fanstudio.gui.timeline.geometry import Box
from fanstudio.gui.timeline.inks import Inks
from fanstudio.gui.timeline.paint_automation import paint_automation
from fanstudio.gui.timeline.paint_clips import ClipLayer, paint_clips
from fanstudio.gui.timeline.paint_lane import Brush
from fanstudio.gui.timeline.paint_lanes import paint_lanes
from fanstudio.gui.timeline.paint_overlay import paint_overlay
from fanstudio.gui.timeline.paint_ruler import paint_ruler
from fanstudio.gui.timeline.pictures import Pictures
from fanstudio.gui.timeline.scene import Scene
from fanstudio.gui.timeline.tile_jobs import Material
from fanstudio.gui.timeline.tiles import TileStore
from fanstudio.model.session import Source


def paint_scene(
    painter: QPainter,
    scene: Scene,
    inks: Inks,
    dirty: QRect,
    store: TileStore,
    material: Callable[[Source], Material],
    pictures: Pictures | None,
) -> None:
    """Draw the dirty part of a scene.

    `material` says what is known of a source's sound; `pictures` remembers lanes, or is None while
    the zoom changes and remembering would not pay.
    """
    area = QRectF(dirty)
    box = Box(area.x(), area.y(), area.width(), area.height())
    brush = Brush(painter, inks, scene.geometry, scene.ratio, store, material)
    paint_lanes(painter, scene, inks, area)
    paint_clips(ClipLayer(scene, brush, box, pictures))
    paint_automation(painter, scene, inks, area)
    paint_ruler(painter, scene, inks, area)
    paint_overlay(painter, scene, inks)
