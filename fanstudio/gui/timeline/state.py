"""What the timeline shows and what is selected: plain state that gestures, keys and painting share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fanstudio.gui.timeline.curves import Curves
from fanstudio.gui.timeline.geometry import Box, Geometry
from fanstudio.gui.timeline.scene import Scene, Stretches
from fanstudio.gui.timeline.selection import existing
from fanstudio.gui.tokens import LANE_HEIGHT_REMIX
from fanstudio.model.document import Document
from fanstudio.model.session import Session
from fanstudio.model.warp import Warp


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom the state tells: something looks different, moved, was selected, or a place is wanted.

    `pointed` hears that another point of a curve was chosen, or none.
    """

    repaint: Callable[[], None]
    moved: Callable[[], None]
    selected: Callable[[], None]
    located: Callable[[int], None]
    pointed: Callable[[], None] = lambda: None


class TimelineState:
    """The document, the part of it that shows, the selection, and marks that are not in the session."""

    def __init__(self, document: Document, hooks: Hooks) -> None:
        """Show a document from its beginning, nothing selected."""
        self.document = document
        self.geometry = Geometry()
        self.selection: frozenset[str] = frozenset()
        #: The clip from which arrow keys go on.
        self.current_clip: str | None = None
        self.curves = Curves()
        self.playhead = 0
        self.snapping = True
        self.hovered: str | None = None
        self.denied: Mapping[str, str] = {}
        self.splitting: Mapping[str, Stretches] = {}
        self.drafts: Mapping[tuple[str, Warp], str] = {}
        self.offline: Mapping[str, str] = {}
        self.drop_at: tuple[int, int] | None = None
        #: Bars on the ruler, or seconds; None chooses bars where a tempo is set.
        self.bars: bool | None = None
        self._band: Box | None = None
        self._measured = (document.session, document.session.length)
        self._hooks = hooks

    @property
    def session(self) -> Session:
        """Return the document's present session."""
        return self.document.session

    @property
    def length(self) -> int:
        """Return the session's length; counting thousands of clips once a session, not once a frame."""
        if self._measured[0] is not self.session:
            self._measured = (self.session, self.session.length)
        return self._measured[1]

    @property
    def lanes(self) -> int:
        """Return how many lanes there are: one a track, and one for each other strip's automation."""
        return self.curves.lanes(self.session)

    @property
    def shows_bars(self) -> bool:
        """Tell whether the ruler counts bars."""
        return bool(self.session.tempo) if self.bars is None else self.bars

    def scene(self, ratio: float, *, has_focus: bool) -> Scene:
        """Return what one frame looks like on a screen with a device pixel ratio."""
        return Scene(
            session=self.session,
            geometry=self.geometry,
            ratio=ratio,
            bars=self.shows_bars,
            playhead=self.playhead,
            selected=self.selection,
            hovered=self.hovered,
            denied=self.denied,
            splitting=self.splitting,
            drafts=self.drafts,
            offline=self.offline,
            band=self._band,
            drop_at=self.drop_at,
            has_focus=has_focus,
            curves=self.curves.shown(self.session),
            point=self.curves.chosen,
            lanes=self.lanes,
        )

    # ── selection ──

    def select(self, clip_ids: frozenset[str]) -> None:
        """Select just these clips."""
        clip_ids = existing(self.session, clip_ids)
        added = clip_ids - self.selection
        if self.current_clip not in clip_ids or added:
            self.current_clip = next(iter(added or clip_ids), None)
        if clip_ids:
            self.curves.chosen = None
        if clip_ids != self.selection:
            self.selection = clip_ids
            self._hooks.selected()
            self._hooks.repaint()

    def go_to(self, clip_id: str, *, extend: bool) -> None:
        """Select a clip, alone or besides the others, and scroll to it."""
        self.select(self.selection | {clip_id} if extend else frozenset({clip_id}))
        self.current_clip = clip_id
        self.show_clip(clip_id)

    def forget_missing(self) -> None:
        """Drop from the selection what is no longer in the session."""
        self.select(self.selection)

    def choose_point(self, chosen: tuple[str, int] | None) -> None:
        """Choose a point of a curve by strip and index, and no clips; or choose none."""
        if chosen is not None:
            self.select(frozenset())
        self.curves.chosen = chosen
        self._hooks.pointed()
        self._hooks.repaint()

    def show_curves(self, wanted: Mapping[str, str]) -> None:
        """Show automation: the name of one value by strip."""
        self.curves.want(wanted)
        self.scroll_to(self.geometry.left_frame, self.geometry.top)
        self._hooks.moved()
        self._hooks.repaint()

    # ── what shows ──

    def show(self, geometry: Geometry) -> None:
        """Show another part of the session."""
        if geometry != self.geometry:
            self.geometry = geometry
            self._hooks.moved()
            self._hooks.repaint()

    def resize(self, width: float, height: float) -> None:
        """Take a new size of the widget; what shows stays at the top left."""
        resized = replace(self.geometry, width=max(1.0, width), height=max(1.0, height))
        self.scroll_to(resized.left_frame, resized.top, resized)

    def set_lane_height(self, pixels: int) -> None:
        """Make all lanes this high, keeping the topmost lane in view."""
        lane = self.geometry.top / self.geometry.lane_height
        taller = replace(self.geometry, lane_height=pixels or LANE_HEIGHT_REMIX)
        self.scroll_to(taller.left_frame, lane * taller.lane_height, taller)

    def zoom(self, factor: float, anchor_x: float | None = None) -> None:
        """Zoom in by a factor at an x; at the playhead if it shows, else the middle, without one."""
        if anchor_x is None:
            at = self.geometry.x_of(self.playhead)
            anchor_x = at if 0 <= at <= self.geometry.width else self.geometry.width / 2
        self.show(self.geometry.zoomed(factor, anchor_x, self.length))

    def fit(self, start: int, end: int) -> None:
        """Show the frames from `start` to `end`."""
        self.show(self.geometry.fitted(start, max(end, start + 1)))

    def scroll(self, pixels_x: float, pixels_y: float) -> None:
        """Scroll right and down by pixels."""
        geometry = self.geometry
        left = geometry.left_frame + pixels_x * geometry.frames_per_pixel
        self.scroll_to(left, geometry.top + pixels_y, geometry)

    def scroll_to(self, left_frame: float, top: float, geometry: Geometry | None = None) -> None:
        """Scroll what shows, or another geometry, to a frame and a height within the session."""
        geometry = geometry or self.geometry
        self.show(geometry.scrolled(left_frame, top, self.length, self.lanes))

    def show_frame(self, frame: int) -> None:
        """Turn the page to a frame that does not show."""
        geometry = self.geometry
        if not geometry.left_frame <= frame < geometry.right_frame:
            self.show(replace(geometry, left_frame=float(max(0, frame - geometry.frames(48)))))

    def show_clip(self, clip_id: str) -> None:
        """Scroll so that a clip's beginning and its lane show."""
        track, clip = self.session.clip(clip_id)
        geometry = self.geometry
        if clip.end <= geometry.left_frame or clip.position >= geometry.right_frame:
            left = float(max(0, clip.position - geometry.frames(48)))
            self.show(replace(geometry, left_frame=left))
        self.show_lane(self.session.tracks.index(track))

    def show_lane(self, lane: int) -> None:
        """Scroll so that a lane shows."""
        geometry = self.geometry
        lowest = lane * geometry.lane_height
        highest = lowest + geometry.lane_height - round(geometry.height - geometry.lane_top(0) - geometry.top)
        self.show(replace(geometry, top=max(0, min(lowest, max(highest, geometry.top)))))

    # ── marks ──

    def show_band(self, band: Box | None) -> None:
        """Show or hide the rubber band."""
        self._band = band
        self._hooks.repaint()

    def hover(self, clip_id: str | None) -> None:
        """Mark the clip under the pointer."""
        if clip_id != self.hovered:
            self.hovered = clip_id
            self._hooks.repaint()

    def mark_drop(self, drop_at: tuple[int, int] | None) -> None:
        """Mark frame and lane where dragged files would land."""
        if drop_at != self.drop_at:
            self.drop_at = drop_at
            self._hooks.repaint()

    def locate(self, frame: int) -> None:
        """Ask for the playhead to be moved."""
        self._hooks.located(frame)
