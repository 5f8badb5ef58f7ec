"""What rings on behind the last clip."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fanstudio.audio.effects import Echo, Reverb
from fanstudio.audio.effects.effect import Effect
from fanstudio.audio.mix import tails
from fanstudio.audio.mix.tails import LONGEST_TAIL_S, mix_end, tail_frames
from fanstudio.audio.mix.tuning import make_effect
from fanstudio.audio.render import bounce
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.automation_edits import set_automation
from fanstudio.model.mixer import MASTER, EffectSlot, Point, effect_target
from fanstudio.model.mixer_edits import add_bus, add_effect, enable_effect, mute_bus, set_send
from fanstudio.model.session import new_session
from tests.support.mixes import RATE, Tracks
from tests.support.sounds import noise

FRAMES = 5_000
ROOM = {"decay_s": 0.5}
ROOM_S = Reverb(**ROOM).tail_s


@pytest.fixture
def desk() -> Tracks:
    return Tracks(voice=noise(FRAMES, 2, 1), drums=noise(FRAMES // 2, 2, 2))


def test_without_effects_nothing_rings(desk: Tracks) -> None:
    assert mix_end(desk.session) == FRAMES
    assert mix_end(new_session("x")) == 0


def test_tails_add_up_along_the_slowest_way(desk: Tracks) -> None:
    session = add_effect(desk.session, desk["voice"], "delay", {"feedback": 0.2})
    echo_s = Echo(feedback=0.2).tail_s
    assert tail_frames(session) == round(echo_s * RATE)
    session = add_bus(session, "Room")
    bus = session.buses[0].id
    session = set_send(add_effect(session, bus, "reverb", ROOM), desk["drums"], bus, 0)
    assert tail_frames(session) == round(max(echo_s, ROOM_S) * RATE)
    session = set_send(session, desk["voice"], bus, 0)
    assert tail_frames(session) == round((echo_s + ROOM_S) * RATE)
    session = add_effect(session, MASTER, "reverb", ROOM)
    assert tail_frames(session) == round((echo_s + 2 * ROOM_S) * RATE)
    assert tail_frames(mute_bus(session, bus, True)) == round((echo_s + ROOM_S) * RATE)


def test_each_way_rings_from_the_end_of_its_own_track_on(desk: Tracks) -> None:
    short = add_effect(desk.session, desk["drums"], "reverb", ROOM)
    assert tail_frames(short) == round(ROOM_S * RATE) - FRAMES // 2
    later = edits.move_clip(short, short.track(desk["voice"]).clips[0].id, 10 * RATE)
    assert tail_frames(later) == 0


def test_an_edit_makes_no_effect_anew(desk: Tracks, monkeypatch: pytest.MonkeyPatch) -> None:
    session = desk.session
    for number in range(50):
        session = edits.add_track(session, f"Voice {number}")
        session = add_effect(session, session.tracks[-1].id, "reverb", {"decay_s": 0.51})
    session = add_effect(session, desk["voice"], "reverb", {"decay_s": 0.51})
    made: list[str] = []

    def watched(slot: EffectSlot, *rest: Any) -> Effect:
        made.append(slot.kind)
        return make_effect(slot, *rest)

    monkeypatch.setattr(tails, "make_effect", watched)
    long = Reverb(decay_s=0.51).tail_s
    assert tail_frames(session) == round(long * RATE)
    before = len(made)
    assert before <= 1
    assert tail_frames(edits.set_track_gain(session, desk["voice"], -6.0)) == round(long * RATE)
    assert len(made) == before
    changed = add_effect(session, desk["voice"], "reverb", {"decay_s": 0.52})
    assert tail_frames(changed) == round((long + Reverb(decay_s=0.52).tail_s) * RATE)
    assert len(made) == before + 1


def test_what_is_off_does_not_ring_and_nothing_rings_for_ever(desk: Tracks) -> None:
    session = add_effect(desk.session, MASTER, "delay", {"feedback": 0.95, "time_ms": 2_000})
    assert tail_frames(session) == round(LONGEST_TAIL_S * RATE)
    off = enable_effect(session, MASTER, session.master_effects[0].id, False)
    assert tail_frames(off) == 0


def test_an_automated_decay_counts_as_it_is_at_the_end(desk: Tracks) -> None:
    session = add_effect(desk.session, desk["voice"], "reverb", {"decay_s": 4})
    target = effect_target(session.tracks[0].effects[0].id, "decay_s")
    session = set_automation(session, desk["voice"], target, [Point(0, 4.0), Point(FRAMES, 0.5)])
    assert tail_frames(session) == round(ROOM_S * RATE)


def test_a_bounce_to_the_mixs_end_dies_away(desk: Tracks) -> None:
    session = add_effect(desk.session, MASTER, "reverb", {**ROOM, "mix": 1})
    blocks = bounce(Work(), session, desk.samples, 0, mix_end(session), 4_096)
    heard = np.concatenate(list(blocks), axis=1)
    assert heard.shape[1] == FRAMES + round(ROOM_S * RATE)
    assert np.abs(heard[:, FRAMES : FRAMES + 1_000]).max() > 0.01
    assert np.abs(heard[:, -1_000:]).max() < 2e-3 * np.abs(heard).max()


def test_a_muted_track_counts_for_nothing(desk: Tracks) -> None:
    session = add_effect(desk.session, desk["voice"], "reverb", ROOM)
    assert mix_end(edits.mute_track(session, desk["voice"], True)) == FRAMES // 2
