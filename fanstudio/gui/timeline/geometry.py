"""Where frames and lanes lie on the screen, in logical pixels; pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from fanstudio.gui.tokens import LANE_HEIGHT_REMIX, RULER_HEIGHT
from fanstudio.model.session import Clip

#: Closest zoom: this many pixels a frame.
MAX_PIXELS_PER_FRAME = 16.0
#: Gap between a lane's edges and the clips in it.
LANE_PADDING = 8
#: Space below the last lane, so that clips can be dropped there.
TAIL_HEIGHT = 96
_NAME_HEIGHT = 20
_TALL_CLIP = 80
_SIDE_MARGIN = 4


class Box(NamedTuple):
    """A rectangle in logical pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the x just behind the box."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return the y just below the box."""
        return self.y + self.height

    def contains(self, x: float, y: float) -> bool:
        """Tell whether a point is inside."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def touches(self, other: Box) -> bool:
        """Tell whether two boxes share any area."""
        across = self.x < other.right and other.x < self.right
        return across and self.y < other.bottom and other.y < self.bottom


@dataclass(frozen=True, slots=True)
class Geometry:
    """What part of the session the widget shows, and how large.

    `left_frame` is the frame at x = 0, `top` the pixels scrolled down; `width` and `height` are the
    widget's, ruler included.
    """

    width: float = 896.0
    height: float = 720.0
    left_frame: float = 0.0
    frames_per_pixel: float = 480.0
    top: int = 0
    lane_height: int = LANE_HEIGHT_REMIX

    # ── frames and x ──

    def x_of(self, frame: float) -> float:
        """Return the x of a frame."""
        return (frame - self.left_frame) / self.frames_per_pixel

    def frame_at(self, x: float) -> int:
        """Return the frame at an x, never below 0."""
        return max(0, round(self.left_frame + x * self.frames_per_pixel))

    def frames(self, pixels: float) -> int:
        """Return how many frames a width spans."""
        return round(pixels * self.frames_per_pixel)

    @property
    def right_frame(self) -> float:
        """Return the frame at the right edge."""
        return self.left_frame + self.width * self.frames_per_pixel

    # ── lanes and y ──

    def lane_top(self, index: int) -> float:
        """Return the y at which a track's lane begins."""
        return RULER_HEIGHT + index * self.lane_height - self.top

    def lane_at(self, y: float) -> int:
        """Return the index of the lane at a y, which may be beyond the last track."""
        return int((y - RULER_HEIGHT + self.top) // self.lane_height)

    def visible_lanes(self, tracks: int) -> range:
        """Return the indices of the tracks that show."""
        first = max(0, self.top // self.lane_height)
        return range(first, min(tracks, self.lane_at(self.height) + 1))

    def content_height(self, tracks: int) -> int:
        """Return the height of all lanes and of the space below them."""
        return tracks * self.lane_height + TAIL_HEIGHT

    # ── clips ──

    @property
    def clip_height(self) -> int:
        """Return the height of every clip."""
        return self.lane_height - 2 * LANE_PADDING

    def clip_box(self, clip: Clip, lane: int) -> Box:
        """Return the box of a clip's frames, padded in its lane."""
        left, right = self.x_of(clip.position), self.x_of(clip.end)
        top = self.lane_top(lane) + LANE_PADDING
        return Box(left, top, right - left, self.clip_height)

    def wave_box(self, clip: Box) -> Box:
        """Return the part of a clip's box that its waveform fills."""
        margin = 24 + (10 if clip.height >= _TALL_CLIP else 0)
        height = max(4.0, clip.height - margin)
        middle = clip.y + _NAME_HEIGHT + (clip.height - 24) / 2
        return Box(clip.x, middle - height / 2, clip.width, height)

    # ── moving about; each returns another geometry ──

    def zoomed(self, factor: float, anchor_x: float, length: int) -> Geometry:
        """Zoom in by a factor (out below 1) so that the frame at `anchor_x` stays where it is."""
        furthest = max(1.0, 2.0 * length / max(1.0, self.width))
        wanted = self.frames_per_pixel / factor
        scale = min(max(wanted, 1 / MAX_PIXELS_PER_FRAME), max(furthest, self.frames_per_pixel))
        anchor = self.left_frame + anchor_x * self.frames_per_pixel
        return replace(self, frames_per_pixel=scale, left_frame=max(0.0, anchor - anchor_x * scale))

    def fitted(self, start: int, end: int) -> Geometry:
        """Show the frames from `start` to `end`, with a small margin."""
        room = max(1.0, self.width - 2 * _SIDE_MARGIN)
        scale = max((end - start) / room, 1 / MAX_PIXELS_PER_FRAME)
        return replace(self, frames_per_pixel=scale, left_frame=max(0.0, start - _SIDE_MARGIN * scale))

    def last_left(self, length: int) -> float:
        """Return how far the left edge scrolls: a quarter of the width stays free behind the end."""
        shown = self.width * self.frames_per_pixel
        return length - 0.75 * shown if length > shown else 0.0

    def last_top(self, tracks: int) -> int:
        """Return how far down the lanes scroll."""
        return max(0, self.content_height(tracks) - max(0, int(self.height) - RULER_HEIGHT))

    def scrolled(self, left_frame: float, top: float, length: int, tracks: int) -> Geometry:
        """Scroll to a frame and a height, kept within a session of a length and number of tracks."""
        last = max(self.last_left(length), self.left_frame)
        lowest = self.last_top(tracks)
        left_frame = min(max(0.0, left_frame), last)
        return replace(self, left_frame=left_frame, top=round(min(max(0.0, top), lowest)))
