"""What the pointer does between press and release; every edit is one interaction of the document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fanstudio.gui.timeline.geometry import Box, Geometry
from fanstudio.gui.timeline.hit import Hit, Part, clips_in
from fanstudio.gui.timeline.snap import MAGNET_PIXELS, Snap, magnets
from fanstudio.gui.timeline.state import TimelineState
from fanstudio.model import edits
from fanstudio.model.session import Clip, Session
from fanstudio.model.warp_edits import stretch_clip

#: A press that moves less than this, in pixels, is a click.
CLICK_REACH = 4


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is, in logical pixels, and which keys are held."""

    x: float
    y: float
    alt: bool = False
    shift: bool = False
    ctrl: bool = False


class Gesture:
    """A press, its moves and its release; `dragging` once it has moved far enough."""

    def __init__(self, state: TimelineState, hit: Hit, pointer: Pointer) -> None:
        """Remember what was pressed and where."""
        self.state = state
        self.hit = hit
        self.start = pointer
        self.start_frame = _exact_frame(state.geometry, pointer.x)
        self.dragging = False

    def move(self, pointer: Pointer) -> None:
        """Follow the pointer."""
        if not self.dragging:
            far = max(abs(pointer.x - self.start.x), abs(pointer.y - self.start.y)) >= CLICK_REACH
            if not far or self._is_gone():
                return
            self.dragging = True
            self.begin()
        self.drag(pointer)

    def release(self, pointer: Pointer) -> None:
        """End as a drag or as a click."""
        if self.dragging:
            self.end()
        else:
            self.click(pointer)

    def moved(self, pointer: Pointer) -> int:
        """Return by how many frames the pointer is away from where it was pressed."""
        return round(_exact_frame(self.state.geometry, pointer.x) - self.start_frame)

    def _is_gone(self) -> bool:
        """Tell whether the pressed clip was taken away while the button was held."""
        return self.hit.clip_id is not None and self.state.session.find_clip(self.hit.clip_id) is None

    def begin(self) -> None:
        """Prepare for a drag."""

    def drag(self, pointer: Pointer) -> None:
        """Do what the drag means."""

    def end(self) -> None:
        """Make the drag count."""

    def abandon(self) -> None:
        """Take the drag back."""

    def click(self, pointer: Pointer) -> None:
        """Do what a press without a drag means."""


class EditGesture(Gesture):
    """A drag that edits: always from the session as it was when the drag began."""

    label = "Edit"

    def begin(self) -> None:
        """Begin one undo step."""
        self.base = self.latest = self.state.session
        self.magnets = magnets(self.base, self.state.playhead, self.dragged())
        self.state.document.begin_interaction(self.label)

    def end(self) -> None:
        """End the undo step."""
        self.state.document.end_interaction()

    def abandon(self) -> None:
        """Go back to the session before the drag."""
        if self.dragging:
            self.state.document.abandon_interaction()

    def dragged(self) -> frozenset[str]:
        """Return the clips that do not attract, for they move themselves."""
        return frozenset({self.hit.clip_id} if self.hit.clip_id else ())

    def snap(self, pointer: Pointer) -> Snap:
        """Return where things come to rest; Alt turns snapping off."""
        reach = MAGNET_PIXELS * self.state.geometry.frames_per_pixel
        return Snap(self.base, self.magnets, reach, self.state.snapping and not pointer.alt)

    def apply(self, edit: Callable[[Session], Session]) -> None:
        """Apply an edit to the session before the drag, in place of what the drag did so far.

        Nothing happens once something else, such as undo, has changed the session meanwhile.
        """
        if self.state.session is self.latest:
            self.state.document.apply(self.label, lambda _: edit(self.base))
            self.latest = self.state.session

    def clip(self) -> Clip:
        """Return the pressed clip as it was before the drag."""
        assert self.hit.clip_id is not None
        return self.base.clip(self.hit.clip_id)[1]


class MoveClips(EditGesture):
    """Select on press, move the selected clips on drag, also to other tracks."""

    label = "Move clip"

    def __init__(self, state: TimelineState, hit: Hit, pointer: Pointer) -> None:
        """Select the pressed clip; Shift adds to the selection, Ctrl toggles."""
        super().__init__(state, hit, pointer)
        assert hit.clip_id is not None
        clip_id = hit.clip_id
        self.was_selected = clip_id in state.selection
        if pointer.ctrl and self.was_selected:
            return
        keeps = pointer.shift or pointer.ctrl or self.was_selected
        state.select(state.selection | {clip_id} if keeps else frozenset({clip_id}))

    def dragged(self) -> frozenset[str]:
        """Return all selected clips."""
        return self.state.selection

    def begin(self) -> None:
        """Keep to the clips that are selected now."""
        super().begin()
        self.moving = self.dragged()

    def drag(self, pointer: Pointer) -> None:
        """Move all selected clips by as much as the pressed one moves."""
        shift = self._shift(pointer)
        lanes = self._lanes(pointer)
        ids = [track.id for track in self.base.tracks]
        moves = [
            (clip.id, clip.position + shift, ids[lane + lanes])
            for lane, track in enumerate(self.base.tracks)
            for clip in track.clips
            if clip.id in self.moving
        ]
        self.apply(lambda session: edits.move_clips(session, moves))

    def click(self, pointer: Pointer) -> None:
        """Reduce a selection of several to the clicked clip; Ctrl takes it out."""
        assert self.hit.clip_id is not None
        if self.was_selected and pointer.ctrl:
            self.state.select(self.state.selection - {self.hit.clip_id})
        elif self.was_selected and not pointer.shift:
            self.state.select(frozenset({self.hit.clip_id}))

    def _shift(self, pointer: Pointer) -> int:
        clip = self.clip()
        moved = self.moved(pointer)
        if abs(pointer.x - self.start.x) < CLICK_REACH:
            return 0
        first = min(clip.position for clip in self.base.clips() if clip.id in self.moving)
        return max(-first, self.snap(pointer).shift(clip.position, clip.end, moved))

    def _lanes(self, pointer: Pointer) -> int:
        geometry = self.state.geometry
        wanted = geometry.lane_at(pointer.y) - geometry.lane_at(self.start.y)
        lanes = [
            lane
            for lane, track in enumerate(self.base.tracks)
            if any(clip.id in self.moving for clip in track.clips)
        ]
        return min(max(wanted, -lanes[0]), len(self.base.tracks) - 1 - lanes[-1])


class TrimEdge(EditGesture):
    """Drag a clip's left or right edge; a click selects the clip."""

    label = "Trim clip"

    def drag(self, pointer: Pointer) -> None:
        """Put the edge where the pointer is."""
        clip = self.clip()
        if self.hit.part is Part.LEFT_EDGE:
            frame = self.snap(pointer).rest(clip.position + self.moved(pointer))
            self.apply(lambda session: edits.trim_start(session, clip.id, frame))
        else:
            frame = self.snap(pointer).rest(clip.end + self.moved(pointer))
            self.apply(lambda session: edits.trim_end(session, clip.id, frame))

    def begin(self) -> None:
        """Select the clip and begin."""
        super().begin()
        self.state.select(self.dragged())

    def click(self, pointer: Pointer) -> None:
        """Select the clip."""
        added = self.state.selection if pointer.shift or pointer.ctrl else frozenset()
        self.state.select(added | self.dragged())


class StretchEdge(TrimEdge):
    """Drag a clip's edge with Ctrl held: the clip plays faster or slower, at the same pitch."""

    label = "Stretch clip"

    def drag(self, pointer: Pointer) -> None:
        """Let the clip reach to the pointer; the other edge stays."""
        clip, snap, moved = self.clip(), self.snap(pointer), self.moved(pointer)
        start, end = clip.position, clip.end
        if self.hit.part is Part.LEFT_EDGE:
            start = min(max(0, snap.rest(start + moved)), end - 1)
        else:
            end = max(snap.rest(end + moved), start + 1)
        self.apply(lambda session: stretch_clip(session, clip.id, start, end))


class DragFade(TrimEdge):
    """Drag the end of a fade; fades do not snap."""

    label = "Change fade"

    def drag(self, pointer: Pointer) -> None:
        """Make the fade end where the pointer is."""
        clip, moved = self.clip(), self.moved(pointer)
        if self.hit.part is Part.FADE_IN:
            self.apply(lambda session: edits.set_fades(session, clip.id, fade_in=clip.fade_in_shown + moved))
        else:
            self.apply(
                lambda session: edits.set_fades(session, clip.id, fade_out=clip.fade_out_shown - moved)
            )


class DragLoop(EditGesture):
    """Drag out a loop range on the ruler, or one end of it; a click locates."""

    label = "Set loop range"

    def drag(self, pointer: Pointer) -> None:
        """Loop from the fixed end to the pointer."""
        snap = self.snap(pointer)
        fixed, free = self._fixed(snap), snap.rest(round(self.start_frame) + self.moved(pointer))
        if fixed != free:
            self.apply(lambda session: edits.set_loop(session, min(fixed, free), max(fixed, free)))

    def click(self, pointer: Pointer) -> None:
        """Put the playhead there, on the beat unless Alt is held."""
        self.base = self.state.session
        self.magnets = magnets(self.base, self.state.playhead)
        self.state.locate(self.snap(pointer).rest(self.hit.frame))

    def _fixed(self, snap: Snap) -> int:
        loop = self.base.loop
        if loop is not None and self.hit.part is Part.LOOP_START:
            return loop.end
        if loop is not None and self.hit.part is Part.LOOP_END:
            return loop.start
        return snap.rest(round(self.start_frame))


class RubberBand(Gesture):
    """Select what a band touches; a click on an empty place clears the selection and locates."""

    def begin(self) -> None:
        """Keep what was selected while Shift or Ctrl is held."""
        kept = self.start.shift or self.start.ctrl
        self.kept = self.state.selection if kept else frozenset()
        self.before = self.state.selection

    def drag(self, pointer: Pointer) -> None:
        """Draw the band and select what it touches."""
        anchor = self.state.geometry.x_of(self.start_frame)
        left, right = sorted((anchor, pointer.x))
        top, bottom = sorted((self.start.y, pointer.y))
        band = Box(left, top, right - left, bottom - top)
        self.state.show_band(band)
        self.state.select(self.kept | clips_in(self.state.session, self.state.geometry, band))

    def end(self) -> None:
        """Take the band away."""
        self.state.show_band(None)

    def abandon(self) -> None:
        """Select what was selected before."""
        if self.dragging:
            self.state.show_band(None)
            self.state.select(self.before)

    def click(self, pointer: Pointer) -> None:
        """Clear the selection and put the playhead there."""
        if pointer.shift or pointer.ctrl:
            return
        self.state.select(frozenset())
        self.state.choose_point(None)
        self.state.locate(self.hit.frame)


_GESTURES: dict[Part, type[Gesture]] = {
    Part.RULER: DragLoop,
    Part.LOOP_START: DragLoop,
    Part.LOOP_END: DragLoop,
    Part.LANE: RubberBand,
    Part.BELOW: RubberBand,
    Part.CURVE: RubberBand,
    Part.BODY: MoveClips,
    Part.LEFT_EDGE: TrimEdge,
    Part.RIGHT_EDGE: TrimEdge,
    Part.FADE_IN: DragFade,
    Part.FADE_OUT: DragFade,
}


def start_gesture(state: TimelineState, hit: Hit, pointer: Pointer) -> Gesture:
    """Return the gesture that a press on a part begins; Ctrl makes a trim a stretch."""
    gesture = _GESTURES[hit.part]
    return (StretchEdge if gesture is TrimEdge and pointer.ctrl else gesture)(state, hit, pointer)


def _exact_frame(geometry: Geometry, x: float) -> float:
    return geometry.left_frame + x * geometry.frames_per_pixel
