"""What the shelf and the drum grid have to do with the timeline: items dropped on it, patterns opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QMouseEvent

from fanstudio.gui.timeline.curves import find_curve_hit
from fanstudio.gui.timeline.drops import landing
from fanstudio.gui.timeline.hit import CLIP_PARTS, Hit, find_hit

if TYPE_CHECKING:
    from fanstudio.gui.timeline.canvas import TimelineCanvas

#: The kind of data that a dragged item of the shelf is: its id.
SHELF_ITEM = "application/x-fanstudio-shelf-item"


class ShelfDrops(QObject):
    """Watches a timeline's viewport."""

    #: The item's id, the frame, and the id of the track or None.
    dropped = Signal(str, object, object)
    #: The id of a clip with a drum pattern that was double-clicked.
    pattern_opened = Signal(str)

    def __init__(self, timeline: TimelineCanvas) -> None:
        """Watch a timeline for as long as it lives."""
        super().__init__(timeline)
        self._timeline = timeline
        timeline.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take items of the shelf and double clicks on patterns; leave everything else."""
        if isinstance(event, QDropEvent) and event.mimeData().hasFormat(SHELF_ITEM):
            self._drag(event)
            return True
        if event.type() == QEvent.Type.MouseButtonDblClick and isinstance(event, QMouseEvent):
            clip_id = self._pattern_at(event.position())
            if clip_id is not None:
                self.pattern_opened.emit(clip_id)
                return True
        return super().eventFilter(watched, event)

    def _drag(self, event: QDropEvent) -> None:
        hit = self._hit(event.position())
        event.acceptProposedAction()
        if isinstance(event, QDragMoveEvent):
            self._timeline.state.mark_drop(landing(self._timeline.state.session, hit))
            return
        self._timeline.state.mark_drop(None)
        item_id = bytes(event.mimeData().data(SHELF_ITEM).data()).decode("utf-8", "replace")
        self.dropped.emit(item_id, hit.frame, hit.track_id)

    def _pattern_at(self, at: QPointF) -> str | None:
        state = self._timeline.state
        shown = state.curves.shown(state.session)
        hit = find_curve_hit(shown, state.geometry, at.x(), at.y()) or self._hit(at)
        if hit.part not in CLIP_PARTS or hit.clip_id is None:
            return None
        found = self._timeline.state.session.find_clip(hit.clip_id)
        return hit.clip_id if found is not None and found[1].pattern is not None else None

    def _hit(self, at: QPointF) -> Hit:
        state = self._timeline.state
        return find_hit(state.session, state.geometry, at.x(), at.y())
