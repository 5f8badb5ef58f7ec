"""Lanes as remembered pictures: what did not change since the last frame is not painted again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap

from fanstudio.gui.timeline.tile_jobs import TILE, TileKey

CAPACITY_BYTES = 96 * 1024 * 1024


class Pictures:
    """Keeps painted tiles of lanes, the least recently used going first."""

    def __init__(self, capacity_bytes: int = CAPACITY_BYTES) -> None:
        """Start empty."""
        self._capacity = capacity_bytes
        self._held = 0
        self._pictures: OrderedDict[TileKey, QPixmap] = OrderedDict()

    @property
    def held_bytes(self) -> int:
        """Return the memory that the pictures take."""
        return self._held

    def find(self, key: TileKey, paint: Callable[[QPainter], bool]) -> QPixmap:
        """Return a picture, painting it if need be; it is kept once `paint` says it is complete."""
        picture = self._pictures.get(key)
        if picture is not None:
            self._pictures.move_to_end(key)
            return picture
        picture = QPixmap(TILE, key.height)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.scale(key.ratio, key.ratio)
        complete = paint(painter)
        painter.end()
        if complete:
            self._keep(key, picture)
        return picture

    def clear(self) -> None:
        """Forget everything."""
        self._pictures.clear()
        self._held = 0

    def _keep(self, key: TileKey, picture: QPixmap) -> None:
        self._pictures[key] = picture
        self._held += _bytes(picture)
        while self._held > self._capacity and len(self._pictures) > 1:
            _, oldest = self._pictures.popitem(last=False)
            self._held -= _bytes(oldest)


def _bytes(picture: QPixmap) -> int:
    return picture.width() * picture.height() * 4
