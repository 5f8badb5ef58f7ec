"""What a strip sounds like by itself, read in slices: a track, a bus, or the whole song."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fanstudio.audio.render import bounce
from fanstudio.audio.samples import Samples, SampleSource, silence
from fanstudio.jobs import Work
from fanstudio.model.audibility import audible_end
from fanstudio.model.mixer import MASTER, Automation, EffectSlot
from fanstudio.model.session import Session, Track


class StripSound:
    """Mixes what is asked for, `(2, frames)`; faders, pan and sends behind a strip's effects do not count."""

    def __init__(self, session: Session, samples: SampleSource, strip_id: str) -> None:
        """Listen to a strip of a session, which may be muted; raises EditError where it is gone."""
        self._session = session if strip_id == MASTER else _alone(session, strip_id)
        self._samples = samples
        self.shape = 2, audible_end(self._session)

    def __getitem__(self, key: tuple[slice, slice]) -> Samples:
        """Return some frames; raises AudioFileError where a source cannot be read."""
        start, stop, _ = key[1].indices(self.shape[1])
        blocks = list(bounce(Work(), self._session, self._samples, start, stop)) if stop > start else []
        return np.concatenate(blocks, axis=1)[key[0]] if blocks else silence(2, 0)[key[0]]


def _alone(session: Session, strip_id: str) -> Session:
    """Return a session in which only a strip sounds, as it comes out of its effects."""
    bus = next((bus for bus in session.buses if bus.id == strip_id), None)
    if bus is None:
        tracks = (_flat(session.track(strip_id)),)
        return replace(_bare(session), tracks=tracks)
    fed = tuple(replace(track, output="", sends=()) for track in session.tracks if track.output == bus.id)
    rest = _effects_only(bus.automation, bus.effects)
    return replace(_bare(session), tracks=fed, master_effects=bus.effects, master_automation=rest)


def _bare(session: Session) -> Session:
    return replace(session, buses=(), master_effects=(), master_automation=(), master_gain_db=0.0)


def _flat(track: Track) -> Track:
    return replace(
        track,
        gain_db=0.0,
        pan=0.0,
        muted=False,
        soloed=False,
        sends=(),
        output="",
        automation=_effects_only(track.automation, track.effects),
    )


def _effects_only(curves: tuple[Automation, ...], effects: tuple[EffectSlot, ...]) -> tuple[Automation, ...]:
    """Return the curves over parameters of effects."""
    slots = {slot.id for slot in effects}
    return tuple(curve for curve in curves if curve.target.partition(".")[0] in slots)
