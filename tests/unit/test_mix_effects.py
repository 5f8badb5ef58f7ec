"""Effects on tracks, buses and the master: in time with each other, and harmless where they are wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fanstudio.audio.effects import EFFECTS, Compressor, Limiter
from fanstudio.audio.effects.slot import Slot
from fanstudio.audio.mix.faults import told_faults
from fanstudio.audio.mix.mix import Mix
from fanstudio.model import edits
from fanstudio.model.mixer import MASTER, EffectSlot
from fanstudio.model.mixer_edits import add_bus, add_effect, enable_effect, set_output
from fanstudio.model.session import Session
from tests.support.effects import run
from tests.support.mixes import RATE, Tracks, render
from tests.support.sounds import noise

FRAMES = 30_000
VOICE, BAND, MONO = noise(FRAMES, 2, 1), noise(FRAMES, 2, 2), noise(FRAMES, 1, 3)


def decibels(sound: np.ndarray) -> float:
    return float(20 * np.log10(np.abs(sound).max() + 1e-20))


@pytest.mark.parametrize("kind", EFFECTS, ids=lambda kind: kind.kind)
def test_a_track_sounds_like_its_effect(kind: type) -> None:
    desk = Tracks(voice=VOICE)
    values = dict(kind.presets[0].values)
    got = desk.mix(add_effect(desk.session, desk["voice"], kind.kind, values))
    assert np.array_equal(got, run(Slot(kind(**values)), VOICE))


def test_effects_sound_before_the_fader_and_the_masters_after_all() -> None:
    desk = Tracks(voice=VOICE, band=BAND)
    session = add_effect(desk.session, desk["voice"], "saturation", {"drive_db": 12})
    session = edits.set_track_gain(session, desk["voice"], -12)
    session = add_effect(session, MASTER, "limiter", {"drive_db": 6})
    alone = desk.mix(add_effect(desk.session, desk["voice"], "saturation", {"drive_db": 12}))
    before = alone - BAND
    mixed = before * np.float32(10 ** (-12 / 20)) + BAND
    assert desk.mix(session) == pytest.approx(run(Slot(Limiter(drive_db=6)), mixed), abs=1e-5)


@pytest.mark.parametrize("pan", [-1.0, -0.4, 0.0, 0.7])
@pytest.mark.parametrize("names", [("mono",), ("voice",), ("mono", "voice")])
def test_a_bypassed_effect_changes_nothing(names: tuple[str, ...], pan: float) -> None:
    """Also for mono clips, which are panned by another law than stereo ones, alone and beside them."""
    desk = Tracks(mono=MONO, voice=VOICE)
    session, track = desk.session, desk["mono"]
    for name in ("mono", "voice"):
        session = edits.delete_clips(session, [session.track(desk[name]).clips[0].id])
    for number, name in enumerate(names):
        source = next(source for source in session.sources if source.name == name)
        session = edits.add_clip(session, track, source.id, number * 10_000, offset=500, length=10_000)
    session = edits.set_pan(edits.set_track_gain(session, track, -4), track, pan)
    with_effect = add_effect(session, track, "limiter")
    bypassed = enable_effect(with_effect, track, with_effect.track(track).effects[0].id, False)
    assert desk.mix(bypassed, 25_000) == pytest.approx(desk.mix(session, 25_000), abs=1e-7)


@pytest.mark.parametrize("where", ["track", "bus", "both"])
def test_late_effects_are_in_time_with_everything_else(where: str) -> None:
    quiet = VOICE * np.float32(0.1)
    desk = Tracks(voice=quiet, inverse=-quiet)
    session = desk.session
    if where != "track":
        session = add_bus(session, "Group")
        bus = session.buses[0].id
        session = add_effect(set_output(session, desk["voice"], bus), bus, "limiter")
    if where != "bus":
        session = add_effect(session, desk["voice"], "limiter")
    assert decibels(desk.mix(session)) < -120
    assert decibels(desk.mix(edits.mute_track(session, desk["inverse"], True))) > -30


def test_a_latency_on_the_master_moves_nothing() -> None:
    desk = Tracks(voice=VOICE * np.float32(0.2))
    session = add_effect(desk.session, MASTER, "limiter")
    assert desk.mix(session) == pytest.approx(VOICE * np.float32(0.2), abs=1e-7)


def with_slots(session: Session, track: str, *slots: EffectSlot) -> Session:
    changed = replace(session.track(track), effects=slots)
    return replace(session, tracks=(changed,))


def test_an_unknown_effect_lets_sound_pass_and_is_told() -> None:
    desk = Tracks(voice=VOICE)
    session = with_slots(desk.session, desk["voice"], EffectSlot("e", "vocoder", (("depth", 3.0),)))
    mix = Mix(session, desk.samples, 0)
    assert mix.read(FRAMES) == pytest.approx(VOICE, abs=1e-7)
    assert mix.faults == {"e": "The effect “vocoder” is not known here and does nothing."}


def test_values_out_of_range_are_held_and_unknown_ones_passed_over() -> None:
    desk = Tracks(voice=VOICE)
    slot = EffectSlot("e", "equaliser", (("low_db", 1e9), ("glitter", 3.0)))
    loudest = with_slots(desk.session, desk["voice"], EffectSlot("e", "equaliser", (("low_db", 18.0),)))
    got = desk.mix(with_slots(desk.session, desk["voice"], slot))
    assert np.array_equal(got, desk.mix(loudest))


def test_what_is_not_finite_is_silenced_and_told() -> None:
    broken = VOICE.copy()
    broken[:, 9_000] = np.nan
    desk = Tracks(voice=broken, band=BAND)
    session = add_effect(desk.session, desk["voice"], "compressor")
    session = add_effect(session, desk["band"], "compressor")
    mix = Mix(session, desk.samples, 0)
    heard = mix.read(FRAMES)
    assert np.isfinite(heard).all()
    assert np.abs(heard[:, 15_000:]).max() > 0
    (broken_one,) = session.track(desk["voice"]).effects
    assert list(mix.faults) == [broken_one.id]
    assert told_faults(session, mix.faults) == (f"voice: {mix.faults[broken_one.id]}",)


def test_a_track_that_has_fallen_silent_wakes_up_as_if_it_had_never_slept() -> None:
    gap = 8 * RATE
    sound = np.concatenate((VOICE, np.zeros((2, gap), np.float32), VOICE), axis=1)
    desk = Tracks(voice=sound)
    session = add_effect(desk.session, desk["voice"], "compressor", {"threshold_db": -40, "ratio": 8})
    session = add_effect(session, desk["voice"], "delay", {"time_ms": 300})
    track = session.track(desk["voice"])
    whole = desk.mix(session, block=4_096)
    clip = track.clips[0]
    later = edits.trim_start(session, clip.id, FRAMES + gap)
    assert np.abs(whole[:, FRAMES + gap :] - desk.mix(later)[:, FRAMES + gap :]).max() < 2e-4
    assert not whole[:, FRAMES + 7 * RATE : FRAMES + gap].any()


def test_in_a_pause_effects_remember_what_they_heard() -> None:
    sound = np.concatenate((VOICE, np.zeros((2, 3 * RATE), np.float32), VOICE), axis=1)
    values = {"threshold_db": -40, "ratio": 8, "release_ms": 1_000}
    desk = Tracks(voice=sound)
    got = desk.mix(add_effect(desk.session, desk["voice"], "compressor", values))
    assert np.array_equal(got, run(Slot(Compressor(**values)), sound))


def test_an_effect_that_begins_amid_the_song_is_settled_when_it_is_heard() -> None:
    desk = Tracks(voice=VOICE)
    session = add_effect(desk.session, desk["voice"], "compressor", {"threshold_db": -30, "ratio": 10})
    whole = desk.mix(session)
    later = render(session, desk.samples, 12_345, 5_000)
    assert np.abs(later - whole[:, 12_345:17_345]).max() < 0.02 * np.abs(whole).max()
