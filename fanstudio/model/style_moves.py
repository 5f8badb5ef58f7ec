"""What a style changed besides laying effects, as differences, so that it can be taken back around edits.

A move is a name and a number: `speed` (a factor), `semitones`, `gain_db.STRIP`, `pan.STRIP`, `muted.STRIP`,
and `track.ID` or `bus.ID` for what was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from fanstudio.errors import EditError
from fanstudio.model import edits, mixer_edits
from fanstudio.model.lanes import held_gain
from fanstudio.model.mixer import MASTER, Bus
from fanstudio.model.session import Session, Track
from fanstudio.model.speed_edits import set_speed

Moves = tuple[tuple[str, float], ...]


def moves_between(before: Session, after: Session, speed: float = 1.0, semitones: float = 0.0) -> Moves:
    """Return what an edit moved, whose change of speed and pitch is told apart."""
    pairs = [("speed", speed - 1.0), ("semitones", semitones), *_strip_moves(before, after)]
    pairs.append((f"gain_db.{MASTER}", after.master_gain_db - before.master_gain_db))
    moved = tuple((name, amount) for name, amount in pairs if amount)
    return tuple((name, speed if name == "speed" else amount) for name, amount in moved)


def take_moves_back(session: Session, moves: Moves) -> Session:
    """Undo moves as far as what they moved is still there; what else was changed since stays."""
    for name, amount in reversed(moves):
        what, _, strip_id = name.partition(".")
        with suppress(EditError):
            session = _taken_back(session, what, strip_id, amount)
    told = dict(moves)
    if told.keys().isdisjoint({"speed", "semitones"}):
        return session
    speed, semitones = told.get("speed", 1.0), told.get("semitones", 0.0)
    with suppress(EditError, ZeroDivisionError):
        session = set_speed(session, 1 / speed, -semitones)
    return session


def _strip_moves(before: Session, after: Session) -> Iterator[tuple[str, float]]:
    known = {strip.id: strip for strip in _strips(before)}
    for strip in _strips(after):
        was = known.get(strip.id)
        if was is None:
            yield f"{'track' if isinstance(strip, Track) else 'bus'}.{strip.id}", 1.0
            continue
        yield f"gain_db.{strip.id}", strip.gain_db - was.gain_db
        yield f"pan.{strip.id}", strip.pan - was.pan
        yield f"muted.{strip.id}", float(strip.muted) - float(was.muted)


def _strips(session: Session) -> tuple[Track | Bus, ...]:
    return (*session.buses, *session.tracks)


def _taken_back(session: Session, what: str, strip_id: str, amount: float) -> Session:
    if what == "track":
        return edits.remove_track(session, strip_id)
    if what == "bus":
        return mixer_edits.remove_bus(session, strip_id)
    if strip_id == MASTER:
        return edits.set_master_gain(session, session.master_gain_db - amount)
    strip = mixer_edits.strip(session, strip_id) if strip_id else None
    return session if strip is None else _with_strip(session, _reset(strip, what, amount))


def _reset(strip: Track | Bus, what: str, amount: float) -> Track | Bus:
    if what == "gain_db":
        return replace(strip, gain_db=held_gain(_snapped(strip.gain_db - amount)))
    if what == "pan":
        return replace(strip, pan=min(1.0, max(-1.0, _snapped(strip.pan - amount))))
    return replace(strip, muted=False) if what == "muted" and amount > 0 else strip


def _snapped(number: float) -> float:
    return round(number, 9)


def _with_strip(session: Session, strip: Track | Bus) -> Session:
    if isinstance(strip, Bus):
        return replace(session, buses=tuple(strip if old.id == strip.id else old for old in session.buses))
    return replace(session, tracks=tuple(strip if old.id == strip.id else old for old in session.tracks))
