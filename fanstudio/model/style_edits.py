"""Edits of styles: laying their effects, and taking everything that a style laid away again.

`strip_id` is a track's id, a bus's id or `MASTER`. Raises EditError where an edit makes no sense.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from fanstudio.errors import EditError
from fanstudio.model.audibility import is_audible
from fanstudio.model.mixer import MASTER, EffectSlot
from fanstudio.model.mixer_edits import add_effect, effects_of, remove_effect, with_effects
from fanstudio.model.session import Session, Track
from fanstudio.model.style_moves import take_moves_back
from fanstudio.model.styling import MAX_STYLINGS, Styling


def add_styling(session: Session, styling: Styling) -> Session:
    """Take note of a style that is applied; `lay_effect` then refers to it."""
    if any(known.id == styling.id for known in session.stylings):
        raise EditError("That style is applied already.")
    if not 0 <= styling.amount <= 1:
        raise EditError("A style's amount runs from 0 to 1.")
    if len(session.stylings) >= MAX_STYLINGS:
        raise EditError(f"A session holds at most {MAX_STYLINGS} styles.", hint="Remove one first.")
    return replace(session, stylings=(*session.stylings, styling))


def lay_effect(
    session: Session,
    strip_id: str,
    kind: str,
    values: Mapping[str, float],
    styling_id: str,
    *,
    at: int | None = None,
) -> Session:
    """Put an effect of a style into a strip's chain, last unless `at` says where."""
    find_styling(session, styling_id)
    known = {slot.id for slot in effects_of(session, strip_id)}
    session = add_effect(session, strip_id, kind, values, at=at)
    effects = tuple(
        slot if slot.id in known else replace(slot, styling=styling_id)
        for slot in effects_of(session, strip_id)
    )
    return with_effects(session, strip_id, effects)


def remove_styling(session: Session, styling_id: str) -> Session:
    """Take a style out again: its effects with what automated them, what it made and what it moved.

    What was changed otherwise stays.
    """
    styling = find_styling(session, styling_id)
    for strip_id, slot in tuple(_styled(session, styling_id)):
        session = remove_effect(session, strip_id, slot.id)
    session = take_moves_back(session, styling.moves)
    return replace(session, stylings=tuple(item for item in session.stylings if item.id != styling_id))


def find_styling(session: Session, styling_id: str) -> Styling:
    """Return the styling with this id, or raise EditError."""
    for styling in session.stylings:
        if styling.id == styling_id:
            return styling
    raise EditError("That style is no longer in the session.")


def stylings_heard(session: Session, track: Track) -> tuple[Styling, ...]:
    """Return the stylings through whose effects a track sounds, in the order of the session."""
    if not is_audible(session, track):
        return ()
    ways = {track.output, *(send.bus for send in track.sends)}
    chains = [track.effects, session.master_effects]
    chains += [bus.effects for bus in session.buses if bus.id in ways]
    heard = {slot.styling for chain in chains for slot in chain if slot.enabled}
    return tuple(styling for styling in session.stylings if styling.id in heard)


def _styled(session: Session, styling_id: str) -> Iterator[tuple[str, EffectSlot]]:
    tracks = (track.id for track in session.tracks)
    for strip_id in (*tracks, *(bus.id for bus in session.buses), MASTER):
        for slot in effects_of(session, strip_id):
            if slot.styling == styling_id:
                yield strip_id, slot
