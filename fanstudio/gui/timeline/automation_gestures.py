"""What the pointer does to the points of a curve."""

from __future__ import annotations

from dataclasses import replace

from fanstudio.gui.timeline.curves import share_at
from fanstudio.gui.timeline.gestures import CLICK_REACH, EditGesture, Pointer
from fanstudio.gui.timeline.hit import Hit, Part
from fanstudio.gui.timeline.snap import MAGNET_PIXELS, Snap, magnets
from fanstudio.gui.timeline.state import TimelineState
from fanstudio.model import automation_edits


class DragPoint(EditGesture):
    """Choose a point on press, move it on drag: with Shift up and down alone."""

    label = "Move automation point"

    def __init__(self, state: TimelineState, hit: Hit, pointer: Pointer) -> None:
        """Choose the pressed point."""
        super().__init__(state, hit, pointer)
        assert hit.track_id is not None
        assert hit.point is not None
        state.choose_point((hit.track_id, hit.point))

    def begin(self) -> None:
        """Keep to where the point is now."""
        super().begin()
        self.held = self.state.curves.chosen_point(self.base)

    def drag(self, pointer: Pointer) -> None:
        """Put the point where the pointer is, at most up to its neighbours."""
        if self.held is None:
            return
        curve, index = self.held
        point, scale = curve.points[index], curve.target.scale
        geometry = self.state.geometry
        was, now = (share_at(geometry, curve.lane, y) for y in (self.start.y, pointer.y))
        value = scale.value_at(scale.share_of(point.value) + now - was)
        sideways = abs(pointer.x - self.start.x) >= CLICK_REACH and not pointer.shift
        frame = self.snap(pointer).rest(point.frame + self.moved(pointer)) if sideways else point.frame
        self.apply(
            lambda session: automation_edits.move_point(
                session, curve.strip_id, curve.target.name, index, max(0, frame), value
            )
        )


def add_point_at(state: TimelineState, hit: Hit, pointer: Pointer) -> Hit | None:
    """Add a point under the pointer, on the beat unless Alt is held; return the hit on it."""
    curve = state.curves.find(state.session, hit.track_id or "")
    if curve is None:
        return None
    reach = MAGNET_PIXELS * state.geometry.frames_per_pixel
    # The first press of a double click has put the playhead here: it must not attract.
    attracting = magnets(state.session, playhead=0)
    snap = Snap(state.session, attracting, reach, state.snapping and not pointer.alt)
    value = curve.target.scale.value_at(share_at(state.geometry, curve.lane, pointer.y))
    index = put_point(state, curve.strip_id, max(0, snap.rest(hit.frame)), value)
    return replace(hit, part=Part.POINT, point=index)


def put_point(state: TimelineState, strip_id: str, frame: int, value: float | None = None) -> int | None:
    """Add a point to the curve that shows, and choose it; without a value it lies on the curve."""
    curve = state.curves.find(state.session, strip_id)
    if curve is None:
        return None
    name = curve.target.name
    if value is None:
        value = curve.value_at(frame)
    state.document.apply(
        "Add automation point",
        lambda session: automation_edits.add_point(session, strip_id, name, frame, value),
    )
    curve = state.curves.find(state.session, strip_id)
    assert curve is not None
    index = next(index for index, point in enumerate(curve.points) if point.frame == frame)
    state.choose_point((strip_id, index))
    return index


def remove_point(state: TimelineState, strip_id: str, index: int) -> None:
    """Take a point out of the curve that shows; its left neighbour is chosen."""
    curve = state.curves.find(state.session, strip_id)
    if curve is None or index >= len(curve.points):
        return
    name = curve.target.name
    state.document.apply(
        "Delete automation point",
        lambda session: automation_edits.remove_point(session, strip_id, name, index),
    )
    state.choose_point((strip_id, max(0, index - 1)) if len(curve.points) > 1 else None)
