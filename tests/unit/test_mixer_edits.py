"""Effects, buses, sends and automation in the session: what each edit does, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fanstudio.errors import DamagedProject, EditError
from fanstudio.export.request import project_digest
from fanstudio.model import automation_edits, mixer_edits, project_file
from fanstudio.model.mixer import GAIN, MASTER, MAX_EFFECTS, PAN, Point, effect_target, send_target
from fanstudio.model.session import Session
from tests.support.sessions import make_session


def _with_bus() -> tuple[Session, str, str]:
    session = mixer_edits.add_bus(make_session(), "Room")
    return session, session.tracks[0].id, session.buses[0].id


def _slots(session: Session, strip: str) -> list[str]:
    return [slot.kind for slot in mixer_edits.effects_of(session, strip)]


@pytest.mark.parametrize("place", ["track", "bus", "master"])
def test_effects_are_added_moved_and_removed_on_every_strip(place: str) -> None:
    session, track, bus = _with_bus()
    strip = {"track": track, "bus": bus, "master": MASTER}[place]
    session = mixer_edits.add_effect(session, strip, "gate")
    session = mixer_edits.add_effect(session, strip, "reverb", {"mix": 0.3})
    session = mixer_edits.add_effect(session, strip, "limiter", at=0)
    assert _slots(session, strip) == ["limiter", "gate", "reverb"]
    reverb = mixer_edits.effects_of(session, strip)[2]
    session = mixer_edits.move_effect(session, strip, reverb.id, 0)
    assert _slots(session, strip) == ["reverb", "limiter", "gate"]
    session = mixer_edits.set_effect_value(session, strip, reverb.id, "decay_s", 2)
    session = mixer_edits.enable_effect(session, strip, reverb.id, False)
    kept = mixer_edits.effects_of(session, strip)[0]
    assert (kept.values, kept.enabled) == ((("decay_s", 2.0), ("mix", 0.3)), False)
    session = mixer_edits.remove_effect(session, strip, reverb.id)
    assert _slots(session, strip) == ["limiter", "gate"]
    with pytest.raises(EditError):
        mixer_edits.remove_effect(session, strip, reverb.id)


def test_a_full_chain_refuses_another_effect() -> None:
    session = make_session()
    for _ in range(MAX_EFFECTS):
        session = mixer_edits.add_effect(session, MASTER, "gate")
    with pytest.raises(EditError, match="at most"):
        mixer_edits.add_effect(session, MASTER, "gate")


def test_a_removed_bus_leaves_nothing_that_points_to_it() -> None:
    session, track, bus = _with_bus()
    session = mixer_edits.set_output(session, track, bus)
    session = mixer_edits.set_send(session, track, bus, -12)
    session = automation_edits.add_point(session, track, send_target(bus), 0, -6)
    session = mixer_edits.remove_bus(session, bus)
    left = session.track(track)
    assert (left.output, left.sends, left.automation, session.buses) == ("", (), (), ())


def test_a_send_is_held_in_range_and_set_once() -> None:
    session, track, bus = _with_bus()
    session = mixer_edits.set_send(session, track, bus, 50)
    session = mixer_edits.set_send(session, track, bus, -100)
    assert [(send.bus, send.gain_db) for send in session.track(track).sends] == [(bus, -60.0)]


def test_points_are_kept_in_order_and_in_range() -> None:
    session, track, _ = _with_bus()
    for frame, value in ((500, -3), (100, -70), (500, 40), (900, 0)):
        session = automation_edits.add_point(session, track, GAIN, frame, value)
    (curve,) = session.track(track).automation
    assert curve.points == (Point(100, -60), Point(500, 12), Point(900, 0))
    session = automation_edits.move_point(session, track, GAIN, 1, 5_000, -6)
    assert session.track(track).automation[0].points[1] == Point(899, -6)
    for _ in range(3):
        session = automation_edits.remove_point(session, track, GAIN, 0)
    assert session.track(track).automation == ()


def test_a_disabled_curve_stays_so_while_it_is_edited() -> None:
    session = automation_edits.add_point(make_session(), MASTER, GAIN, 0, 0)
    session = automation_edits.enable_automation(session, MASTER, GAIN, False)
    session = automation_edits.add_point(session, MASTER, GAIN, 10, 0)
    assert not session.master_automation[0].enabled


def test_an_effect_takes_its_automation_with_it() -> None:
    session = mixer_edits.add_effect(make_session(), MASTER, "reverb")
    slot = session.master_effects[0].id
    session = automation_edits.add_point(session, MASTER, effect_target(slot, "mix"), 0, 0.5)
    assert mixer_edits.remove_effect(session, MASTER, slot).master_automation == ()


@pytest.mark.parametrize("kind", ["", "../x", "vocoder-3000", "Reverb", "x" * 65])
def test_an_effect_that_no_file_could_hold_is_refused(kind: str) -> None:
    with pytest.raises(EditError, match="no effect"):
        mixer_edits.add_effect(make_session(), MASTER, kind)


def _decisive() -> list[Session]:
    """One session, and others that sound different, each from the one before."""
    first, track, bus = _with_bus()
    sent = mixer_edits.set_send(first, track, bus, -6)
    soloed = mixer_edits.solo_bus(sent, bus, True)
    fed = mixer_edits.set_output(sent, track, bus)
    wet = mixer_edits.add_effect(fed, bus, "reverb", {"mix": 0.2})
    slot = wet.buses[0].effects[0].id
    off = mixer_edits.enable_effect(wet, bus, slot, False)
    wetter = mixer_edits.set_effect_value(wet, bus, slot, "mix", 0.4)
    moving = automation_edits.add_point(wetter, bus, effect_target(slot, "mix"), 0, 0.1)
    panned = automation_edits.add_point(moving, track, PAN, 9, 1)
    muted = mixer_edits.mute_bus(panned, bus, True)
    mastered = mixer_edits.add_effect(panned, MASTER, "limiter")
    return [first, sent, soloed, fed, wet, off, wetter, moving, panned, muted, mastered]


def test_a_permit_is_for_the_mix_and_not_for_its_ids() -> None:
    digests = [project_digest(session, "flac", None) for session in _decisive()]
    assert len(set(digests)) == len(digests)
    twice = [project_digest(_decisive()[-1], "flac", None) for _ in range(2)]
    assert twice[0] == twice[1] == digests[-1]
    named = _decisive()[-1]
    assert project_digest(replace(named, title="Another"), "flac", None) == digests[-1]


_HOSTILE = (
    ("two buses of one id", lambda s: s["buses"].append(s["buses"][0])),
    ("a bus called master", lambda s: s["buses"][0].update(id=MASTER)),
    ("an output that is not there", lambda s: s["tracks"][0].update(output="gone")),
    ("a send that is not there", lambda s: s["tracks"][0]["sends"][0].update(bus="gone")),
    ("too loud a send", lambda s: s["tracks"][0]["sends"][0].update(gain_db=99)),
    ("an effect twice", lambda s: s["master_effects"].append(s["master_effects"][0])),
    ("an effect of no kind", lambda s: s["master_effects"][0].update(kind="../x")),
    ("a value twice", lambda s: s["master_effects"][0].update(values=[["a", 1], ["a", 2]])),
    ("a value beyond sense", lambda s: s["master_effects"][0].update(values=[["a", 1e12]])),
    ("a curve without points", lambda s: s["master_automation"][0].update(points=[])),
    ("points out of order", lambda s: s["master_automation"][0]["points"].reverse()),
    ("a curve twice", lambda s: s["master_automation"].append(s["master_automation"][0])),
    ("a point before the start", lambda s: s["master_automation"][0]["points"][0].update(frame=-1)),
    ("a curve to deafen", lambda s: s["master_automation"][0]["points"][0].update(value=1e9)),
    ("a curve off the balance", lambda s: s["master_automation"][0].update(target=PAN, points=[[0, 2.0]])),
)


@pytest.mark.parametrize(("what", "damage"), _HOSTILE, ids=[what for what, _ in _HOSTILE])
def test_a_mixer_from_elsewhere_is_checked(what: str, damage: object) -> None:
    session, track, bus = _with_bus()
    session = mixer_edits.set_send(session, track, bus, -6)
    session = mixer_edits.add_effect(session, MASTER, "limiter")
    for frame in (0, 10):
        session = automation_edits.add_point(session, MASTER, GAIN, frame, -1)
    stored = json.loads(project_file.dumps(session))
    assert project_file.loads(json.dumps(stored).encode()) == session
    damage(stored["session"])
    with pytest.raises(DamagedProject):
        project_file.loads(json.dumps(stored).encode())
