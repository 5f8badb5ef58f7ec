"""A quarter of an hour of edits, jumps and loops while it plays: the sound goes on and is sound."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from fanstudio.audio.transport import Transport
from fanstudio.model import edits
from fanstudio.model.session import Session
from tests.support.mixer_edits import RATE, Seeded, edit_mixer, three_tracks
from tests.support.outputs import Recording, opener, wait_until
from tests.support.sounds import noise

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

SECONDS = float(os.environ.get("FANSTUDIO_SOAK_S", "900"))
FRAMES = 4 * RATE
SOUNDS = {channels: noise(FRAMES, channels, seed=channels) for channels in (1, 2)}
PAUSES = (0.0, 0.0, 0.005, 0.02, 0.06)


def disturb(transport: Transport, session: Session, chance: Seeded) -> Session:
    """Edit the mixer mostly; now and then jump, set a loop or leave it, or start anew."""
    kind = chance.number(0, 1)
    if kind < 0.1:
        transport.locate(round(chance.number(0, FRAMES)))
    elif kind < 0.15:
        session = edits.set_loop(session, *sorted(round(chance.number(0, FRAMES)) for _ in range(2)))
    elif kind < 0.2:
        session = edits.enable_loop(session, False) if session.loop else session
    elif kind < 0.25:
        transport.stop()
    else:
        session = edit_mixer(session, chance)
    return session


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_edits_while_playing(seed: int) -> None:
    outputs: list[Recording] = []
    chance = Seeded(seed)
    session = three_tracks(SOUNDS)
    transport = Transport(session, lambda source, _rate, _warp: SOUNDS[source.channels], opener(outputs))
    end = time.monotonic() + SECONDS / 3
    while time.monotonic() < end:
        session = disturb(transport, session, chance)
        transport.set_session(session)
        transport.play()
        assert "silenced" not in transport.notice
        time.sleep(chance.one_of(PAUSES))
        for output in outputs:
            assert all(np.isfinite(block).all() for take in output.takes for block in take)
            del output.takes[:-1]
    transport.locate(0)
    transport.play()
    wait_until(lambda: 0 < transport.position < RATE)
    transport.close()
