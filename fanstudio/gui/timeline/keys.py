"""What keys do while the timeline has the focus; everything else is an action of the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from fanstudio.gui.timeline.selection import above_or_below, beside
from fanstudio.gui.timeline.state import TimelineState
from fanstudio.model import edits
from fanstudio.model.session import Session
from fanstudio.model.timebase import beat_length

_LEFT, _RIGHT = Qt.Key.Key_Left, Qt.Key.Key_Right
_UP, _DOWN = Qt.Key.Key_Up, Qt.Key.Key_Down
_DIRECTIONS = {_LEFT: -1, _RIGHT: 1, _UP: -1, _DOWN: 1}


def press_key(state: TimelineState, key: int, modifiers: Qt.KeyboardModifier) -> bool:
    """Handle a key; False if it means nothing here."""
    if key == Qt.Key.Key_Escape:
        return _clear(state)
    if key == Qt.Key.Key_Home:
        state.locate(0)
        return True
    if key == Qt.Key.Key_End:
        state.locate(state.session.length)
        return True
    if key not in _DIRECTIONS:
        return False
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return _nudge(state, Qt.Key(key))
    return _go(state, Qt.Key(key), extend=bool(modifiers & Qt.KeyboardModifier.ShiftModifier))


def _clear(state: TimelineState) -> bool:
    had = bool(state.selection)
    state.select(frozenset())
    return had


def _go(state: TimelineState, key: Qt.Key, *, extend: bool) -> bool:
    find: Callable[[Session, str | None, int, int], str | None]
    find = beside if key in (_LEFT, _RIGHT) else above_or_below
    target = find(state.session, state.current_clip, _DIRECTIONS[key], state.playhead)
    if target is not None:
        state.go_to(target, extend=extend)
    return True


def _nudge(state: TimelineState, key: Qt.Key) -> bool:
    """Move the selected clips by a beat, or by a tenth of a second where no tempo is set."""
    session = state.session
    chosen = [clip for clip in session.clips() if clip.id in state.selection]
    if key not in (_LEFT, _RIGHT) or not chosen:
        return False
    first = min(clip.position for clip in chosen)
    step = beat_length(session, first) if session.tempo else session.sample_rate / 10
    shift = max(-first, _DIRECTIONS[key] * round(step))
    moves = [(clip.id, clip.position + shift, None) for clip in chosen]
    state.document.apply("Nudge clip", lambda now: edits.move_clips(now, moves))
    return True
