"""Sessions with effects and buses for tests, and their mixes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.route import Route
from fanstudio.audio.samples import SampleSource
from fanstudio.model import edits
from fanstudio.model.session import Session, Source, new_session
from fanstudio.model.warp import Warp
from tests.support.sounds import Floats, a_source

RATE = 48_000


class Tracks:
    """A session with a track for each named sound, from timeline frame 0 on."""

    def __init__(self, **sounds: Floats) -> None:
        self.sounds: Mapping[str, Floats] = sounds
        self.session = new_session("x", RATE)
        for name, sound in sounds.items():
            self.session = edits.import_source(self.session, a_source(name, sound.shape[1], len(sound)))

    def __getitem__(self, name: str) -> str:
        """Return the id of a sound's track."""
        return next(track.id for track in self.session.tracks if track.name == name)

    def samples(self, source: Source, _warp: Warp | None) -> Floats:
        return self.sounds[source.name]

    def mix(self, session: Session | None = None, frames: int = 0, start: int = 0, block: int = 0) -> Floats:
        """Return a mix from a place on, in one block or in several."""
        session = session or self.session
        frames = frames or session.length
        playing = Mix(session, self.samples, start)
        block = block or frames
        return np.concatenate(
            [playing.read(min(block, frames - at)) for at in range(0, frames, block)], axis=1
        )

    def play(self, *sessions: Session, blocks: int = 20, block: int = 1_024) -> Floats:
        """Return the mix while one session takes the other's place after so many blocks."""
        playing = Mix(sessions[0], self.samples, 0, Route(sessions[0]))
        heard = []
        for session in sessions:
            if session is not playing.session:
                playing.change(session, self.samples, Route(session))
            heard += [playing.read(block) for _ in range(blocks)]
        return np.concatenate(heard, axis=1)


def render(session: Session, samples: SampleSource, start: int, frames: int) -> Floats:
    """Return the mix from a timeline frame on, in one block."""
    return Mix(session, samples, start).read(frames)


def bend(sound: Floats) -> float:
    """Return the sharpest bend of a sound, which a click would be."""
    return float(np.abs(np.diff(sound, 2, axis=1)).max())


def sine(hz: float, frames: int, channels: int = 2, peak: float = 0.25) -> Floats:
    """Return a tone."""
    wave = peak * np.sin(2 * np.pi * hz * np.arange(frames) / RATE)
    return np.stack([wave] * channels).astype(np.float32)
