"""Edits of the mixer: effects, buses, sends and outputs; each takes a session and returns the edited one.

`strip_id` is a track's id, a bus's id or `MASTER`. Raises EditError where an edit makes no sense.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from fanstudio.errors import EditError
from fanstudio.model.lanes import clean_name, held_gain, map_tracks, with_track
from fanstudio.model.mixer import (
    MASTER,
    MAX_BUSES,
    MAX_EFFECTS,
    MAX_VALUE,
    Automation,
    Bus,
    EffectSlot,
    Send,
    is_kind,
    send_target,
)
from fanstudio.model.session import Session, Track, new_id

Effects = tuple[EffectSlot, ...]

# ── effects ──────────────────────────────────────────────────────────────────────────────────


def effects_of(session: Session, strip_id: str) -> Effects:
    """Return a strip's chain of effects, in the order in which they sound."""
    return session.master_effects if strip_id == MASTER else strip(session, strip_id).effects


def add_effect(
    session: Session,
    strip_id: str,
    kind: str,
    values: Mapping[str, float] | None = None,
    *,
    at: int | None = None,
) -> Session:
    """Put an effect into a strip's chain, last unless `at` says where."""
    effects = effects_of(session, strip_id)
    if not is_kind(kind):
        raise EditError(f"“{kind[:40]}” is no effect.")
    if len(effects) >= MAX_EFFECTS:
        raise EditError(f"A strip holds at most {MAX_EFFECTS} effects.", hint="Remove one first.")
    slot = EffectSlot(new_id(), kind, _settings(values or {}))
    index = len(effects) if at is None else at
    return with_effects(session, strip_id, (*effects[:index], slot, *effects[index:]))


def remove_effect(session: Session, strip_id: str, slot_id: str) -> Session:
    """Take an effect out of a strip's chain, and what automated it."""
    _slot(session, strip_id, slot_id)
    left = tuple(slot for slot in effects_of(session, strip_id) if slot.id != slot_id)
    session = with_effects(session, strip_id, left)
    return keep_automation(session, strip_id, lambda curve: not curve.target.startswith(f"{slot_id}."))


def move_effect(session: Session, strip_id: str, slot_id: str, index: int) -> Session:
    """Move an effect to another place in its strip's chain."""
    moved = _slot(session, strip_id, slot_id)
    others = [slot for slot in effects_of(session, strip_id) if slot.id != slot_id]
    others.insert(min(max(0, index), len(others)), moved)
    return with_effects(session, strip_id, tuple(others))


def set_effect_value(session: Session, strip_id: str, slot_id: str, name: str, value: float) -> Session:
    """Set one parameter of an effect; the others stay."""
    slot = _slot(session, strip_id, slot_id)
    return set_effect_values(session, strip_id, slot_id, {**dict(slot.values), name: value})


def set_effect_values(session: Session, strip_id: str, slot_id: str, values: Mapping[str, float]) -> Session:
    """Set an effect's parameters, as a preset does; those that are left out are at their defaults."""
    slot = replace(_slot(session, strip_id, slot_id), values=_settings(values))
    return _with_slot(session, strip_id, slot)


def enable_effect(session: Session, strip_id: str, slot_id: str, enabled: bool) -> Session:
    """Switch an effect on, or off: sound then passes it by."""
    slot = replace(_slot(session, strip_id, slot_id), enabled=enabled)
    return _with_slot(session, strip_id, slot)


# ── buses, outputs, sends ────────────────────────────────────────────────────────────────────


def add_bus(session: Session, name: str) -> Session:
    """Add a bus, last; nothing feeds it yet."""
    if len(session.buses) >= MAX_BUSES:
        raise EditError(f"A session holds at most {MAX_BUSES} buses.", hint="Remove one first.")
    return replace(session, buses=(*session.buses, Bus(new_id(), clean_name(name))))


def remove_bus(session: Session, bus_id: str) -> Session:
    """Remove a bus; what it was the output of goes to the master, and sends to it end."""
    session.bus(bus_id)

    def cut_off(track: Track) -> Track:
        return replace(
            track,
            output="" if track.output == bus_id else track.output,
            sends=tuple(send for send in track.sends if send.bus != bus_id),
            automation=tuple(curve for curve in track.automation if curve.target != send_target(bus_id)),
        )

    session = map_tracks(session, cut_off)
    return replace(session, buses=tuple(bus for bus in session.buses if bus.id != bus_id))


def rename_bus(session: Session, bus_id: str, name: str) -> Session:
    """Give a bus another name."""
    return _with_bus(session, replace(session.bus(bus_id), name=clean_name(name)))


def set_bus_gain(session: Session, bus_id: str, gain_db: float) -> Session:
    """Set a bus's gain in dB, held within −60…+12."""
    return _with_bus(session, replace(session.bus(bus_id), gain_db=held_gain(gain_db)))


def set_bus_pan(session: Session, bus_id: str, pan: float) -> Session:
    """Set a bus's balance, held within −1 (left) … 1 (right)."""
    return _with_bus(session, replace(session.bus(bus_id), pan=min(1.0, max(-1.0, float(pan)))))


def mute_bus(session: Session, bus_id: str, muted: bool) -> Session:
    """Mute or unmute a bus."""
    return _with_bus(session, replace(session.bus(bus_id), muted=muted))


def solo_bus(session: Session, bus_id: str, soloed: bool) -> Session:
    """Solo or unsolo a bus: what feeds it sounds, through it."""
    return _with_bus(session, replace(session.bus(bus_id), soloed=soloed))


def set_output(session: Session, track_id: str, bus_id: str) -> Session:
    """Feed a track to a bus, or to the master where `bus_id` is empty."""
    if bus_id:
        session.bus(bus_id)
    return with_track(session, replace(session.track(track_id), output=bus_id))


def set_send(session: Session, track_id: str, bus_id: str, gain_db: float) -> Session:
    """Send a track to a bus as well, or change how much of it, held within −60…+12 dB."""
    session.bus(bus_id)
    track = session.track(track_id)
    send = Send(bus_id, held_gain(gain_db))
    known = any(old.bus == bus_id for old in track.sends)
    changed = tuple(send if old.bus == bus_id else old for old in track.sends)
    return with_track(session, replace(track, sends=changed if known else (*track.sends, send)))


def remove_send(session: Session, track_id: str, bus_id: str) -> Session:
    """End a send, and what automated it."""
    track = session.track(track_id)
    sends = tuple(send for send in track.sends if send.bus != bus_id)
    session = with_track(session, replace(track, sends=sends))
    return keep_automation(session, track_id, lambda curve: curve.target != send_target(bus_id))


# ── strips ───────────────────────────────────────────────────────────────────────────────────


def strip(session: Session, strip_id: str) -> Track | Bus:
    """Return the track or bus with this id, or raise EditError."""
    for bus in session.buses:
        if bus.id == strip_id:
            return bus
    return session.track(strip_id)


def automation_of(session: Session, strip_id: str) -> tuple[Automation, ...]:
    """Return what is automated of a strip."""
    return session.master_automation if strip_id == MASTER else strip(session, strip_id).automation


def with_effects(session: Session, strip_id: str, effects: Effects) -> Session:
    """Return the session with a strip's chain of effects replaced."""
    if strip_id == MASTER:
        return replace(session, master_effects=effects)
    return _with_strip(session, replace(strip(session, strip_id), effects=effects))


def with_automation(session: Session, strip_id: str, curves: tuple[Automation, ...]) -> Session:
    """Return the session with a strip's automation replaced."""
    if strip_id == MASTER:
        return replace(session, master_automation=curves)
    return _with_strip(session, replace(strip(session, strip_id), automation=curves))


def keep_automation(session: Session, strip_id: str, wanted: Callable[[Automation], bool]) -> Session:
    """Return the session with only the curves of a strip that are wanted."""
    curves = automation_of(session, strip_id)
    return with_automation(session, strip_id, tuple(curve for curve in curves if wanted(curve)))


def _with_strip(session: Session, changed: Track | Bus) -> Session:
    return _with_bus(session, changed) if isinstance(changed, Bus) else with_track(session, changed)


def _with_bus(session: Session, bus: Bus) -> Session:
    return replace(session, buses=tuple(bus if old.id == bus.id else old for old in session.buses))


def _with_slot(session: Session, strip_id: str, slot: EffectSlot) -> Session:
    effects = effects_of(session, strip_id)
    return with_effects(session, strip_id, tuple(slot if old.id == slot.id else old for old in effects))


def _slot(session: Session, strip_id: str, slot_id: str) -> EffectSlot:
    for slot in effects_of(session, strip_id):
        if slot.id == slot_id:
            return slot
    raise EditError("That effect is no longer there.")


def _settings(values: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    if not all(abs(value) <= MAX_VALUE for value in values.values()):
        raise EditError("An effect's values are numbers.")
    return tuple(sorted((name, float(value)) for name, value in values.items()))
