"""Automation: exact at every frame, in dB, and only while it is enabled."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.gains import pan_gains
from fanstudio.audio.mix.curve import Curve
from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.route import Route
from fanstudio.model import edits
from fanstudio.model.automation_edits import enable_automation, set_automation
from fanstudio.model.mixer import GAIN, MASTER, PAN, Automation, Point, effect_target, send_target
from fanstudio.model.mixer_edits import add_bus, add_effect, set_effect_value, set_output, set_send
from tests.support.mixes import Tracks
from tests.support.sounds import noise

FRAMES = 30_000
VOICE, MONO = noise(FRAMES, 2, 1), noise(FRAMES, 1, 2)
RISE = (Point(5_000, -30.0), Point(9_000, -30.0), Point(15_000, 6.0))
PLACES = np.arange(FRAMES)
GAINS = 10 ** (np.interp(PLACES, [9_000, 15_000], [-30.0, 6.0]) / 20)


def test_gain_runs_straight_in_db_and_holds_before_and_after() -> None:
    desk = Tracks(voice=VOICE)
    session = set_automation(desk.session, desk["voice"], GAIN, RISE)
    assert desk.mix(session) == pytest.approx(VOICE * GAINS, rel=1e-6, abs=1e-9)
    again = enable_automation(session, desk["voice"], GAIN, False)
    assert np.array_equal(desk.mix(again), VOICE)


@pytest.mark.parametrize("late", [False, True])
def test_the_masters_the_buses_and_the_sends_gain_follow_too(late: bool) -> None:
    desk = Tracks(voice=VOICE * np.float32(0.1))
    voice = desk["voice"]
    session = add_bus(desk.session, "Group")
    bus = session.buses[0].id
    if late:
        session = add_effect(session, bus, "limiter")
    wanted = desk.mix() * GAINS
    for ruled in (
        set_automation(session, MASTER, GAIN, RISE),
        set_automation(set_output(session, voice, bus), bus, GAIN, RISE),
    ):
        assert desk.mix(ruled) == pytest.approx(wanted, rel=1e-5, abs=1e-8)
    sent = set_send(session, voice, bus, -6)
    ruled = set_automation(sent, voice, send_target(bus), RISE)
    assert desk.mix(ruled) == pytest.approx(wanted + desk.mix(), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize(("name", "sound"), [("voice", VOICE), ("mono", MONO)])
def test_pan_follows_by_the_law_of_the_clips(name: str, sound: np.ndarray) -> None:
    desk = Tracks(**{name: sound})
    session = set_automation(desk.session, desk[name], PAN, [Point(0, -1.0), Point(20_000, 1.0)])
    got = desk.mix(session)
    for frame in (0, 3_000, 10_000, 17_777, 25_000):
        sides = pan_gains(min(1.0, -1 + frame / 10_000), len(sound))
        assert got[:, frame] == pytest.approx(sound[:, frame] * np.array(sides), abs=1e-6)


def test_an_effects_parameter_follows_and_stands_as_if_set() -> None:
    desk = Tracks(voice=VOICE)
    voice = desk["voice"]
    session = add_effect(desk.session, voice, "equaliser")
    slot = session.tracks[0].effects[0].id
    steep = (Point(6_000, -18.0), Point(12_000, 18.0))
    ruled = set_automation(session, voice, effect_target(slot, "low_db"), steep)
    got = desk.mix(ruled)
    low = desk.mix(set_effect_value(session, voice, slot, "low_db", -18))
    high = desk.mix(set_effect_value(session, voice, slot, "low_db", 18))
    assert np.array_equal(got[:, :5_632], low[:, :5_632])
    assert np.abs(got[:, 20_000:] - high[:, 20_000:]).max() < 1e-4
    assert np.abs(got - low)[:, 7_000:9_000].max() > 0.01


def test_automated_values_out_of_range_are_held() -> None:
    desk = Tracks(voice=VOICE)
    voice = desk["voice"]
    session = add_effect(desk.session, voice, "equaliser")
    slot = session.tracks[0].effects[0].id
    ruled = set_automation(session, voice, effect_target(slot, "low_db"), [Point(0, 1_000.0)])
    ruled = set_automation(ruled, voice, effect_target(slot, "glitter"), [Point(0, 1.0)])
    assert np.array_equal(desk.mix(ruled), desk.mix(set_effect_value(session, voice, slot, "low_db", 18)))


def test_automation_goes_back_with_the_loop() -> None:
    desk = Tracks(voice=VOICE)
    session = set_automation(desk.session, desk["voice"], GAIN, RISE)
    session = edits.set_loop(session, 8_000, 12_000)
    mix = Mix(session, desk.samples, 7_000, Route(session))
    places = np.concatenate((np.arange(7_000, 12_000), *[np.arange(8_000, 12_000)] * 3))
    got = mix.read(len(places))
    assert got == pytest.approx((VOICE * GAINS)[:, places], rel=1e-6, abs=1e-9)


def test_a_mix_from_amid_a_curve_is_the_same() -> None:
    desk = Tracks(voice=VOICE)
    session = set_automation(desk.session, desk["voice"], GAIN, RISE)
    assert np.array_equal(desk.mix(session, 9_000, 10_001), desk.mix(session)[:, 10_001:19_001])


def test_a_curve_of_one_point_is_level() -> None:
    curve = Curve(Automation(GAIN, (Point(100, -3.5),)))
    assert [curve.at(frame) for frame in (0, 100, 10_000)] == [-3.5] * 3
    assert np.array_equal(curve.over(90, 20), np.full(20, -3.5))
