"""Project files made to hurt: they are refused in one line or opened and played, in bounded time."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fanstudio.audio.draft import Draft
from fanstudio.audio.effects import EFFECTS
from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.mix.tails import LONGEST_TAIL_S, tail_frames
from fanstudio.audio.route import Route
from fanstudio.errors import DamagedProject, FanstudioError
from fanstudio.model import project_file
from fanstudio.model.audibility import audible_end
from fanstudio.model.mixer import MAX_EFFECTS, Automation, Bus, EffectSlot, Point, Send
from fanstudio.model.pattern import STEPS_PER_BAR, Pattern, PatternRow
from fanstudio.model.session import MAX_FRAMES, Session, Source, Take, Track
from fanstudio.model.warp import Warp
from fanstudio.model.warp_edits import set_warp
from fanstudio.platform.usage import derive
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.shelf_table import read_shelf
from tests.support.mixes import RATE, Tracks
from tests.support.sounds import noise

SOUND = noise(RATE // 4)
#: What stands in a session file where something else should.
BAD: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2**31, 2**63, 10**400, -(10**30), 0.5, -0.0, 1e308, float("inf"), -float("inf"),
    float("nan"), "", "x", "master", "../../etc/passwd", "\ud800", "9" * 5000, [], [[]], {}, {"id": {}},
    [None] * 3,
)  # fmt: skip
ODD_PATTERN = Pattern("no such kit", 120.0, (PatternRow("no such sound", (1.0,) * STEPS_PER_BAR),))


def _full_session() -> Session:
    """Return a session that has some of everything."""
    session = Tracks(one=SOUND, two=SOUND).session
    one, two = session.tracks
    slots = tuple(EffectSlot(f"e{kind.kind}", kind.kind) for kind in EFFECTS)
    odd = EffectSlot("odd", "time_machine", (("flux", 1.21),))
    curve = Automation("gain_db", (Point(0, 0.0), Point(5_000, -20.0)))
    one = replace(one, effects=(*slots, odd), automation=(curve,), sends=(Send("room", -6.0),))
    take = Take("take", one.clips[0].source, "Take 1", 0, 0, one.clips[0].length)
    clip = replace(two.clips[0], pattern=ODD_PATTERN)
    two = replace(two, output="room", takes=(take,), clips=(clip,))
    bus = Bus("room", "Room", (EffectSlot("wet", "reverb"),))
    session = replace(
        session, tracks=(one, two), buses=(bus,), master_effects=(EffectSlot("top", "limiter"),)
    )
    return set_warp(session, one.clips[0].id, Warp(1.5, 3.0))


def _samples(source: Source, warp: Warp | None) -> np.ndarray:
    """Return samples of the length that the session claims, which take no room."""
    frames = source.length if warp is None else warp.length(source.length)
    return np.broadcast_to(np.float32(0.25), (source.channels, frames))


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in tuple(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from _places(value)


def _damage(plain: Any, chance: random.Random) -> None:
    """Put something where something else should be, or drop or repeat it."""
    places = list(_places(plain))
    if not places:
        return
    holder, key = chance.choice(places)
    kind = chance.randrange(8)
    if kind == 0 and isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    elif kind == 1:
        del holder[key]
    elif kind == 2 and type(holder[key]) in (int, float):
        holder[key] *= chance.choice((-1, 0, 0.5, 1e-300, 1e6, 1e18, 1e300))
    else:
        holder[key] = chance.choice(BAD)


def _use(session: Session) -> None:
    """Do what opening, playing and leaving a session do."""
    assert tail_frames(session) <= LONGEST_TAIL_S * session.sample_rate
    audible_end(session)
    mix = Mix(session, _samples, 0, Route(session))
    for frames in (1, 1_024):
        assert np.isfinite(mix.read(frames)).all()
    later = Mix(session, _samples, max(0, session.length - 500), Route(session))
    assert np.isfinite(later.read(1_024)).all()
    assert project_file.loads(project_file.dumps(session)) == session
    if session.length:
        derive(session)


def _try(runs: int, seed: int) -> tuple[int, int]:
    """Damage a session in many ways; return how many were opened and refused."""
    chance = random.Random(seed)
    whole = json.loads(project_file.dumps(_full_session()))
    opened = longest = 0
    for _ in range(runs):
        plain = copy.deepcopy(whole)
        for _ in range(chance.choice((1, 1, 2, 5))):
            _damage(plain, chance)
        try:
            session = project_file.loads(json.dumps(plain).encode())
        except FanstudioError as error:
            longest = max(longest, len(error.message))
            continue
        opened += 1
        _use(session)
    assert longest < 600
    return opened, runs - opened


def test_damaged_sessions_are_refused_or_play() -> None:
    _use(_full_session())
    opened, refused = _try(60, 1)
    assert opened
    assert refused


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
def test_many_damaged_sessions_are_refused_or_play(seed: int) -> None:
    _try(2_000, 100 + seed)


def test_full_racks_of_extreme_values_give_sound_that_is_a_number() -> None:
    session = Tracks(one=SOUND).session
    extremes = (1e9, -1e9, 0.0)
    for extreme in extremes:
        kinds = [EFFECTS[number % len(EFFECTS)] for number in range(MAX_EFFECTS)]
        slots = tuple(
            EffectSlot(f"e{number}", kind.kind, tuple((row.name, extreme) for row in kind.parameters))
            for number, kind in enumerate(kinds)
        )
        full = replace(session, tracks=(replace(session.tracks[0], effects=slots),))
        mix = Mix(full, lambda _source, _warp: SOUND, 0, Route(full))
        assert np.isfinite(mix.read(RATE // 4)).all()


def test_a_hundred_thousand_points_play_and_more_are_refused() -> None:
    session = Tracks(one=SOUND).session
    points = tuple(Point(10 * number, float(number % 5)) for number in range(100_000))
    track = replace(session.tracks[0], automation=(Automation("gain_db", points),))
    long = replace(session, tracks=(track,))
    assert project_file.loads(project_file.dumps(long)) == long
    assert np.isfinite(Mix(long, lambda _source, _warp: SOUND, 0).read(4_096)).all()
    more = replace(track, automation=(Automation("gain_db", (*points, Point(1_000_000, 0.0))),))
    with pytest.raises(DamagedProject, match="too many"):
        project_file.loads(project_file.dumps(replace(session, tracks=(more,))))


@pytest.mark.parametrize("stretch", [0.25, 4.0])
def test_a_day_that_is_stretched_is_sketched_from_any_place(stretch: float) -> None:
    frames = MAX_FRAMES // 4
    draft = Draft(np.broadcast_to(np.float32(0.1), (2, frames)), frames, RATE, Warp(stretch, 5.0))
    for start in (0, draft.shape[1] // 2, draft.shape[1] - 1_024):
        assert np.isfinite(draft[:, start : start + 1_024]).all()


def test_a_pattern_of_a_kit_that_is_not_there_is_refused_in_one_line() -> None:
    with pytest.raises(FanstudioError, match="no such kit") as caught:
        DrumMachine(read_shelf()).render(ODD_PATTERN, RATE)
    assert "\n" not in caught.value.message


def test_a_session_of_a_thousand_empty_tracks_plays() -> None:
    tracks = tuple(Track(f"t{number}", f"Track {number}") for number in range(1_000))
    session = replace(Tracks(one=SOUND).session, tracks=tracks)
    assert not Mix(session, _samples, 0, Route(session)).read(1_024).any()
