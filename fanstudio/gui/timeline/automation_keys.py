"""Keys for the chosen point of a curve."""

from __future__ import annotations

from PySide6.QtCore import Qt

from fanstudio.gui.timeline.automation_gestures import remove_point
from fanstudio.gui.timeline.curves import ShownCurve
from fanstudio.gui.timeline.state import TimelineState
from fanstudio.model import automation_edits
from fanstudio.model.timebase import beat_length

_SIDEWAYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_UPRIGHT = {Qt.Key.Key_Down: -1, Qt.Key.Key_Up: 1}
_STEP, _FINE = 0.02, 0.005


def press_point_key(state: TimelineState, key: int, modifiers: Qt.KeyboardModifier) -> bool:
    """Handle a key while a point is chosen; False if it means nothing to it.

    Left and Right go to the neighbours, with Ctrl they move the point by a beat; Up and Down change its
    value, with Shift finely; Delete removes it, Escape leaves it.
    """
    found = state.curves.chosen_point(state.session)
    if found is None:
        return False
    curve, index = found
    if key == Qt.Key.Key_Escape:
        state.choose_point(None)
    elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        remove_point(state, curve.strip_id, index)
    elif key in _UPRIGHT:
        fine = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        _turn(state, curve, index, _UPRIGHT[Qt.Key(key)] * (_FINE if fine else _STEP))
    elif key in _SIDEWAYS and modifiers & Qt.KeyboardModifier.ControlModifier:
        _shift(state, curve, index, _SIDEWAYS[Qt.Key(key)])
    elif key in _SIDEWAYS:
        beside = index + _SIDEWAYS[Qt.Key(key)]
        state.choose_point((curve.strip_id, min(max(0, beside), len(curve.points) - 1)))
    else:
        return False
    return True


def _turn(state: TimelineState, curve: ShownCurve, index: int, by: float) -> None:
    point, scale = curve.points[index], curve.target.scale
    value = scale.value_at(scale.share_of(point.value) + by)
    _move(state, curve, index, point.frame, value)


def _shift(state: TimelineState, curve: ShownCurve, index: int, beats: int) -> None:
    """Move a point by a beat, or by a tenth of a second where no tempo is set."""
    point, session = curve.points[index], state.session
    step = beat_length(session, point.frame) if session.tempo else session.sample_rate / 10
    _move(state, curve, index, max(0, point.frame + beats * round(step)), point.value)


def _move(state: TimelineState, curve: ShownCurve, index: int, frame: int, value: float) -> None:
    state.document.apply(
        "Move automation point",
        lambda session: automation_edits.move_point(
            session, curve.strip_id, curve.target.name, index, frame, value
        ),
    )
