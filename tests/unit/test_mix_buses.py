"""Buses and sends: what goes where, and what mute and solo make of it."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.gains import amplitude
from fanstudio.audio.mix.mix import Mix
from fanstudio.model import edits
from fanstudio.model.audibility import audible_end, audible_tracks
from fanstudio.model.mixer_edits import (
    add_bus,
    add_effect,
    mute_bus,
    set_bus_gain,
    set_bus_pan,
    set_output,
    set_send,
    solo_bus,
)
from fanstudio.model.session import Session
from tests.support.mixes import Tracks
from tests.support.sounds import noise

FRAMES = 5_000
SOUNDS = {name: noise(FRAMES, 2, seed) for seed, name in enumerate(("voice", "drums", "bass"))}


@pytest.fixture
def desk() -> Tracks:
    """Voice into the bus One, drums straight to the master and sent to Two, bass straight."""
    made = Tracks(**SOUNDS)
    session = add_bus(add_bus(made.session, "One"), "Two")
    session = set_output(session, made["voice"], bus(session, "One"))
    made.session = set_send(session, made["drums"], bus(session, "Two"), -6)
    return made


def bus(session: Session, name: str) -> str:
    return next(row.id for row in session.buses if row.name == name)


def total(**gains_db: float) -> np.ndarray:
    return sum(amplitude(gain) * SOUNDS[name].astype(np.float64) for name, gain in gains_db.items())


SENT = 20 * np.log10(1 + amplitude(-6))


def test_outputs_and_sends_add_up(desk: Tracks) -> None:
    assert desk.mix() == pytest.approx(total(voice=0, drums=SENT, bass=0), abs=1e-6)


def test_a_bus_has_gain_and_balance(desk: Tracks) -> None:
    session = set_bus_gain(desk.session, bus(desk.session, "One"), -10)
    assert desk.mix(session) == pytest.approx(total(voice=-10, drums=SENT, bass=0), abs=1e-6)
    session = set_bus_pan(session, bus(session, "One"), 1)
    wanted = total(voice=-10, drums=SENT, bass=0)
    wanted[0] = total(drums=SENT, bass=0)[0]
    assert desk.mix(session) == pytest.approx(wanted, abs=1e-6)


def test_a_send_hears_the_track_behind_its_fader(desk: Tracks) -> None:
    session = edits.set_track_gain(desk.session, desk["drums"], -8)
    assert desk.mix(session) == pytest.approx(total(voice=0, drums=SENT - 8, bass=0), abs=1e-6)


def test_muting(desk: Tracks) -> None:
    session = desk.session
    one, two = bus(session, "One"), bus(session, "Two")
    assert desk.mix(mute_bus(session, one, True)) == pytest.approx(total(drums=SENT, bass=0), abs=1e-6)
    assert desk.mix(mute_bus(session, two, True)) == pytest.approx(total(voice=0, drums=0, bass=0), abs=1e-6)
    muted = edits.mute_track(session, desk["drums"], True)
    assert desk.mix(muted) == pytest.approx(total(voice=0, bass=0), abs=1e-6)


def test_soloing_a_track_keeps_its_ways_open(desk: Tracks) -> None:
    session = desk.session
    assert desk.mix(edits.solo_track(session, desk["voice"], True)) == pytest.approx(total(voice=0), abs=1e-6)
    assert desk.mix(edits.solo_track(session, desk["drums"], True)) == pytest.approx(
        total(drums=SENT), abs=1e-6
    )


def test_soloing_a_bus_solos_what_feeds_it(desk: Tracks) -> None:
    session = desk.session
    one, two = bus(session, "One"), bus(session, "Two")
    assert desk.mix(solo_bus(session, one, True)) == pytest.approx(total(voice=0), abs=1e-6)
    assert desk.mix(solo_bus(session, two, True)) == pytest.approx(total(drums=-6), abs=1e-6)
    both = edits.solo_track(solo_bus(session, two, True), desk["bass"], True)
    assert desk.mix(both) == pytest.approx(total(drums=-6, bass=0), abs=1e-6)


def test_what_is_heard_is_decided_by_the_model(desk: Tracks) -> None:
    session = desk.session
    one, two = bus(session, "One"), bus(session, "Two")

    def heard(changed: Session) -> set[str]:
        return {track.name for track in audible_tracks(changed)}

    assert heard(session) == {"voice", "drums", "bass"}
    assert heard(mute_bus(session, one, True)) == {"drums", "bass"}
    assert heard(mute_bus(session, two, True)) == {"voice", "drums", "bass"}
    assert heard(solo_bus(session, two, True)) == {"drums"}
    assert heard(mute_bus(solo_bus(session, one, True), one, True)) == set()
    assert audible_end(mute_bus(solo_bus(session, one, True), one, True)) == 0


def test_levels_are_told_of_tracks_buses_and_the_master(desk: Tracks) -> None:
    session = add_effect(desk.session, bus(desk.session, "One"), "compressor", {"threshold_db": -40})
    mix = Mix(session, desk.samples, 0, metered=True)
    heard = mix.read(FRAMES)
    levels = mix.take_levels()
    assert set(levels.tracks) == {desk["voice"], desk["drums"], desk["bass"]}
    assert set(levels.buses) == {bus(session, "One"), bus(session, "Two")}
    assert levels.tracks[desk["drums"]] == pytest.approx(tuple(np.abs(SOUNDS["drums"]).max(axis=1)), rel=1e-5)
    assert levels.buses[bus(session, "Two")] == pytest.approx(
        tuple(amplitude(-6) * np.abs(SOUNDS["drums"]).max(axis=1)), rel=1e-5
    )
    assert levels.master == pytest.approx(tuple(np.abs(heard).max(axis=1)))
    (reduction,) = levels.reductions.values()
    assert reduction > 3
    assert mix.take_levels().tracks == {}


def test_two_hundred_tracks_through_a_bus_each_tenth() -> None:
    sound = noise(2_000, 2, 7, peak=0.004)
    desk = Tracks(**{f"t{number}": sound for number in range(200)})
    session = add_bus(desk.session, "All")
    for track in session.tracks[::10]:
        session = set_output(session, track.id, session.buses[0].id)
    session = add_effect(session, session.buses[0].id, "limiter")
    assert desk.mix(session, block=512) == pytest.approx(200 * sound, abs=1e-5)
