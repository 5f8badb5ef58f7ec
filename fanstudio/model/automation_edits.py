"""Edits of automation: curves over the timeline that rule a strip's values.

`strip_id` and `target` are as in `mixer_edits` and `mixer.Automation`. Whoever calls holds values within
the range of what they rule; here gain and pan are. Raises EditError where an edit makes no sense.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fanstudio.errors import EditError
from fanstudio.model.lanes import check_frame
from fanstudio.model.mixer import MAX_POINTS, MAX_VALUE, Automation, Point, range_of
from fanstudio.model.mixer_edits import automation_of, keep_automation, with_automation
from fanstudio.model.session import Session


def set_automation(session: Session, strip_id: str, target: str, points: Iterable[Point]) -> Session:
    """Set a whole curve and enable it; without points nothing is automated any more."""
    curve = Automation(target, _in_order(target, points))
    curves = automation_of(session, strip_id)
    if not curve.points:
        return remove_automation(session, strip_id, target)
    if all(old.target != target for old in curves):
        return with_automation(session, strip_id, (*curves, curve))
    changed = tuple(curve if old.target == target else old for old in curves)
    return with_automation(session, strip_id, changed)


def add_point(session: Session, strip_id: str, target: str, frame: int, value: float) -> Session:
    """Add a point to a curve, which begins with it where there is none; one at that frame gives way."""
    points = _points(session, strip_id, target)
    return _renew(session, strip_id, target, (*points, Point(frame, value)))


def move_point(session: Session, strip_id: str, target: str, index: int, frame: int, value: float) -> Session:
    """Move a point, at most up to its neighbours."""
    points = list(_points(session, strip_id, target))
    if not 0 <= index < len(points):
        raise EditError("That point is no longer there.")
    if index + 1 < len(points):
        frame = min(frame, points[index + 1].frame - 1)
    frame = max(frame, points[index - 1].frame + 1 if index else 0)
    points[index] = Point(frame, value)
    return _renew(session, strip_id, target, points)


def remove_point(session: Session, strip_id: str, target: str, index: int) -> Session:
    """Take a point out of a curve; with its last one the curve goes."""
    points = list(_points(session, strip_id, target))
    if not 0 <= index < len(points):
        raise EditError("That point is no longer there.")
    del points[index]
    return _renew(session, strip_id, target, points)


def enable_automation(session: Session, strip_id: str, target: str, enabled: bool) -> Session:
    """Let a curve rule its value, or the fader."""
    curves = tuple(
        replace(curve, enabled=enabled) if curve.target == target else curve
        for curve in automation_of(session, strip_id)
    )
    return with_automation(session, strip_id, curves)


def remove_automation(session: Session, strip_id: str, target: str) -> Session:
    """Remove a curve; the fader rules again."""
    return keep_automation(session, strip_id, lambda curve: curve.target != target)


def _points(session: Session, strip_id: str, target: str) -> tuple[Point, ...]:
    curves = (curve for curve in automation_of(session, strip_id) if curve.target == target)
    curve = next(curves, None)
    return curve.points if curve else ()


def _renew(session: Session, strip_id: str, target: str, points: Iterable[Point]) -> Session:
    """Set a curve's points; it stays disabled where it was."""
    was_enabled = all(curve.enabled for curve in automation_of(session, strip_id) if curve.target == target)
    session = set_automation(session, strip_id, target, points)
    return session if was_enabled else enable_automation(session, strip_id, target, False)


def _in_order(target: str, points: Iterable[Point]) -> tuple[Point, ...]:
    by_frame = {point.frame: replace(point, value=_held(target, point.value)) for point in points}
    for frame in by_frame:
        check_frame(frame, 0)
    if len(by_frame) > MAX_POINTS:
        raise EditError(f"A curve has at most {MAX_POINTS} points.")
    return tuple(by_frame[frame] for frame in sorted(by_frame))


def _held(target: str, value: float) -> float:
    if not abs(value) <= MAX_VALUE:
        raise EditError("An automated value is a number.")
    low, high = range_of(target)
    return min(high, max(low, float(value)))
