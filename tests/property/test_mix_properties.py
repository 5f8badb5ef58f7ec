"""A mix with effects, buses, sends and automation does not depend on its cuts, nor on clips' seams."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.audio.effects import EFFECTS
from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.route import Route
from fanstudio.model import edits
from fanstudio.model.automation_edits import set_automation
from fanstudio.model.mixer import GAIN, MASTER, PAN, Point, effect_target, send_target
from fanstudio.model.mixer_edits import add_bus, add_effect, set_output, set_send
from fanstudio.model.session import Session, Source, new_session
from fanstudio.model.warp import Warp
from tests.support.sounds import a_source, noise

FRAMES = 3_000
SOUNDS = {1: noise(FRAMES, 1, seed=1), 2: noise(FRAMES, 2, seed=2)}
LAST = 8_000

gains = st.floats(-30, 6)


def sounds(source: Source, _warp: Warp | None) -> np.ndarray:
    return SOUNDS[source.channels]


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    session = add_bus(add_bus(new_session("x"), "One"), "Two")
    for channels in (1, 2):
        session = edits.add_source(session, a_source(str(channels), FRAMES, channels))
    buses = [bus.id for bus in session.buses]
    for number in range(draw(st.integers(1, 3))):
        session = edits.add_track(session, f"track {number}")
        track = session.tracks[-1].id
        source = draw(st.sampled_from(session.sources)).id
        session = edits.add_clip(session, track, source, draw(st.integers(0, 2_000)), length=2_500)
        session = edits.set_pan(
            edits.set_track_gain(session, track, draw(gains)), track, draw(st.floats(-1, 1))
        )
        session = _with_effects(session, track, draw)
        session = _automated(session, track, draw, (GAIN, PAN))
        session = set_output(session, track, draw(st.sampled_from(("", *buses))))
        if draw(st.booleans()):
            session = set_send(session, track, buses[0], draw(gains))
            session = _automated(session, track, draw, (send_target(buses[0]),))
    for strip in (buses[1], MASTER):
        session = _automated(_with_effects(session, strip, draw), strip, draw, (GAIN,))
    return session


def _with_effects(session: Session, strip: str, draw: st.DrawFn) -> Session:
    for _ in range(draw(st.integers(0, 2))):
        kind = draw(st.sampled_from(EFFECTS))
        session = add_effect(session, strip, kind.kind, kind.presets[0].values)
        if strip != MASTER and strip not in {bus.id for bus in session.buses}:
            slot = session.track(strip).effects[-1].id
            row = draw(st.sampled_from(kind.parameters))
            points = [Point(700, row.low), Point(2_900, row.high)]
            session = set_automation(session, strip, effect_target(slot, row.name), points)
    return session


def _automated(session: Session, strip: str, draw: st.DrawFn, targets: tuple[str, ...]) -> Session:
    for target in targets:
        if draw(st.booleans()):
            values = st.floats(-1, 1) if target == PAN else gains
            points = draw(st.dictionaries(st.integers(0, LAST), values, min_size=1, max_size=4))
            session = set_automation(session, strip, target, [Point(*row) for row in points.items()])
    return session


def in_blocks(session: Session, block: int, start: int, end: int, route: Route | None = None) -> np.ndarray:
    mix = Mix(session, sounds, start, route)
    return np.concatenate([mix.read(min(block, end - at)) for at in range(start, end, block)], axis=1)


@settings(max_examples=15, deadline=None)
@given(sessions(), st.integers(0, 3_000))
def test_block_sizes_1_128_and_8192_sound_the_same(session: Session, start: int) -> None:
    whole = in_blocks(session, 8_192, start, LAST)
    assert whole.shape == (2, LAST - start)
    assert np.array_equal(in_blocks(session, 128, start, LAST), whole)
    assert np.array_equal(in_blocks(session, 1, start, start + 300), whole[:, :300])


@settings(max_examples=15, deadline=None)
@given(sessions(), st.integers(256, 2_000))
def test_so_does_a_loop(session: Session, length: int) -> None:
    session = edits.set_loop(session, 1_000, 1_000 + length)
    whole = in_blocks(session, 8_192, 500, 6_500, Route(session))
    assert np.array_equal(in_blocks(session, 500, 500, 6_500, Route(session)), whole)


@settings(max_examples=15, deadline=None)
@given(sessions(), st.data())
def test_a_split_clip_sounds_as_the_whole(session: Session, data: st.DataObject) -> None:
    before = in_blocks(session, LAST, 0, LAST)
    for clip in list(session.clips()):
        frame = data.draw(st.integers(clip.position + 1, clip.end - 1))
        session = edits.split_clip(session, clip.id, frame)
    assert np.array_equal(in_blocks(session, LAST, 0, LAST), before)
