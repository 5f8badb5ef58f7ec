"""The timeline widget: the surface, and a hand on mouse, keys and dragged files."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from fanstudio.audio.samples import Readable
from fanstudio.gui.timeline.automation_gestures import (
    DragPoint,
    add_point_at,
    put_point,
    remove_point,
)
from fanstudio.gui.timeline.automation_keys import press_point_key
from fanstudio.gui.timeline.canvas import TimelineCanvas
from fanstudio.gui.timeline.drops import dropped_files, landing
from fanstudio.gui.timeline.gestures import Gesture, Pointer, start_gesture
from fanstudio.gui.timeline.hit import CLIP_PARTS, Hit, Part
from fanstudio.gui.timeline.keys import press_key
from fanstudio.gui.timeline.scrolling import wheel_pixels, wheel_zoom
from fanstudio.gui.timeline.sections import section_at
from fanstudio.gui.timeline.waveform import PeakPyramid
from fanstudio.gui.tokens import Theme
from fanstudio.model import edits
from fanstudio.model.document import Document
from fanstudio.model.session import Source

_EDGE_ZONE, _EDGE_STEP, _EDGE_INTERVAL_MS = 28, 16, 30

_CURSORS = {
    Part.LEFT_EDGE: Qt.CursorShape.SizeHorCursor,
    Part.RIGHT_EDGE: Qt.CursorShape.SizeHorCursor,
    Part.LOOP_START: Qt.CursorShape.SizeHorCursor,
    Part.LOOP_END: Qt.CursorShape.SizeHorCursor,
    Part.FADE_IN: Qt.CursorShape.PointingHandCursor,
    Part.FADE_OUT: Qt.CursorShape.PointingHandCursor,
    Part.RULER: Qt.CursorShape.PointingHandCursor,
    Part.POINT: Qt.CursorShape.SizeAllCursor,
    Part.CURVE: Qt.CursorShape.CrossCursor,
}
_KEYBOARD_FOCUS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class TimelineView(TimelineCanvas):
    """Shows a document's session and edits it; see `TimelineCanvas` for what the window calls.

    Every drag is one step of undo; Escape takes it back.
    """

    def __init__(
        self,
        document: Document,
        theme: Theme,
        peaks: Callable[[Source], PeakPyramid | None],
        samples: Callable[[Source], Readable | None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Show a document in a theme and take events."""
        super().__init__(document, theme, peaks, samples, parent)
        self._gesture: Gesture | None = None
        self._pointer = Pointer(0, 0)
        self._edge_timer = QTimer(self, interval=_EDGE_INTERVAL_MS)
        self._edge_timer.timeout.connect(self._scroll_at_edge)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        viewport = self.viewport()
        viewport.setAcceptDrops(True)
        viewport.setMouseTracking(True)
        viewport.grabGesture(Qt.GestureType.PinchGesture)

    def set_document(self, document: Document) -> None:
        """Show another document from its beginning; a drag that is under way ends."""
        self._end_gesture()
        super().set_document(document)

    def put_point(self, strip_id: str, frame: int) -> None:
        """Add a point at a frame to the curve that shows of a strip, where that lies."""
        put_point(self._state, strip_id, frame)

    def remove_point(self, strip_id: str, index: int) -> None:
        """Take a point out of the curve that shows of a strip."""
        remove_point(self._state, strip_id, index)

    # ── events ──

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a gesture."""
        if event.button() != Qt.MouseButton.LeftButton or self._gesture is not None:
            return
        self._pointer = _pointer(event)
        hit = self._hit(event.position())
        if hit.track_id is not None:
            self.trackActivated.emit(hit.track_id)
        self._start(hit)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the gesture, or show what lies under the pointer."""
        self._pointer = _pointer(event)
        if self._gesture is None:
            self._hover(event.position())
            return
        self._gesture.move(self._pointer)
        self._shape_drag()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        gesture = self._end_gesture()
        if gesture is not None:
            gesture.release(_pointer(event))
        self._hover(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Loop the section under the pointer on the ruler; locate on a clip; add or delete a point."""
        hit = self._hit(event.position())
        if hit.part in CLIP_PARTS:
            self._state.locate(hit.frame)
        elif hit.part is Part.POINT and hit.track_id is not None and hit.point is not None:
            remove_point(self._state, hit.track_id, hit.point)
        elif hit.part is Part.CURVE:
            self._pointer = _pointer(event)
            added = add_point_at(self._state, hit, self._pointer)
            if added is not None:
                self._start(added)
        elif (around := section_at(self._state.session, hit.frame)) is not None and hit.part is Part.RULER:
            self._state.document.apply("Loop section", lambda session: edits.set_loop(session, *around))
        else:
            self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget what was under the pointer."""
        self._state.hover(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl at the pointer; else scroll, sideways with Shift."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._state.zoom(wheel_zoom(event), event.position().x())
        else:
            tall = self._state.geometry.last_top(self._state.lanes) > 0
            self._state.scroll(*wheel_pixels(event, vertical=tall))
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Zoom by pinching, on touch screens and touch pads."""
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                centre = self.viewport().mapFromGlobal(pinch.centerPoint().toPoint())
                self._state.zoom(pinch.scaleFactor() or 1.0, centre.x())
                return True
        zooms = Qt.NativeGestureType.ZoomNativeGesture
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == zooms:
            self._state.zoom(max(0.1, 1.0 + event.value()), event.position().x())
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Abandon a drag, go from clip to clip, or leave the key to the window."""
        if event.key() == Qt.Key.Key_Escape and self._gesture is not None:
            self._abandon_gesture()
        elif press_point_key(self._state, event.key(), event.modifiers()):
            event.accept()
        elif not press_key(self._state, event.key(), event.modifiers()):
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring when keys brought the focus."""
        self._ring = event.reason() in _KEYBOARD_FOCUS
        self._repaint()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus ring."""
        self._ring = False
        self._repaint()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Select what lies under the pointer and ask for a menu."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        at = self._current_place() if by_key else QPointF(event.pos())
        hit = self._hit(at)
        if hit.clip_id is not None and hit.clip_id not in self._state.selection:
            self._state.select(frozenset({hit.clip_id}))
        self.contextMenuRequested.emit(hit, self.viewport().mapToGlobal(at.toPoint()))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        self._drag_files(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where the files would land."""
        self._drag_files(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Take the mark away."""
        self._state.mark_drop(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the files on."""
        self._state.mark_drop(None)
        files = dropped_files(event.mimeData())
        hit = self._hit(event.position())
        event.acceptProposedAction()
        self.filesDropped.emit(files, landing(self._state.session, hit)[0], hit.track_id)

    # ── parts ──

    def _start(self, hit: Hit) -> None:
        gesture = DragPoint if hit.part is Part.POINT else start_gesture
        self._gesture = gesture(self._state, hit, self._pointer)
        self._busy = True

    def _hover(self, at: QPointF) -> None:
        hit = self._hit(at)
        self._state.hover(hit.clip_id)
        self.viewport().setCursor(_CURSORS.get(hit.part, Qt.CursorShape.ArrowCursor))

    def _shape_drag(self) -> None:
        if self._gesture is None or not self._gesture.dragging:
            return
        if self._gesture.hit.part is Part.BODY:
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        if not self._edge_timer.isActive():
            self._edge_timer.start()

    def _scroll_at_edge(self) -> None:
        x, width = self._pointer.x, self._state.geometry.width
        step = -_EDGE_STEP if x < _EDGE_ZONE else _EDGE_STEP if x > width - _EDGE_ZONE else 0
        if step and self._gesture is not None:
            self._state.scroll(step, 0)
            self._gesture.move(self._pointer)

    def _abandon_gesture(self) -> None:
        gesture = self._end_gesture()
        if gesture is not None:
            gesture.abandon()

    def _end_gesture(self) -> Gesture | None:
        gesture, self._gesture = self._gesture, None
        self._busy = False
        self._edge_timer.stop()
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        return gesture

    def _current_place(self) -> QPointF:
        state = self._state
        found = state.session.find_clip(state.current_clip) if state.current_clip else None
        if found is None:
            return QPointF(state.geometry.width / 2, state.geometry.height / 2)
        track, clip = found
        box = state.geometry.clip_box(clip, state.session.tracks.index(track))
        middle = max(0.0, box.x) / 2 + min(state.geometry.width, box.right) / 2
        return QPointF(middle, box.y + box.height / 2)

    def _drag_files(self, event: QDragMoveEvent) -> None:
        if not dropped_files(event.mimeData()):
            event.ignore()
            return
        self._state.mark_drop(landing(self._state.session, self._hit(event.position())))
        event.acceptProposedAction()


def _pointer(event: QMouseEvent) -> Pointer:
    keys = event.modifiers()
    return Pointer(
        event.position().x(),
        event.position().y(),
        alt=bool(keys & Qt.KeyboardModifier.AltModifier),
        shift=bool(keys & Qt.KeyboardModifier.ShiftModifier),
        ctrl=bool(keys & Qt.KeyboardModifier.ControlModifier),
    )
