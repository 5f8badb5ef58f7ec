"""What must hold of effects, buses, sends and automation in a project file from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fanstudio.model.mixer import (
    MASTER,
    MAX_BUSES,
    MAX_EFFECTS,
    MAX_GAIN_DB,
    MAX_POINTS,
    MAX_VALUE,
    MIN_GAIN_DB,
    Automation,
    Bus,
    EffectSlot,
    is_kind,
    range_of,
)
from fanstudio.model.session import MAX_FRAMES, Session, Stem, Track
from fanstudio.model.styling import MAX_STYLINGS, Styling

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_MOVES = 10_000


def mixer_faults(session: Session) -> Iterator[str]:
    """Yield what contradicts itself, in words."""
    buses = {bus.id for bus in session.buses}
    strips: tuple[Track | Bus, ...] = (*session.tracks, *session.buses)
    if len(session.buses) > MAX_BUSES or len(buses) < len(session.buses) or MASTER in buses:
        yield "its buses are too many, or two have one id"
    if not (buses | {MASTER}).isdisjoint(track.id for track in session.tracks):
        yield "a track and a bus have one id"
    for bus in session.buses:
        if not _ID.fullmatch(bus.id):
            yield "a bus's id is not plain"
        if not MIN_GAIN_DB <= bus.gain_db <= MAX_GAIN_DB or not -1 <= bus.pan <= 1:
            yield "a bus's gain or pan is out of range"
    yield from _send_faults(session.tracks, buses)
    chains = [*(strip.effects for strip in strips), session.master_effects]
    yield from _effect_faults(chains)
    yield from _styling_faults(session.stylings, chains)
    for curves in (*(strip.automation for strip in strips), session.master_automation):
        yield from _automation_faults(curves)


def _send_faults(tracks: Iterable[Track], buses: set[str]) -> Iterator[str]:
    for track in tracks:
        sent = [send.bus for send in track.sends]
        if not buses.issuperset(sent) or (track.output and track.output not in buses):
            yield "a track feeds a bus that is not there"
        if len(sent) != len(set(sent)):
            yield "a track is sent to one bus twice"
        if not all(MIN_GAIN_DB <= send.gain_db <= MAX_GAIN_DB for send in track.sends):
            yield "a send's gain is out of range"


def _effect_faults(chains: Iterable[tuple[EffectSlot, ...]]) -> Iterator[str]:
    seen: set[str] = set()
    for chain in chains:
        if len(chain) > MAX_EFFECTS:
            yield "a strip holds too many effects"
        for slot in chain:
            names = [name for name, _ in slot.values]
            if slot.id in seen or not _ID.fullmatch(slot.id):
                yield "two effects have one id, or one's id is not plain"
            if not is_kind(slot.kind) or len(names) != len(set(names)):
                yield "an effect is not described well"
            if not all(abs(value) <= MAX_VALUE for _, value in slot.values):
                yield "an effect's value is not a number"
            seen.add(slot.id)


def _styling_faults(stylings: tuple[Styling, ...], chains: Iterable[tuple[EffectSlot, ...]]) -> Iterator[str]:
    ids = [styling.id for styling in stylings]
    if len(ids) > MAX_STYLINGS or len(ids) != len(set(ids)) or not all(map(_ID.fullmatch, ids)):
        yield "its styles are too many, two have one id, or one's id is not plain"
    if not {slot.styling for chain in chains for slot in chain if slot.styling}.issubset(ids):
        yield "an effect belongs to a style that is not there"
    for styling in stylings:
        amounts = (styling.amount, *(amount for _, amount in styling.amounts))
        if not all(0 <= amount <= 1 for amount in amounts):
            yield "a style's amount is out of range"
        if not {stem for stem, _ in styling.amounts}.issubset(Stem):
            yield "a style has an amount for what is no stem"
        moved = all(abs(amount) <= MAX_VALUE for _, amount in styling.moves)
        if not moved or len(styling.moves) > _MOST_MOVES:
            yield "what a style moved is too much, or not a number"
        if styling.ai != bool(styling.model_id):
            yield "a style does not say which net took part"


def _automation_faults(curves: tuple[Automation, ...]) -> Iterator[str]:
    targets = [curve.target for curve in curves]
    if len(targets) != len(set(targets)):
        yield "one value is automated twice"
    for curve in curves:
        frames = [point.frame for point in curve.points]
        if not 0 < len(frames) <= MAX_POINTS or frames != sorted(set(frames)):
            yield "an automation's points are none, too many, or out of order"
        elif frames[0] < 0 or frames[-1] > MAX_FRAMES:
            yield "an automation's point lies off the timeline"
        low, high = range_of(curve.target)
        if not all(low <= point.value <= high for point in curve.points):
            yield "an automation's value is out of range"
