"""The timeline widget: hands events to gestures and keys, and has the state painted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
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
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QGestureEvent, QPinchGesture, QWidget

from fanstudio.gui.timeline.drops import dropped_files, landing
from fanstudio.gui.timeline.geometry import Geometry
from fanstudio.gui.timeline.gestures import Gesture, Pointer, start_gesture
from fanstudio.gui.timeline.hit import CLIP_PARTS, Hit, Part, find_hit
from fanstudio.gui.timeline.inks import Inks
from fanstudio.gui.timeline.keys import press_key
from fanstudio.gui.timeline.paint import paint_scene
from fanstudio.gui.timeline.paint_overlay import PLAYHEAD_REACH
from fanstudio.gui.timeline.paint_ruler import section_at
from fanstudio.gui.timeline.pictures import Pictures
from fanstudio.gui.timeline.scrolling import ScrollBars, wheel_pixels, wheel_zoom
from fanstudio.gui.timeline.selection import describe
from fanstudio.gui.timeline.state import Hooks, TimelineState
from fanstudio.gui.timeline.tile_jobs import Material, SourceImage, Subject
from fanstudio.gui.timeline.tiles import TileStore
from fanstudio.gui.timeline.waveform import Floats, PeakPyramid
from fanstudio.gui.tokens import Theme
from fanstudio.model import edits
from fanstudio.model.document import Document
from fanstudio.model.session import Session, Source

ZOOM_STEP = 1.5
_EDGE_ZONE, _EDGE_STEP, _EDGE_INTERVAL_MS = 28, 16, 30
_REPAINT_INTERVAL_MS = 16

_CURSORS = {
    Part.LEFT_EDGE: Qt.CursorShape.SizeHorCursor,
    Part.RIGHT_EDGE: Qt.CursorShape.SizeHorCursor,
    Part.LOOP_START: Qt.CursorShape.SizeHorCursor,
    Part.LOOP_END: Qt.CursorShape.SizeHorCursor,
    Part.FADE_IN: Qt.CursorShape.PointingHandCursor,
    Part.FADE_OUT: Qt.CursorShape.PointingHandCursor,
    Part.RULER: Qt.CursorShape.PointingHandCursor,
}
_KEYBOARD_FOCUS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class TimelineView(QAbstractScrollArea):
    """Shows a document's session and edits it.

    `peaks` and `samples` give what is known of a source's sound, or None; both are called on the main
    thread, and what they return is read on a worker. Frames in signals are Python ints of any size.
    """

    selectionChanged = Signal()
    #: The frame at which the fan wants the playhead.
    locateRequested = Signal(object)
    #: A `Hit`, and the global position of a context menu.
    contextMenuRequested = Signal(object, QPoint)
    #: list[Path], the frame, and the id of the track or None.
    filesDropped = Signal(object, object, object)
    verticalScrolled = Signal(int)
    #: The `Geometry` after a zoom, a scroll or a new size.
    geometryChanged = Signal(object)
    #: The id of the track that was pressed.
    trackActivated = Signal(str)

    def __init__(
        self,
        document: Document,
        theme: Theme,
        peaks: Callable[[Source], PeakPyramid | None],
        samples: Callable[[Source], Floats | None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Show a document in a theme."""
        super().__init__(parent)
        self._peaks = peaks
        self._samples = samples or (lambda _: None)
        self._inks = Inks(theme)
        self._store = TileStore(self)
        self._pictures = Pictures()
        self._painted_zoom = 0.0
        self._state = TimelineState(document, Hooks(self._repaint, self._moved, self._selected, self._locate))
        self._bars = ScrollBars(self.horizontalScrollBar(), self.verticalScrollBar())
        self._gesture: Gesture | None = None
        self._pointer = Pointer(0, 0)
        self._playing = False
        self._ring = False
        self._top = 0
        self._repaint_timer = QTimer(self, singleShot=True, interval=_REPAINT_INTERVAL_MS)
        self._edge_timer = QTimer(self, interval=_EDGE_INTERVAL_MS)
        self._set_up_widget()
        self._connect()
        self._unsubscribe = _Once(document.subscribe(self._on_session))
        self.destroyed.connect(self._unsubscribe)
        self._on_session(document.session)

    # ── for the window ──

    @property
    def state(self) -> TimelineState:
        """Return what shows and what is selected."""
        return self._state

    def view_geometry(self) -> Geometry:
        """Return what part of the session shows, and how large."""
        return self._state.geometry

    def set_document(self, document: Document) -> None:
        """Show another document from its beginning."""
        self._drop_gesture()
        self._unsubscribe()
        self._state.document = document
        self._unsubscribe = _Once(document.subscribe(self._on_session))
        self.destroyed.connect(self._unsubscribe)
        self._forget_painted(lambda _: True)
        self._state.playhead = 0
        self._state.denied = {}
        self._on_session(document.session)
        self.fit()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self._inks = Inks(theme)
        self._forget_painted(lambda _: True)
        self._repaint()

    def set_playhead(self, frame: int) -> None:
        """Show the playhead at a frame; while playing, turn the page when it leaves the screen."""
        state = self._state
        before = state.geometry.x_of(state.playhead)
        state.playhead = frame
        if self._playing and self._gesture is None:
            state.show_frame(frame)
        after = state.geometry.x_of(frame)
        for x in (before, after):
            if -PLAYHEAD_REACH <= x <= state.geometry.width + PLAYHEAD_REACH:
                left = int(x) - PLAYHEAD_REACH
                self.viewport().update(left, 0, 2 * PLAYHEAD_REACH + 1, self.viewport().height())

    def set_playing(self, playing: bool) -> None:
        """Follow the playhead from now on, or no longer."""
        self._playing = playing

    def set_snapping(self, snapping: bool) -> None:
        """Let dragged edges snap, or not."""
        self._state.snapping = snapping

    def set_bars(self, bars: bool | None) -> None:
        """Count bars or seconds on the ruler; None: bars where a tempo is set."""
        self._state.bars = bars
        self._repaint()

    def set_denied(self, reasons: Mapping[str, str]) -> None:
        """Mark clips that are not permitted: reasons in words by clip id."""
        self._state.denied = dict(reasons)
        self._repaint()

    def set_lane_height(self, pixels: int) -> None:
        """Make all lanes this high."""
        self._state.set_lane_height(pixels)

    def set_vertical(self, pixels: int) -> None:
        """Scroll the lanes to a height, as the track headers do."""
        self._state.scroll_to(self._state.geometry.left_frame, pixels)

    def selected_clips(self) -> tuple[str, ...]:
        """Return the ids of the selected clips, track by track."""
        return tuple(clip.id for clip in self._state.session.clips() if clip.id in self._state.selection)

    def select(self, clip_ids: Collection[str]) -> None:
        """Select just these clips."""
        self._state.select(frozenset(clip_ids))

    def show_clip(self, clip_id: str) -> None:
        """Scroll to a clip."""
        self._state.show_clip(clip_id)

    def zoom_in(self) -> None:
        """Zoom in at the playhead, or at the middle where it does not show."""
        self._state.zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Zoom out at the playhead, or at the middle where it does not show."""
        self._state.zoom(1 / ZOOM_STEP)

    def fit(self) -> None:
        """Show the whole session."""
        self._state.fit(0, self._state.length or 30 * self._state.session.sample_rate)

    def to_selection(self) -> None:
        """Show just the selected clips; the loop range if none is selected."""
        session = self._state.session
        chosen = [clip for clip in session.clips() if clip.id in self._state.selection]
        if chosen:
            self._state.fit(min(clip.position for clip in chosen), max(clip.end for clip in chosen))
        elif session.loop is not None:
            self._state.fit(session.loop.start, session.loop.end)

    def refresh_peaks(self, source_id: str) -> None:
        """Paint a source anew, for its peaks are there now."""
        self._forget_painted(lambda subject: _shows(subject, source_id))
        self._repaint()

    # ── painting ──

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the part that needs it."""
        scene = self._state.scene(self.viewport().devicePixelRatioF(), has_focus=self._ring)
        painter = QPainter(self.viewport())
        settled = scene.geometry.frames_per_pixel == self._painted_zoom
        pictures = self._pictures if settled else None
        paint_scene(painter, scene, self._inks, event.rect(), self._store, self._material, pictures)
        painter.end()
        self._painted_zoom = scene.geometry.frames_per_pixel

    def _material(self, source: Source) -> Material:
        return Material(self._peaks(source), self._samples(source))

    def _forget_painted(self, stale: Callable[[Subject], bool]) -> None:
        self._store.drop(stale)
        self._pictures.clear()

    def _repaint(self) -> None:
        self.viewport().update()

    # ── events ──

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more or less."""
        size = self.viewport().size()
        self._state.resize(size.width(), size.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a gesture."""
        if event.button() != Qt.MouseButton.LeftButton or self._gesture is not None:
            return
        self._pointer = _pointer(event)
        hit = self._hit(event.position())
        if hit.track_id is not None:
            self.trackActivated.emit(hit.track_id)
        self._gesture = start_gesture(self._state, hit, self._pointer)

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
        if event.button() != Qt.MouseButton.LeftButton or self._gesture is None:
            return
        gesture, self._gesture = self._gesture, None
        self._edge_timer.stop()
        gesture.release(_pointer(event))
        self._hover(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Loop the section under the pointer on the ruler; locate on a clip."""
        hit = self._hit(event.position())
        if hit.part in CLIP_PARTS:
            self._state.locate(hit.frame)
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
            tall = self._state.geometry.last_top(len(self._state.session.tracks)) > 0
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
        self.filesDropped.emit(files, hit.frame, hit.track_id)

    # ── parts ──

    def _set_up_widget(self) -> None:
        self.setObjectName("timeline")
        self.setAccessibleName("Timeline")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.setAcceptDrops(True)
        viewport = self.viewport()
        viewport.setAcceptDrops(True)
        viewport.setMouseTracking(True)
        viewport.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        viewport.grabGesture(Qt.GestureType.PinchGesture)

    def _connect(self) -> None:
        self._repaint_timer.timeout.connect(self.viewport().update)
        self._store.arrived.connect(self._repaint_timer.start)
        self._edge_timer.timeout.connect(self._scroll_at_edge)
        self.horizontalScrollBar().valueChanged.connect(self._on_bars)
        self.verticalScrollBar().valueChanged.connect(self._on_bars)

    def _on_session(self, session: Session) -> None:
        self._state.forget_missing()
        self._bars.show(self._state.geometry, self._state.length, len(session.tracks))
        self.setAccessibleDescription(describe(session, self._state.selection))
        self._repaint()

    def _on_bars(self) -> None:
        if not self._bars.busy:
            self._state.scroll_to(*self._bars.read())

    def _moved(self) -> None:
        self._store.forget_wishes()
        self._bars.show(self._state.geometry, self._state.length, len(self._state.session.tracks))
        if self._state.geometry.top != self._top:
            self._top = self._state.geometry.top
            self.verticalScrolled.emit(self._top)
        self.geometryChanged.emit(self._state.geometry)

    def _selected(self) -> None:
        self.setAccessibleDescription(describe(self._state.session, self._state.selection))
        self.selectionChanged.emit()

    def _locate(self, frame: int) -> None:
        self.locateRequested.emit(frame)

    def _hit(self, at: QPointF) -> Hit:
        return find_hit(self._state.session, self._state.geometry, at.x(), at.y())

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
        gesture = self._drop_gesture()
        if gesture is not None:
            gesture.abandon()

    def _drop_gesture(self) -> Gesture | None:
        gesture, self._gesture = self._gesture, None
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


class _Once:
    """Calls a function the first time only: a subscription can be ended just once."""

    def __init__(self, function: Callable[[], None]) -> None:
        self._function: Callable[[], None] | None = function

    def __call__(self) -> None:
        function, self._function = self._function, None
        if function is not None:
            function()


def _pointer(event: QMouseEvent) -> Pointer:
    keys = event.modifiers()
    return Pointer(
        event.position().x(),
        event.position().y(),
        alt=bool(keys & Qt.KeyboardModifier.AltModifier),
        shift=bool(keys & Qt.KeyboardModifier.ShiftModifier),
        ctrl=bool(keys & Qt.KeyboardModifier.ControlModifier),
    )


def _shows(subject: Subject, source_id: str) -> bool:
    return not isinstance(subject, SourceImage) or subject.source_id == source_id
