"""What a mixer strip holds besides its fader: effects, sends, buses and automation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MIN_GAIN_DB: Final = -60.0
MAX_GAIN_DB: Final = 12.0
#: More is damage, not mixing.
MAX_EFFECTS: Final = 16
MAX_BUSES: Final = 32
MAX_POINTS: Final = 100_000
#: No parameter of an effect goes beyond.
MAX_VALUE: Final = 1e9

#: The strip whose effects and automation are the master's, where edits ask for one.
MASTER: Final = "master"
#: Targets of automation beside `effect.parameter` (effect ids) and `send.bus` (bus ids).
GAIN: Final = "gain_db"
PAN: Final = "pan"
_SEND: Final = "send."
_KIND = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class EffectSlot:
    """A place in a strip's chain: the effect's kind and the parameters that differ from its defaults.

    `styling` is the id of the styling that laid it; empty where the fan did.
    """

    id: str
    kind: str
    values: tuple[tuple[str, float], ...] = ()
    enabled: bool = True
    styling: str = ""


@dataclass(frozen=True, slots=True)
class Send:
    """What of a strip goes to a bus as well, behind the fader."""

    bus: str
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Point:
    """An automated value at a timeline frame; between two points it runs in a straight line."""

    frame: int
    value: float


@dataclass(frozen=True, slots=True)
class Automation:
    """A curve over the timeline that rules one value of a strip while it is enabled.

    `target` is `gain_db`, `pan`, `send.` and a bus id, or an effect's id, a dot and a parameter. Points
    are sorted by frame, which differ; before the first and after the last its value holds.
    """

    target: str
    points: tuple[Point, ...]
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Bus:
    """A strip that is fed by tracks, as their output or by sends, and goes to the master."""

    id: str
    name: str
    effects: tuple[EffectSlot, ...] = ()
    gain_db: float = 0.0
    pan: float = 0.0
    muted: bool = False
    soloed: bool = False
    automation: tuple[Automation, ...] = ()


def send_target(bus_id: str) -> str:
    """Return the name under which a send's gain is automated."""
    return f"{_SEND}{bus_id}"


def effect_target(slot_id: str, parameter: str) -> str:
    """Return the name under which an effect's parameter is automated."""
    return f"{slot_id}.{parameter}"


def is_of_strip(target: str) -> bool:
    """Tell whether a target is a strip's own value: its gain, its pan or a send, not an effect's."""
    return target in (GAIN, PAN) or target.startswith(_SEND)


def is_kind(text: str) -> bool:
    """Tell whether a text may be an effect's kind, known here or not."""
    return _KIND.fullmatch(text) is not None


def range_of(target: str) -> tuple[float, float]:
    """Return the lowest and highest value that a target may be automated to.

    That of an effect's parameter is any number: what it means is held where effects are made.
    """
    if target == PAN:
        return -1.0, 1.0
    if target == GAIN or target.startswith(_SEND):
        return MIN_GAIN_DB, MAX_GAIN_DB
    return -MAX_VALUE, MAX_VALUE
