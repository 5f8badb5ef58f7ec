"""Automation over the lanes: which curve shows where, and which of its points is chosen."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fanstudio.gui.automation import Target, curve_of, find_target, ruled_value
from fanstudio.gui.strips import face_of
from fanstudio.gui.timeline.geometry import LANE_PADDING, Geometry
from fanstudio.gui.timeline.hit import Hit, Part
from fanstudio.gui.tokens import RULER_HEIGHT
from fanstudio.model.mixer import Point
from fanstudio.model.session import Session
from fanstudio.model.timebase import clock

#: How near, in pixels, a point takes the pointer.
POINT_REACH = 8
#: What of a lane stays free above and below the curve, so that points at the ends can be taken.
_MARGIN = 10
_SCALE_STEPS = 129

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShownCurve:
    """A curve on a lane; without points its value lies where the fader has it."""

    lane: int
    target: Target
    points: tuple[Point, ...]
    enabled: bool

    @property
    def strip_id(self) -> str:
        """Return the strip whose value it is."""
        return self.target.strip_id

    def value_at(self, frame: float) -> float:
        """Return its value at a frame."""
        return ruled_value(self.points, frame) if self.points else self.target.value

    def shares(self, frames: Floats) -> Floats:
        """Return where it lies in its lane, 0–1, at many frames at once."""
        if not self.points:
            return np.full(len(frames), self.target.scale.share_of(self.target.value))
        values = np.interp(frames, *self._arrays)
        return np.interp(values, *self._scale)

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats]:
        """Return the points' frames and values."""
        frames = np.array([point.frame for point in self.points], np.float64)
        return frames, np.array([point.value for point in self.points], np.float64)

    @cached_property
    def _scale(self) -> tuple[Floats, Floats]:
        """Return values and their shares, close enough together for straight lines between them."""
        shares = np.linspace(0.0, 1.0, _SCALE_STEPS)
        values = [self.target.scale.value_at(share) for share in shares.tolist()]
        return np.array(values), np.array([self.target.scale.share_of(value) for value in values])

    def between(self, start_frame: float, end_frame: float) -> range:
        """Return the indices of the points from one before a stretch of frames to one behind it."""
        first = bisect_left(self.points, start_frame, key=_frame) - 1
        last = bisect_right(self.points, end_frame, key=_frame) + 1
        return range(max(0, first), min(len(self.points), last))


class Curves:
    """What the fan wants to see: at most one value a strip."""

    def __init__(self) -> None:
        """Show nothing."""
        self._wanted: dict[str, str] = {}
        self._made: tuple[Session, tuple[ShownCurve, ...]] | None = None
        #: The strip and the index of the point that keys go on from.
        self.chosen: tuple[str, int] | None = None

    def want(self, wanted: Mapping[str, str]) -> None:
        """Show these values by strip: tracks on their lanes, other strips on lanes below them."""
        self._wanted = dict(wanted)
        self._made = None

    def shown(self, session: Session) -> tuple[ShownCurve, ...]:
        """Return the curves of a session that show; made once a session, not once a frame."""
        if self._made is None or self._made[0] is not session:
            self._made = session, self._make(session)
        return self._made[1]

    def lanes(self, session: Session) -> int:
        """Return how many lanes there are: one a track, and one for each other strip that shows."""
        last = max((curve.lane for curve in self.shown(session)), default=-1)
        return max(len(session.tracks), last + 1)

    def find(self, session: Session, strip_id: str) -> ShownCurve | None:
        """Return the curve of a strip that shows."""
        return next((curve for curve in self.shown(session) if curve.strip_id == strip_id), None)

    def chosen_point(self, session: Session) -> tuple[ShownCurve, int] | None:
        """Return the chosen point while it is there."""
        if self.chosen is None:
            return None
        strip_id, index = self.chosen
        curve = self.find(session, strip_id)
        return None if curve is None or index >= len(curve.points) else (curve, index)

    def _make(self, session: Session) -> tuple[ShownCurve, ...]:
        places = {track.id: lane for lane, track in enumerate(session.tracks)}
        made = []
        for strip_id, name in self._wanted.items():
            target = find_target(session, strip_id, name)
            if target is not None:
                lane = places.setdefault(strip_id, len(places))
                curve = curve_of(session, strip_id, name)
                points, enabled = (curve.points, curve.enabled) if curve else ((), True)
                made.append(ShownCurve(lane, target, points, enabled))
        return tuple(made)


def y_of_share(geometry: Geometry, lane: int, share: float) -> float:
    """Return the y of a value's place in a lane."""
    room = geometry.clip_height - 2 * _MARGIN
    return geometry.lane_top(lane) + LANE_PADDING + _MARGIN + room * (1 - share)


def share_at(geometry: Geometry, lane: int, y: float) -> float:
    """Return the place, 0–1, that a y means in a lane."""
    room = geometry.clip_height - 2 * _MARGIN
    share = 1 - (y - geometry.lane_top(lane) - LANE_PADDING - _MARGIN) / room
    return min(1.0, max(0.0, share))


def find_curve_hit(shown: tuple[ShownCurve, ...], geometry: Geometry, x: float, y: float) -> Hit | None:
    """Return what of a curve lies under a point; None where no curve's lane is."""
    lane = geometry.lane_at(y)
    curve = next((curve for curve in shown if curve.lane == lane), None)
    if curve is None or y < RULER_HEIGHT:
        return None
    frame = geometry.frame_at(x)
    index = _point_near(curve, geometry, x, y)
    return Hit(Part.CURVE if index is None else Part.POINT, frame, curve.strip_id, None, index)


def describe_point(session: Session, curve: ShownCurve, index: int) -> str:
    """Say a point's value and place, for those who do not see it."""
    point = curve.points[index]
    place = clock(point.frame, session.sample_rate)
    strip = face_of(session, curve.strip_id).name
    value = curve.target.scale.text(point.value)
    return f"{curve.target.title} of {strip}: point {index + 1} of {len(curve.points)}, {value} at {place}."


def _point_near(curve: ShownCurve, geometry: Geometry, x: float, y: float) -> int | None:
    """Return the nearest point within reach."""
    reach = geometry.frames(POINT_REACH)
    frame = geometry.frame_at(x)
    near = []
    for index in curve.between(frame - reach, frame + reach):
        point = curve.points[index]
        across = abs(geometry.x_of(point.frame) - x)
        share = curve.target.scale.share_of(point.value)
        away = abs(y_of_share(geometry, curve.lane, share) - y)
        if max(across, away) <= POINT_REACH:
            near.append((across + away, index))
    return min(near)[1] if near else None


def _frame(point: Point) -> int:
    return point.frame
