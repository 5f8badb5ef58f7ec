"""A short session of noise that a test and the process it starts both know."""

from __future__ import annotations

from functools import cache

import numpy as np

from fanstudio.audio.samples import Samples
from fanstudio.model import edits
from fanstudio.model.session import Session, Source, new_session
from fanstudio.model.warp import Warp
from tests.support.sounds import a_source, noise


def played_session(rate: int, seconds: int = 2) -> Session:
    session = new_session("played", rate)
    for name in "ab":
        session = edits.import_source(session, a_source(name, rate * seconds, rate=rate))
    return edits.set_track_gain(session, session.tracks[1].id, -6)


def played_samples(source: Source, _rate: int, _warp: Warp | None = None) -> Samples:
    return _noise(source.length, ord(source.name[0]))


@cache
def _noise(frames: int, seed: int) -> Samples:
    return noise(frames, seed=seed) * np.float32(0.5)
