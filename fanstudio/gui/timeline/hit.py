"""What lies under a point of the timeline; pure arithmetic."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from enum import Enum, auto

from fanstudio.gui.timeline.geometry import Box, Geometry
from fanstudio.gui.tokens import RULER_HEIGHT
from fanstudio.model.session import Clip, Session, Track

#: How near, in pixels, an edge takes the pointer.
EDGE_REACH = 6
#: Half the side of the square in which a fade handle takes the pointer.
HANDLE_REACH = 8
#: Fade handles sit this far below a clip's top edge.
HANDLE_DROP = 6
LOOP_STRIP_TOP = 28
#: A clip narrower than this is moved and trimmed, but has no fade handles.
MIN_WIDTH_FOR_HANDLES = 32


class Part(Enum):
    """A part of the timeline that answers to the pointer."""

    RULER = auto()
    LOOP_START = auto()
    LOOP_END = auto()
    LANE = auto()
    BELOW = auto()
    BODY = auto()
    LEFT_EDGE = auto()
    RIGHT_EDGE = auto()
    FADE_IN = auto()
    FADE_OUT = auto()
    #: A lane on which automation shows, and a point of its curve.
    CURVE = auto()
    POINT = auto()


#: Parts that belong to a clip.
CLIP_PARTS = frozenset({Part.BODY, Part.LEFT_EDGE, Part.RIGHT_EDGE, Part.FADE_IN, Part.FADE_OUT})


@dataclass(frozen=True, slots=True)
class Hit:
    """What lies under a point, at which frame, on which track and clip, if any.

    Over automation `track_id` names the strip, which may be a bus, and `point` the curve's point.
    """

    part: Part
    frame: int
    track_id: str | None = None
    clip_id: str | None = None
    point: int | None = None


def find_hit(session: Session, geometry: Geometry, x: float, y: float) -> Hit:
    """Return what lies under a point in logical pixels."""
    frame = geometry.frame_at(x)
    if y < RULER_HEIGHT:
        return Hit(_ruler_part(session, geometry, x, y), frame)
    lane = geometry.lane_at(y)
    if lane >= len(session.tracks):
        return Hit(Part.BELOW, frame)
    track = session.tracks[lane]
    clip = _clip_near(track, geometry, lane, x, y)
    if clip is None:
        return Hit(Part.LANE, frame, track.id)
    return Hit(_clip_part(clip, geometry, geometry.clip_box(clip, lane), x, y), frame, track.id, clip.id)


def fade_handles(clip: Clip, geometry: Geometry, box: Box) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the centres of a clip's fade-in and fade-out handles."""
    y = box.y + HANDLE_DROP
    inset = HANDLE_DROP
    fade_in = min(
        max(box.x + clip.fade_in_shown / geometry.frames_per_pixel, box.x + inset), box.right - inset
    )
    fade_out = max(
        min(box.right - clip.fade_out_shown / geometry.frames_per_pixel, box.right - inset), box.x + inset
    )
    return (fade_in, y), (fade_out, y)


def clips_in(session: Session, geometry: Geometry, band: Box) -> frozenset[str]:
    """Return the ids of the clips that a rubber band touches."""
    return frozenset(
        clip.id
        for lane, track in enumerate(session.tracks)
        for clip in track.clips
        if geometry.clip_box(clip, lane).touches(band)
    )


def visible_clips(track: Track, start_frame: float, end_frame: float) -> tuple[Clip, ...]:
    """Return a track's clips that show between two frames; clips of a track never overlap."""
    clips = track.clips
    first = max(0, bisect.bisect_right(clips, start_frame, key=lambda clip: clip.position) - 1)
    last = bisect.bisect_left(clips, end_frame, key=lambda clip: clip.position)
    shown = clips[first:last]
    return shown[1:] if shown and shown[0].end <= start_frame else shown


def _ruler_part(session: Session, geometry: Geometry, x: float, y: float) -> Part:
    loop = session.loop
    if loop is None or y < LOOP_STRIP_TOP:
        return Part.RULER
    if abs(x - geometry.x_of(loop.end)) <= EDGE_REACH:
        return Part.LOOP_END
    if abs(x - geometry.x_of(loop.start)) <= EDGE_REACH:
        return Part.LOOP_START
    return Part.RULER


def _clip_near(track: Track, geometry: Geometry, lane: int, x: float, y: float) -> Clip | None:
    frame = geometry.left_frame + x * geometry.frames_per_pixel
    for clip in visible_clips(track, frame, frame + 1):
        if geometry.clip_box(clip, lane).contains(x, y):
            return clip
    return None


def _clip_part(clip: Clip, geometry: Geometry, box: Box, x: float, y: float) -> Part:
    if box.width >= MIN_WIDTH_FOR_HANDLES:
        (in_x, handle_y), (out_x, _) = fade_handles(clip, geometry, box)
        if abs(y - handle_y) <= HANDLE_REACH:
            if abs(x - in_x) <= HANDLE_REACH:
                return Part.FADE_IN
            if abs(x - out_x) <= HANDLE_REACH:
                return Part.FADE_OUT
    reach = min(EDGE_REACH, box.width / 4)
    if x - box.x <= reach:
        return Part.LEFT_EDGE
    return Part.RIGHT_EDGE if box.right - x <= reach else Part.BODY
