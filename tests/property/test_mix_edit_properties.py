"""Whatever is edited while a mix goes on, it ends up as the mix of the session that it was edited to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.route import Route
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
from fanstudio.model.session import Session, Source, new_session
from fanstudio.model.warp import Warp
from tests.support.sounds import a_source, noise

RATE = 8_000
FRAMES = 4 * RATE
SOUNDS = {1: noise(FRAMES, 1, seed=1, peak=0.02), 2: noise(FRAMES, 2, seed=2, peak=0.02)}
#: These forget soon what they heard; so quiet a sound leaves the limiter at rest.
KINDS = (("equaliser", {"low_db": 4.0}), ("limiter", {}), ("delay", {"feedback": 0.0}))
SETTLED = 2 * RATE
Draw = Callable[[st.SearchStrategy], object]


def sounds(source: Source, _warp: Warp | None) -> np.ndarray:
    return SOUNDS[source.channels]


def start() -> Session:
    session = add_bus(add_bus(new_session("x", RATE), "One"), "Two")
    for number in range(3):
        channels = 1 + number % 2
        session = edits.import_source(session, a_source(str(channels), FRAMES, channels, RATE))
    return session


def a_track(session: Session, draw: Draw) -> str:
    return draw(st.sampled_from(session.tracks)).id


def a_bus(session: Session, draw: Draw) -> str:
    if not session.buses:
        raise EditError("There is no bus.")
    return draw(st.sampled_from(session.buses)).id


def a_strip(session: Session, draw: Draw) -> str:
    strips = [strip.id for strip in (*session.tracks, *session.buses)]
    return draw(st.sampled_from([*strips, MASTER]))


def an_effect(session: Session, draw: Draw) -> tuple[str, str]:
    strip = a_strip(session, draw)
    effects = effects_of(session, strip)
    if not effects:
        raise EditError("There is no effect.")
    return strip, draw(st.sampled_from(effects)).id


YES = st.booleans()
GAINS = st.floats(-30, 6)
EDITS = (
    lambda s, d: edits.set_track_gain(s, a_track(s, d), d(GAINS)),
    lambda s, d: edits.set_pan(s, a_track(s, d), d(st.floats(-1, 1))),
    lambda s, d: edits.mute_track(s, a_track(s, d), d(YES)),
    lambda s, d: edits.solo_track(s, a_track(s, d), d(YES)),
    lambda s, d: edits.set_master_gain(s, d(GAINS)),
    lambda s, d: add_effect(s, a_strip(s, d), *d(st.sampled_from(KINDS)), at=0 if d(YES) else None),
    lambda s, d: remove_effect(s, *an_effect(s, d)),
    lambda s, d: move_effect(s, *an_effect(s, d), 0),
    lambda s, d: enable_effect(s, *an_effect(s, d), d(YES)),
    lambda s, d: set_output(s, a_track(s, d), a_bus(s, d) if d(YES) else ""),
    lambda s, d: set_send(s, a_track(s, d), a_bus(s, d), d(GAINS)),
    lambda s, d: mute_bus(s, a_bus(s, d), d(YES)),
    lambda s, d: solo_bus(s, a_bus(s, d), d(YES)),
    lambda s, d: remove_bus(s, a_bus(s, d)),
    lambda s, d: set_automation(s, a_track(s, d), GAIN, [Point(0, d(GAINS))]),
    lambda s, d: set_automation(s, a_track(s, d), PAN, [Point(0, d(st.floats(-1, 1)))]),
)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_edits_end_in_the_mix_of_the_last_session(data: st.DataObject) -> None:
    session = start()
    mix = Mix(session, sounds, 0, Route(session))
    read = 0
    for edit in data.draw(st.lists(st.sampled_from(EDITS), min_size=1, max_size=12)):
        try:
            session = edit(session, data.draw)
        except EditError:
            continue
        mix.change(session, sounds, Route(session))
        frames = data.draw(st.sampled_from((0, 1, 100, 512, 1_024)))
        assert np.isfinite(mix.read(frames)).all()
        read += frames
    mix.read(SETTLED)
    read += SETTLED
    wanted = Mix(session, sounds, 0)
    wanted.read(read)
    assert np.abs(mix.read(2_000) - wanted.read(2_000)).max() < 1e-5
