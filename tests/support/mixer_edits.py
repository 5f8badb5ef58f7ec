"""Edits of the mixer at random: by hypothesis, or by a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from hypothesis import strategies as st

from fanstudio.audio.effects import EFFECTS
from fanstudio.errors import EditError
from fanstudio.model import edits
from fanstudio.model.automation_edits import set_automation
from fanstudio.model.mixer import GAIN, MASTER, PAN, Point
from fanstudio.model.mixer_edits import (
    add_bus,
    add_effect,
    effects_of,
    enable_effect,
    move_effect,
    mute_bus,
    remove_bus,
    remove_effect,
    set_output,
    set_send,
    solo_bus,
)
from fanstudio.model.session import Session, new_session
from tests.support.sounds import Floats, a_source

T = TypeVar("T")
RATE = 8_000
Kinds = Sequence[tuple[str, dict[str, float]]]
ALL_KINDS: Kinds = tuple((kind.kind, dict(kind.presets[0].values)) for kind in EFFECTS)


class Choices(Protocol):
    """Where chance comes from; `kinds` are the effects to choose from."""

    kinds: Kinds

    def one_of(self, things: Sequence[T]) -> T: ...

    def number(self, low: float, high: float) -> float: ...


class Drawn:
    """Choices that hypothesis makes, and shrinks."""

    def __init__(self, data: st.DataObject, kinds: Kinds = ALL_KINDS) -> None:
        self.kinds = kinds
        self._data = data

    def one_of(self, things: Sequence[T]) -> T:
        return things[self._data.draw(st.integers(0, len(things) - 1))]

    def number(self, low: float, high: float) -> float:
        return self._data.draw(st.floats(low, high))


class Seeded:
    """Choices that follow from a seed."""

    def __init__(self, seed: int, kinds: Kinds = ALL_KINDS) -> None:
        self.kinds = kinds
        self._random = random.Random(seed)

    def one_of(self, things: Sequence[T]) -> T:
        return self._random.choice(things)

    def number(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)


def three_tracks(sounds: dict[int, Floats]) -> Session:
    """Return a session with three tracks and two buses; `sounds` holds a mono and a stereo one."""
    session = add_bus(add_bus(new_session("x", RATE), "One"), "Two")
    for channels in (1, 2, 1):
        source = a_source(str(channels), sounds[channels].shape[1], channels, RATE)
        session = edits.import_source(session, source)
    return session


def edit_mixer(session: Session, choices: Choices) -> Session:
    """Return a session with one thing changed; the same where what was chosen makes no sense."""
    try:
        return choices.one_of(_EDITS)(session, choices)
    except EditError:
        return session


def _yes(choices: Choices) -> bool:
    return choices.one_of((True, False))


def _gain(choices: Choices) -> float:
    return choices.number(-30, 6)


def _track(session: Session, choices: Choices) -> str:
    return choices.one_of(session.tracks).id


def _bus(session: Session, choices: Choices) -> str:
    if not session.buses:
        raise EditError("There is no bus.")
    return choices.one_of(session.buses).id


def _strip(session: Session, choices: Choices) -> str:
    return choices.one_of([*(strip.id for strip in (*session.tracks, *session.buses)), MASTER])


def _effect(session: Session, choices: Choices) -> tuple[str, str]:
    strip = _strip(session, choices)
    effects = effects_of(session, strip)
    if not effects:
        raise EditError("There is no effect.")
    return strip, choices.one_of(effects).id


_EDITS: tuple[Callable[[Session, Choices], Session], ...] = (
    lambda s, c: edits.set_track_gain(s, _track(s, c), _gain(c)),
    lambda s, c: edits.set_pan(s, _track(s, c), c.number(-1, 1)),
    lambda s, c: edits.mute_track(s, _track(s, c), _yes(c)),
    lambda s, c: edits.solo_track(s, _track(s, c), _yes(c)),
    lambda s, c: edits.set_master_gain(s, _gain(c)),
    lambda s, c: add_effect(s, _strip(s, c), *c.one_of(c.kinds), at=0 if _yes(c) else None),
    lambda s, c: remove_effect(s, *_effect(s, c)),
    lambda s, c: move_effect(s, *_effect(s, c), 0),
    lambda s, c: enable_effect(s, *_effect(s, c), _yes(c)),
    lambda s, c: set_output(s, _track(s, c), _bus(s, c) if _yes(c) else ""),
    lambda s, c: set_send(s, _track(s, c), _bus(s, c), _gain(c)),
    lambda s, c: mute_bus(s, _bus(s, c), _yes(c)),
    lambda s, c: solo_bus(s, _bus(s, c), _yes(c)),
    lambda s, c: remove_bus(s, _bus(s, c)),
    lambda s, c: set_automation(s, _track(s, c), GAIN, [Point(0, _gain(c))]),
    lambda s, c: set_automation(s, _track(s, c), PAN, [Point(0, c.number(-1, 1))]),
)
