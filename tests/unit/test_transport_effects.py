"""The transport with effects: tails are heard out, edits and jumps come soon, and faults are told."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from fanstudio.audio.device import BLOCK_FRAMES
from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.mix.tails import mix_end, tail_frames
from fanstudio.audio.route import Route
from fanstudio.audio.samples import Samples
from fanstudio.audio.transport import Transport
from fanstudio.model import edits
from fanstudio.model.mixer import MASTER
from fanstudio.model.mixer_edits import add_bus, add_effect, set_send
from fanstudio.model.session import Session, Source
from fanstudio.model.warp import Warp
from tests.support.mixes import RATE, Tracks
from tests.support.outputs import Recording, opener, wait_until
from tests.support.sounds import noise

DESK = Tracks(voice=noise(RATE, 2, 1, peak=0.2), broken=np.full((2, RATE), np.nan, np.float32))


@pytest.fixture
def session() -> Session:
    """The voice through a compressor and a limiter, sent to a room, and a limiter on the master."""
    made = edits.mute_track(DESK.session, DESK["broken"], True)
    for kind in ("compressor", "limiter"):
        made = add_effect(made, DESK["voice"], kind)
    made = add_bus(made, "Room")
    bus = made.buses[0].id
    made = add_effect(made, bus, "reverb", {"mix": 1, "decay_s": 0.3})
    return add_effect(set_send(made, DESK["voice"], bus, -6), MASTER, "limiter")


def sounds(source: Source, _rate: int, warp: Warp | None) -> Samples:
    return DESK.samples(source, warp)


@pytest.fixture
def outputs() -> list[Recording]:
    return []


@pytest.fixture
def transport(session: Session, outputs: list[Recording]) -> Iterator[Transport]:
    made = Transport(session, sounds, opener(outputs))
    yield made
    made.close()


def test_it_plays_the_bounce_with_its_tail(
    transport: Transport, session: Session, outputs: list[Recording]
) -> None:
    transport.play()
    wait_until(lambda: transport.position > RATE)
    wait_until(lambda: not transport.playing)
    assert tail_frames(session) > 0
    assert transport.position == mix_end(session)
    assert np.array_equal(outputs[0].heard_so_far(), DESK.mix(session, mix_end(session)))
    transport.play()
    assert transport.position < RATE


def test_a_jump_is_heard_from_the_very_next_block(
    transport: Transport, session: Session, outputs: list[Recording]
) -> None:
    transport.play()
    wait_until(lambda: transport.position > 3_000)
    transport.locate(20_000)
    wait_until(lambda: transport.position > 21_000)
    assert len(outputs[0].takes) == 2
    assert np.array_equal(outputs[0].takes[1][0], DESK.mix(session, BLOCK_FRAMES, 20_000))


def test_an_edit_is_heard_within_a_quarter_of_a_second(
    transport: Transport, session: Session, outputs: list[Recording]
) -> None:
    transport.play()
    wait_until(lambda: transport.position > 3_000)
    transport.set_session(edits.set_master_gain(session, -60))
    told_at = outputs[0].heard()
    wait_until(lambda: outputs[0].heard() > told_at + RATE // 2)
    heard = outputs[0].heard_so_far()
    assert np.abs(heard[:, : told_at - 1_000]).max() > 0.1
    assert np.abs(heard[:, told_at + RATE // 4 :]).max() < 1e-3


def test_the_loop_plays_as_the_mix_of_its_route(
    transport: Transport, session: Session, outputs: list[Recording]
) -> None:
    looped = edits.set_loop(session, 10_000, 14_000)
    transport.set_session(looped)
    transport.locate(9_000)
    transport.play()
    wait_until(lambda: outputs[0].heard() > 12_000)
    assert 10_000 <= transport.position <= 14_000
    heard = outputs[0].heard_so_far()
    wanted = Mix(looped, DESK.samples, 9_000, Route(looped)).read(heard.shape[1])
    assert np.array_equal(heard, wanted)


def test_what_effects_cannot_bear_is_told(transport: Transport, session: Session) -> None:
    transport.set_session(
        add_effect(edits.mute_track(session, DESK["broken"], False), DESK["broken"], "gate")
    )
    transport.play()
    wait_until(lambda: "broken: Gate" in transport.notice)
    assert transport.playing


def test_levels_show_buses_and_reductions(transport: Transport, session: Session) -> None:
    transport.play()
    wait_until(lambda: bool(transport.levels().buses))
    levels = transport.levels()
    assert set(levels.buses) == {session.buses[0].id}
    slots = {slot.id for slot in (*session.tracks[0].effects, *session.master_effects)}
    assert set(levels.reductions) == slots
