"""Styles in the session: laid as ordinary effects, told in the usage report, and taken away whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fanstudio.errors import DamagedProject, EditError
from fanstudio.model import automation_edits, edits, mixer_edits, project_file, style_edits
from fanstudio.model.integrity import check_session
from fanstudio.model.mixer import MASTER, Point, effect_target
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Session, new_session
from fanstudio.model.styling import StyleKind, Styling
from fanstudio.platform.usage import derive
from tests.support import wire_samples
from tests.support.sessions import RATE, make_session, make_source

LOFI = Styling("lofi-1", StyleKind.PRESET, "Lo-fi", recipe_id="lofi", recipe_sha256="a" * 64)
LIKE = Styling("like-1", StyleKind.PRODUCTION, "Like X", model_id="net", model_sha256="b" * 64, ai=True)


def _styled() -> tuple[Session, Session]:
    before = mixer_edits.add_effect(mixer_edits.add_bus(make_session(), "Room"), MASTER, "limiter")
    session = style_edits.add_styling(before, LOFI)
    for strip in (session.tracks[0].id, session.buses[0].id, MASTER):
        session = style_edits.lay_effect(session, strip, "reverb", {"mix": 0.3}, LOFI.id)
    return before, session


def test_a_styles_effects_are_ordinary_ones_that_know_it() -> None:
    _, session = _styled()
    limiter, reverb = session.master_effects
    assert (limiter.styling, reverb.styling) == ("", LOFI.id)
    moved = mixer_edits.set_effect_value(session, MASTER, reverb.id, "mix", 0.1)
    assert moved.master_effects[1].styling == LOFI.id


def test_taking_a_style_away_leaves_what_was_there_and_no_curve_of_its_effects() -> None:
    before, session = _styled()
    target = effect_target(session.tracks[0].effects[0].id, "mix")
    session = automation_edits.set_automation(session, session.tracks[0].id, target, (Point(0, 0.5),))
    assert style_edits.remove_styling(session, LOFI.id) == before
    with pytest.raises(EditError):
        style_edits.remove_styling(before, LOFI.id)


def test_a_style_is_laid_once_and_its_effects_need_it() -> None:
    before, session = _styled()
    with pytest.raises(EditError):
        style_edits.add_styling(session, LOFI)
    with pytest.raises(EditError):
        style_edits.add_styling(before, replace(LOFI, amount=1.5))
    with pytest.raises(EditError):
        style_edits.lay_effect(before, MASTER, "reverb", {}, LOFI.id)


def test_a_project_file_keeps_styles_and_refuses_damaged_ones() -> None:
    _, session = _styled()
    assert project_file.loads(project_file.dumps(session)) == session
    damaged = [
        replace(session, stylings=()),
        replace(session, stylings=(LOFI, LOFI)),
        replace(session, stylings=(replace(LOFI, amount=float("2")),)),
        replace(session, stylings=(replace(LOFI, amounts=(("vocals", -1.0),)),)),
        replace(session, stylings=(replace(LOFI, ai=True),)),
    ]
    for broken in damaged:
        with pytest.raises(DamagedProject):
            check_session(broken)


def _catalogue_session() -> Session:
    origin = Origin(Basis.CATALOGUE, "Make It Mine", "Harbour Lamps", wire_samples.ISRC)
    return edits.import_source(new_session("Test", RATE), replace(make_source("song"), origin=origin))


@pytest.mark.parametrize("place", ["track", "bus", "master"])
def test_a_style_that_is_heard_is_told_to_the_platform(place: str) -> None:
    session = mixer_edits.add_bus(_catalogue_session(), "Room")
    track, bus = session.tracks[0].id, session.buses[0].id
    strip = {"track": track, "bus": bus, "master": MASTER}[place]
    session = style_edits.add_styling(mixer_edits.set_send(session, track, bus, 0.0), LIKE)
    assert derive(session).tracks[0].ops == ("arrange",)
    session = style_edits.lay_effect(session, strip, "equaliser", {"high_db": 2}, LIKE.id)
    report = derive(session)
    assert report.tracks[0].ops == ("arrange", "restyle")
    assert {"restyle", "ai_settings", "equaliser"} <= set(report.actions)
    assert not report.ai
    slot = mixer_edits.effects_of(session, strip)[0].id
    assert derive(mixer_edits.enable_effect(session, strip, slot, False)).tracks[0].ops == ("arrange",)


def test_a_style_on_a_bus_that_nothing_feeds_is_not_told() -> None:
    session = style_edits.add_styling(mixer_edits.add_bus(_catalogue_session(), "Room"), LOFI)
    session = style_edits.lay_effect(session, session.buses[0].id, "reverb", {}, LOFI.id)
    assert derive(session).tracks[0].ops == ("arrange",)


@pytest.mark.parametrize(
    "told",
    [
        {"amounts": (("kazoo", 0.5),)},
        {"amounts": (("vocals", float("nan")),)},
        {"moves": (("semitones", float("nan")),)},
        {"moves": (("gain_db.master", 1e300),)},
        {"moves": (("semitones", 1.0),) * 10_001},
    ],
)
def test_what_a_style_is_said_to_have_moved_is_checked(told: dict[str, object]) -> None:
    check_session(replace(make_session(), stylings=(LOFI,)))
    with pytest.raises(DamagedProject):
        check_session(replace(make_session(), stylings=(replace(LOFI, **told),)))
