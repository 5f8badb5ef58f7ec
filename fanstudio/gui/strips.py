"""What a mixer strip shows: the same for a track, a bus and the master."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fanstudio.gui.tokens import stem_token
from fanstudio.model.mixer import MASTER, Automation, Bus, EffectSlot, Send
from fanstudio.model.session import Session, Stem, Track

#: What a fan reads where a strip feeds no bus.
MASTER_NAME = "Master"


class Kind(Enum):
    """What a strip belongs to."""

    TRACK = "track"
    BUS = "bus"
    MASTER = "master"


@dataclass(frozen=True, slots=True)
class Face:
    """A strip's values; `pan` is None for the master, and `sends` and `output` are a track's alone."""

    id: str
    kind: Kind
    name: str
    gain_db: float
    effects: tuple[EffectSlot, ...]
    automation: tuple[Automation, ...]
    pan: float | None = None
    muted: bool = False
    soloed: bool = False
    stem: Stem = Stem.MIX
    sends: tuple[Send, ...] = ()
    output: str = ""

    @property
    def icon(self) -> str:
        """Return the icon's name."""
        return f"stem-{self.stem.value}" if self.kind is Kind.TRACK else self.kind.value

    @property
    def token(self) -> str:
        """Return the token of its colour."""
        if self.kind is Kind.TRACK:
            return stem_token(self.stem)
        return "accent" if self.kind is Kind.MASTER else "text_2"


def strip_ids(session: Session) -> tuple[str, ...]:
    """Return the ids of all strips but the master's, from left to right."""
    return (*(track.id for track in session.tracks), *(bus.id for bus in session.buses))


def face_of(session: Session, strip_id: str) -> Face:
    """Return what a strip shows, or raise EditError where there is none."""
    if strip_id == MASTER:
        return _master(session)
    for bus in session.buses:
        if bus.id == strip_id:
            return _bus(bus)
    return _track(session.track(strip_id))


def bus_name(session: Session, bus_id: str) -> str:
    """Return the name of what a bus id, or an empty one, stands for."""
    return session.bus(bus_id).name if bus_id else MASTER_NAME


def _master(session: Session) -> Face:
    return Face(
        MASTER,
        Kind.MASTER,
        MASTER_NAME,
        session.master_gain_db,
        session.master_effects,
        session.master_automation,
    )


def _bus(bus: Bus) -> Face:
    return Face(
        bus.id,
        Kind.BUS,
        bus.name,
        bus.gain_db,
        bus.effects,
        bus.automation,
        pan=bus.pan,
        muted=bus.muted,
        soloed=bus.soloed,
    )


def _track(track: Track) -> Face:
    return Face(
        track.id,
        Kind.TRACK,
        track.name,
        track.gain_db,
        track.effects,
        track.automation,
        pan=track.pan,
        muted=track.muted,
        soloed=track.soloed,
        stem=track.stem,
        sends=track.sends,
        output=track.output,
    )
