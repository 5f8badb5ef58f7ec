"""Edits while the mix goes on: no click, what stays rings on, and soon it is the edited session's mix."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.mix.turn import RAMP_S
from fanstudio.audio.route import Route
from fanstudio.model import edits
from fanstudio.model.automation_edits import set_automation
from fanstudio.model.mixer import GAIN, MASTER, Point
from fanstudio.model.mixer_edits import (
    add_bus,
    add_effect,
    enable_effect,
    move_effect,
    mute_bus,
    remove_bus,
    remove_effect,
    set_bus_gain,
    set_effect_value,
    set_output,
    set_send,
)
from fanstudio.model.session import Session
from tests.support.mixes import RATE, Tracks, bend, sine
from tests.support.sounds import noise

FRAMES = 2 * RATE
RAMP = round(RAMP_S * RATE)
Edit = Callable[[Session], Session]


@pytest.fixture(scope="module")
def desk() -> Tracks:
    """Two low tones; the first goes through three effects, and there is a bus with a reverb."""
    made = Tracks(low=sine(220, FRAMES), high=sine(330, FRAMES, peak=0.1))
    session = made.session
    for kind, values in (("compressor", {}), ("limiter", {"drive_db": 6}), ("equaliser", {"low_db": 6})):
        session = add_effect(session, made["low"], kind, values)
    session = add_bus(session, "Room")
    made.session = add_effect(session, session.buses[0].id, "reverb", {"mix": 1, "decay_s": 0.3})
    return made


def low(session: Session) -> str:
    return session.tracks[0].id


def high(session: Session) -> str:
    return session.tracks[1].id


def bus(session: Session) -> str:
    return session.buses[0].id


def slot(session: Session, index: int) -> str:
    return session.tracks[0].effects[index].id


EDITS: dict[str, Edit] = {
    "gain": lambda s: edits.set_track_gain(s, low(s), -60),
    "pan": lambda s: edits.set_pan(s, high(s), 1),
    "plain gain": lambda s: edits.set_track_gain(s, high(s), -60),
    "master gain": lambda s: edits.set_master_gain(s, -20),
    "mute": lambda s: edits.mute_track(s, low(s), True),
    "solo": lambda s: edits.solo_track(s, high(s), True),
    "clip gain": lambda s: edits.set_clip_gain(s, s.tracks[0].clips[0].id, -20),
    "clip gone": lambda s: edits.delete_clips(s, [s.tracks[1].clips[0].id]),
    "track gone": lambda s: edits.remove_track(s, low(s)),
    "first effect": lambda s: add_effect(s, high(s), "limiter", {"drive_db": 6}),
    "first effect, a reverb": lambda s: add_effect(s, high(s), "reverb", {"decay_s": 0.3}),
    "effect behind": lambda s: add_effect(s, low(s), "reverb", {"decay_s": 0.3}),
    "effect before": lambda s: add_effect(s, low(s), "limiter", {"drive_db": 6}, at=0),
    "effect gone": lambda s: remove_effect(s, low(s), slot(s, 0)),
    "late effect gone": lambda s: remove_effect(s, low(s), slot(s, 1)),
    "effect moved": lambda s: move_effect(s, low(s), slot(s, 2), 0),
    "effect off": lambda s: enable_effect(s, low(s), slot(s, 1), False),
    "value": lambda s: set_effect_value(s, low(s), slot(s, 2), "low_db", -12),
    "into a bus": lambda s: set_output(s, low(s), bus(s)),
    "a send": lambda s: set_send(s, low(s), bus(s), 0),
    "master limiter": lambda s: add_effect(s, MASTER, "limiter", {"drive_db": 3}),
    "automation": lambda s: set_automation(s, low(s), GAIN, [Point(0, -30.0)]),
    "plain automation": lambda s: set_automation(s, high(s), GAIN, [Point(0, -30.0)]),
    "nothing": lambda s: edits.rename_track(s, low(s), "Other"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edit_there_and_back_does_not_click(desk: Tracks, edit: Edit) -> None:
    edited = edit(desk.session)
    heard = desk.play(desk.session, edited, desk.session, blocks=24)
    sharpest = max(bend(desk.mix(session)[:, 9_000:]) for session in (desk.session, edited))
    assert bend(heard[:, 9_000:]) < 1.3 * sharpest


@pytest.mark.parametrize(
    "edit",
    [
        lambda s: set_output(s, low(s), bus(s)),
        lambda s: remove_bus(set_output(s, low(s), bus(s)), bus(s)),
        lambda s: mute_bus(set_output(s, low(s), bus(s)), bus(s), True),
        lambda s: set_bus_gain(set_output(s, low(s), bus(s)), bus(s), -30),
    ],
    ids=["from", "gone", "muted", "down"],
)
def test_nor_does_one_of_a_bus_that_sounds(desk: Tracks, edit: Edit) -> None:
    fed = set_output(desk.session, low(desk.session), bus(desk.session))
    heard = desk.play(fed, edit(desk.session), fed, blocks=24)
    assert bend(heard[:, 9_000:]) < 1.3 * bend(desk.mix(fed)[:, 9_000:])


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_soon_it_is_the_mix_of_the_edited_session(desk: Tracks, edit: Edit) -> None:
    edited = edit(desk.session)
    heard = desk.play(desk.session, edited, blocks=40)
    wanted = desk.mix(edited, 80 * 1_024)
    assert np.abs(heard - wanted)[:, -4_096:].max() < 3e-3


def test_what_changes_no_sound_leaves_every_bit_as_it_was(desk: Tracks) -> None:
    renamed = edits.rename_track(desk.session, low(desk.session), "Other")
    assert np.array_equal(desk.play(desk.session, renamed), desk.mix(desk.session, 40 * 1_024))


def test_plain_tracks_are_exact_right_after_the_fade() -> None:
    desk = Tracks(voice=noise(20_000, 2, 1), band=noise(20_000, 2, 2))
    edited = edits.set_track_gain(desk.session, desk["voice"], -6)
    heard = desk.play(desk.session, edited, blocks=8)
    assert np.array_equal(heard[:, : 8 * 1_024], desk.mix()[:, : 8 * 1_024])
    after = 8 * 1_024 + RAMP
    assert np.array_equal(heard[:, after:], desk.mix(edited)[:, after : 16 * 1_024])


def test_many_edits_in_a_row_end_with_the_last() -> None:
    desk = Tracks(low=sine(220, FRAMES))
    faders = [edits.set_track_gain(desk.session, desk["low"], -gain) for gain in range(30)]
    heard = desk.play(*faders, blocks=1, block=256)
    assert bend(heard) < 1.3 * bend(desk.mix())
    mix = Mix(desk.session, desk.samples, 0)
    for session in (*faders, faders[7]):
        mix.change(session, desk.samples, Route(session))
    mix.read(31 * RAMP)
    assert np.array_equal(mix.read(1_000), desk.mix(faders[7])[:, 31 * RAMP :][:, :1_000])


def test_a_reverb_rings_on_while_another_effect_comes_and_goes(desk: Tracks) -> None:
    burst = noise(6_000, 2, 3)
    room = Tracks(burst=np.concatenate((burst, np.zeros((2, FRAMES), np.float32)), axis=1))
    session = add_effect(room.session, room["burst"], "reverb", {"decay_s": 3, "mix": 1})
    edited = add_effect(session, room["burst"], "equaliser")
    heard = room.play(session, edited, session, blocks=20)
    assert heard[:, 10_000:] == pytest.approx(room.mix(session, 60 * 1_024)[:, 10_000:], abs=1e-6)


def test_the_loop_rings_on_at_its_end() -> None:
    """The last echo of the loop's end is heard at its beginning, as if it went straight on."""
    click = np.zeros((2, RATE), np.float32)
    click[:, 20_000] = 1
    desk = Tracks(click=click)
    session = add_effect(desk.session, desk["click"], "delay", {"time_ms": 100, "feedback": 0, "mix": 0.5})
    session = edits.set_loop(session, 10_000, 22_000)
    mix = Mix(session, desk.samples, 10_000, Route(session))
    heard = mix.read(24_000)
    assert heard[0, 10_000] == pytest.approx(0.5, abs=1e-6)
    echo = heard[0, 12_000:20_000]
    assert np.abs(echo).argmax() + 12_000 == pytest.approx(14_800, abs=40)
    assert np.abs(echo).max() > 0.05
