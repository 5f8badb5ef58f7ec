"""Mixes of whole sessions for tests."""

from __future__ import annotations

from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.samples import SampleSource
from fanstudio.model.session import Session
from tests.support.sounds import Floats


def render(session: Session, samples: SampleSource, start: int, frames: int) -> Floats:
    """Return the mix from a timeline frame on, in one block."""
    return Mix(session, samples, start).read(frames)
