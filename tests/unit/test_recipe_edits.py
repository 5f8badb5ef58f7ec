"""What an instrument's track takes over from the stem that it plays."""

from __future__ import annotations

from dataclasses import replace

from fanstudio.model import automation_edits, mixer_edits, style_edits
from fanstudio.model.mixer import GAIN, PAN, Point, effect_target, send_target
from fanstudio.model.recipe import Recipe, StemRecipe
from fanstudio.model.recipe_edits import Laying, Playing, lay_recipe
from fanstudio.model.session import Session, Stem
from fanstudio.model.styling import StyleKind, Styling
from tests.support.sessions import make_session, make_source

STYLING = Styling("violin-1", StyleKind.TIMBRE, "Violin", target="")


def _ridden() -> Session:
    """A session whose first track has curves on its strip and on an effect."""
    session = mixer_edits.add_bus(make_session(), "Room")
    track, bus = session.tracks[0].id, session.buses[0].id
    session = mixer_edits.add_effect(mixer_edits.set_send(session, track, bus, -6), track, "reverb")
    slot = session.tracks[0].effects[0].id
    for target in (GAIN, PAN, send_target(bus), effect_target(slot, "mix")):
        points = (Point(0, 0.0), Point(5_000, 0.5))
        session = automation_edits.set_automation(session, track, target, points)
    return session


def test_an_instrument_follows_the_fader_pan_and_sends_of_its_stem() -> None:
    session = _ridden()
    track = session.tracks[0]
    made = {session.tracks[0].clips[0].source: make_source("violin", stem=Stem.MIX)}
    laying = Laying(
        Recipe("violin", "Violin", stems=((track.stem, StemRecipe()),)),
        replace(STYLING, target=track.id),
        {track.id: Playing("Violin", made, gain_db=-3.0)},
    )
    styled = lay_recipe(session, laying)
    lane = styled.tracks[1]
    assert lane.name == "Violin"
    assert styled.tracks[0].muted
    assert lane.gain_db == track.gain_db - 3
    curves = {curve.target: [point.value for point in curve.points] for curve in lane.automation}
    bus = session.buses[0].id
    assert curves == {GAIN: [-3.0, -2.5], PAN: [0.0, 0.5], send_target(bus): [0.0, 0.5]}
    assert lane.sends == track.sends
    assert not lane.effects
    assert style_edits.remove_styling(styled, STYLING.id).tracks == session.tracks
