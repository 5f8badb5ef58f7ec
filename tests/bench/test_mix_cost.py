"""What mixing costs: times real time on one core, in playback's blocks and in a bounce's."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest

from fanstudio.audio.device import BLOCK_FRAMES
from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.render import BOUNCE_FRAMES
from fanstudio.audio.route import Route
from fanstudio.model import edits
from fanstudio.model.mixer import MASTER
from fanstudio.model.mixer_edits import add_bus, add_effect, set_send
from fanstudio.model.session import Session, Source, new_session
from fanstudio.model.warp import Warp
from tests.support.sounds import Floats, a_source, noise

pytestmark = pytest.mark.bench

RATE = 48_000
SECONDS = 20
SOUND = noise(RATE * SECONDS, 2, 1)


def sounds(_source: Source, _warp: Warp | None) -> Floats:
    return SOUND


def tracks(count: int, with_effects: int = 0) -> Session:
    session = new_session("x", RATE)
    for number in range(count):
        session = edits.import_source(session, a_source(str(number), SOUND.shape[1]))
        session = edits.set_track_gain(session, session.tracks[-1].id, -3)
    for track in session.tracks[:with_effects]:
        session = add_effect(session, track.id, "equaliser", {"low_db": 3, "presence_db": 2})
        session = add_effect(session, track.id, "compressor")
    return session


def with_room(session: Session) -> Session:
    session = add_bus(session, "Room")
    bus = session.buses[0].id
    session = add_effect(session, bus, "reverb", {"mix": 1})
    for track in session.tracks:
        session = set_send(session, track.id, bus, -10)
    return add_effect(session, MASTER, "limiter")


def speed(session: Session, block: int) -> float:
    """Return how many times real time a mix runs, metered as in playback."""
    mix = Mix(session, sounds, 0, metered=True)
    mix.read(block)
    started = time.process_time()
    for _ in range(block, SOUND.shape[1], block):
        mix.read(block)
        mix.take_levels()
    return SECONDS / (time.process_time() - started)


def jump_ms(session: Session) -> float:
    """Return how long a jump takes until the first block is there, the median of nine."""
    took = []
    for start in range(100_000, 109_000, 1_000):
        started = time.process_time()
        Mix(session, sounds, start, Route(session), metered=True).read(BLOCK_FRAMES)
        took.append(1_000 * (time.process_time() - started))
    return float(np.median(took))


def test_what_a_mix_costs() -> None:
    sessions = {
        "16 plain tracks": tracks(16),
        "200 plain tracks": tracks(200),
        "16 tracks, equaliser and compressor on 8": tracks(16, 8),
        "the same, 16 sends to a reverb, a limiter on the master": with_room(tracks(16, 8)),
    }
    out = sys.stdout.write
    out("\n  × real time on one core: in blocks of playback, of a bounce; a jump to its first block\n")
    speeds = []
    for name, session in sessions.items():
        speeds.append(speed(session, BLOCK_FRAMES))
        bounced, jump = speed(session, BOUNCE_FRAMES), jump_ms(session)
        out(f"  {name:56} {speeds[-1]:6.1f} × {bounced:7.1f} × {jump:6.1f} ms\n")
    assert min(speeds) > 2
