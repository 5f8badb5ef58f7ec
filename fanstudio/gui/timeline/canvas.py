"""The timeline's surface: shows a document, scrolls, zooms, and paints."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from fanstudio.audio.samples import Readable
from fanstudio.gui.timeline.curves import describe_point, find_curve_hit
from fanstudio.gui.timeline.geometry import Geometry
from fanstudio.gui.timeline.hit import Hit, find_hit
from fanstudio.gui.timeline.inks import Inks
from fanstudio.gui.timeline.paint import paint_scene
from fanstudio.gui.timeline.paint_overlay import PLAYHEAD_REACH
from fanstudio.gui.timeline.pictures import Pictures
from fanstudio.gui.timeline.scene import Stretches
from fanstudio.gui.timeline.scrolling import ScrollBars
from fanstudio.gui.timeline.selection import describe
from fanstudio.gui.timeline.state import Hooks, TimelineState
from fanstudio.gui.timeline.tile_jobs import Material, SourceImage, Subject, TileKey
from fanstudio.gui.timeline.tiles import TileStore
from fanstudio.gui.timeline.waveform import PeakPyramid
from fanstudio.gui.tokens import Theme
from fanstudio.model.document import Document
from fanstudio.model.session import Session, Source
from fanstudio.model.warp import Warp

ZOOM_STEP = 1.5
#: What an empty session shows.
_EMPTY_SECONDS = 30
_REPAINT_INTERVAL_MS = 16


class TimelineCanvas(QAbstractScrollArea):
    """Shows a document's session.

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
    #: The strip of the chosen point of a curve, or None.
    pointChosen = Signal(object)
    #: The `Geometry` after a zoom, a scroll or a new size.
    geometryChanged = Signal(object)
    #: The id of the track that was pressed.
    trackActivated = Signal(str)

    def __init__(
        self,
        document: Document,
        theme: Theme,
        peaks: Callable[[Source], PeakPyramid | None],
        samples: Callable[[Source], Readable | None] | None = None,
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
        hooks = Hooks(self._repaint, self._moved, self._selected, self._locate, self._pointed)
        self._state = TimelineState(document, hooks)
        self._bars = ScrollBars(self.horizontalScrollBar(), self.verticalScrollBar())
        self._playing = False
        self._ring = False
        #: While a drag is under way the page is not turned.
        self._busy = False
        self._top = 0
        self._fitted: Geometry | None = None
        self._empty = True
        self._repaint_timer = QTimer(self, singleShot=True, interval=_REPAINT_INTERVAL_MS)
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
        if self._playing and not self._busy:
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
        """Show the whole session, and go on doing so until it is zoomed or scrolled."""
        self._state.fit(0, self._state.length or _EMPTY_SECONDS * self._state.session.sample_rate)
        self._fitted = self._state.geometry

    def to_selection(self) -> None:
        """Show just the selected clips; the loop range if none is selected."""
        session = self._state.session
        chosen = [clip for clip in session.clips() if clip.id in self._state.selection]
        if chosen:
            self._state.fit(min(clip.position for clip in chosen), max(clip.end for clip in chosen))
        elif session.loop is not None:
            self._state.fit(session.loop.start, session.loop.end)

    def show_curves(self, wanted: Mapping[str, str]) -> None:
        """Show automation over its lanes: the name of one value by strip."""
        self._state.show_curves(wanted)

    def chosen_strip(self) -> str | None:
        """Return the strip of the chosen point of a curve."""
        chosen = self._state.curves.chosen
        return chosen[0] if chosen else None

    def choose_point_near(self, strip_id: str, frame: int) -> None:
        """Choose the point of a strip's curve that is nearest a frame, and take the keys."""
        curve = self._state.curves.find(self._state.session, strip_id)
        if curve is None:
            return
        order = sorted(range(len(curve.points)), key=lambda index: abs(curve.points[index].frame - frame))
        self._state.choose_point((strip_id, order[0]) if order else None)
        self._state.show_lane(curve.lane)
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def refresh_peaks(self, source_id: str) -> None:
        """Paint a source anew, for its peaks are there now."""
        self._forget_painted(lambda subject: _shows(subject, source_id))
        self._repaint()

    def renew_source(self, source_id: str, start: int, end: int) -> None:
        """Paint frames of a source anew as soon as that can be done; till then they look as before."""

        def stale(key: TileKey) -> bool:
            if not isinstance(key.subject, SourceImage):
                return True
            shows = key.start_frame < end and start < key.end_frame
            return shows and key.subject.source_id == source_id

        self._store.renew(stale)
        self._pictures.clear()
        self._repaint()

    def rename_sources(self, ids: Mapping[str, str]) -> None:
        """Take what was painted of sources for that of others, which hold the same sound."""

        def renamed(subject: Subject) -> Subject:
            if not isinstance(subject, SourceImage) or subject.source_id not in ids:
                return subject
            return SourceImage(ids[subject.source_id], subject.colour)

        self._store.rename(renamed)

    def set_splitting(self, progress: Mapping[str, Stretches]) -> None:
        """Show sources that are being made, by id, with the stretches of each that are there."""
        self._state.splitting = dict(progress)
        self._repaint()

    def set_drafts(self, drafts: Mapping[tuple[str, Warp], str]) -> None:
        """Mark clips whose warp, of the source with this id, is not rendered, and say how that stands."""
        self._state.drafts = dict(drafts)
        self._repaint()

    def set_offline(self, reasons: Mapping[str, str]) -> None:
        """Mark clips whose source, by id, cannot be read: what is wrong in words."""
        self._state.offline = dict(reasons)
        self._describe()
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more or less; nothing is zoomed under a drag, whose scroll bar may come and go."""
        fitted = self._state.geometry == self._fitted and not self._busy
        size = self.viewport().size()
        self._state.resize(size.width(), size.height())
        if fitted:
            self.fit()

    # ── parts ──

    def _set_up_widget(self) -> None:
        self.setObjectName("timeline")
        self.setAccessibleName("Timeline")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumSize(240, 160)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def _connect(self) -> None:
        self._repaint_timer.timeout.connect(self.viewport().update)
        self._store.arrived.connect(self._repaint_timer.start)
        self.horizontalScrollBar().valueChanged.connect(self._on_bars)
        self.verticalScrollBar().valueChanged.connect(self._on_bars)

    def _on_session(self, session: Session) -> None:
        was_empty, self._empty = self._empty, session.length == 0
        if was_empty and not self._empty and self._state.geometry == self._fitted:
            self.fit()
        self._state.forget_missing()
        self._bars.show(self._state.geometry, self._state.length, self._state.lanes)
        self._describe()
        self._repaint()

    def _on_bars(self) -> None:
        if not self._bars.busy:
            self._state.scroll_to(*self._bars.read())

    def _moved(self) -> None:
        self._store.forget_wishes()
        self._bars.show(self._state.geometry, self._state.length, self._state.lanes)
        if self._state.geometry.top != self._top:
            self._top = self._state.geometry.top
            self.verticalScrolled.emit(self._top)
        self.geometryChanged.emit(self._state.geometry)

    def _selected(self) -> None:
        self._describe()
        self.selectionChanged.emit()

    def _pointed(self) -> None:
        self._describe()
        self.pointChosen.emit(self._state.curves.chosen and self._state.curves.chosen[0])

    def _describe(self) -> None:
        state = self._state
        chosen = state.curves.chosen_point(state.session)
        words = (
            describe_point(state.session, *chosen)
            if chosen
            else describe(state.session, state.selection, state.offline)
        )
        self.setAccessibleDescription(words)

    def _locate(self, frame: int) -> None:
        self.locateRequested.emit(frame)

    def _hit(self, at: QPointF) -> Hit:
        state, place = self._state, (at.x(), at.y())
        curve = find_curve_hit(state.curves.shown(state.session), state.geometry, *place)
        return curve or find_hit(state.session, state.geometry, *place)


class _Once:
    """Calls a function the first time only: a subscription can be ended just once."""

    def __init__(self, function: Callable[[], None]) -> None:
        self._function: Callable[[], None] | None = function

    def __call__(self) -> None:
        function, self._function = self._function, None
        if function is not None:
            function()


def _shows(subject: Subject, source_id: str) -> bool:
    return not isinstance(subject, SourceImage) or subject.source_id == source_id
