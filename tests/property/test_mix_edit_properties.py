"""Whatever is edited while a mix goes on, it ends up as the mix of the session that it was edited to."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.route import Route
from fanstudio.model.session import Source
from fanstudio.model.warp import Warp
from tests.support.mixer_edits import RATE, Drawn, edit_mixer, three_tracks
from tests.support.sounds import noise

FRAMES = 4 * RATE
SOUNDS = {channels: noise(FRAMES, channels, seed=channels, peak=0.02) for channels in (1, 2)}
#: These forget soon what they heard; so quiet a sound leaves the limiter at rest.
KINDS = (("equaliser", {"low_db": 4.0}), ("limiter", {}), ("delay", {"feedback": 0.0}))
SETTLED = 2 * RATE


def sounds(source: Source, _warp: Warp | None) -> np.ndarray:
    return SOUNDS[source.channels]


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_edits_end_in_the_mix_of_the_last_session(data: st.DataObject) -> None:
    choices = Drawn(data, KINDS)
    session = three_tracks(SOUNDS)
    mix = Mix(session, sounds, 0, Route(session))
    read = SETTLED
    for _ in range(data.draw(st.integers(1, 12))):
        session = edit_mixer(session, choices)
        mix.change(session, sounds, Route(session))
        frames = choices.one_of((0, 1, 100, 512, 1_024))
        assert np.isfinite(mix.read(frames)).all()
        read += frames
    mix.read(SETTLED)
    wanted = Mix(session, sounds, 0)
    wanted.read(read)
    assert np.abs(mix.read(2_000) - wanted.read(2_000)).max() < 1e-5
