"""What is wrong with effects, and on which strips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fanstudio.audio.mix.tuning import Slots
from fanstudio.model.session import Session

#: A line for each effect that does not do its work, by slot id.
Faults = Mapping[str, str]


def told_faults(session: Session, faults: Faults) -> tuple[str, ...]:
    """Return the faults that a session's effects have, each with the name of its strip."""
    return tuple(
        f"{name}: {faults[slot.id]}"
        for name, slots in _strips(session)
        for slot in slots
        if slot.id in faults
    )


def _strips(session: Session) -> Iterator[tuple[str, Slots]]:
    yield from ((track.name, track.effects) for track in session.tracks)
    yield from ((bus.name, bus.effects) for bus in session.buses)
    yield "Master", session.master_effects
