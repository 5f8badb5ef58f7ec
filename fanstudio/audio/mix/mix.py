"""The mix of a session as one stream, from one place on, with edits while it goes on."""

from __future__ import annotations

from collections.abc import Collection

from fanstudio.audio.effects.effect import CHUNK_FRAMES
from fanstudio.audio.levels import Levels
from fanstudio.audio.mix.blocks import filled
from fanstudio.audio.mix.faults import Faults
from fanstudio.audio.mix.material import Material
from fanstudio.audio.mix.network import LEAD_FRAMES, Network
from fanstudio.audio.mix.path import Path, Stretches
from fanstudio.audio.route import Route
from fanstudio.audio.samples import Samples, SampleSource
from fanstudio.model.session import Session


class Mix:
    """Reads on and on; what it gives does not depend on how it is cut into blocks.

    All edges lie in stream time: where effects are late, more is read ahead, so that everything arrives
    together. One thread reads and changes it.
    """

    def __init__(
        self,
        session: Session,
        samples: SampleSource,
        start: int,
        route: Route | None = None,
        *,
        metered: bool = False,
        past: Mix | None = None,
        stale: Collection[str] = (),
    ) -> None:
        """Begin at a timeline frame and follow a route; without one, go straight on.

        What does not depend on the place is taken over from `past`, of the same rate, but for source ids
        in `stale`.

        Raises:
            AudioFileError: a source's samples are missing or damaged.

        """
        self.session = session
        lead = min(start, LEAD_FRAMES + start % CHUNK_FRAMES) if has_effects(session) else 0
        self._path = Path(route, start, session.sample_rate, lead)
        material = Material(session, samples, past._network.lanes if past else {}, stale)
        self._network: Network = Network(session, material, self._path, metered=metered)
        #: The frame of the stream that is read next.
        self._at = 0
        if lead:
            self.read(lead)
            self.take_levels()

    @property
    def faults(self) -> Faults:
        """Return what is wrong with which effects."""
        return self._network.faults

    def stretches(self, frames: int) -> Stretches:
        """Return the places of the timeline, (position, frames), that are read next."""
        return self._path.over(self._at, frames)

    def left(self, frames: int, tail_frames: int) -> int:
        """Return how many of the next frames lie before a tail behind the route's end is over."""
        self._path.over(self._at, frames)
        end = self._path.end
        return frames if end is None else min(frames, max(0, end + tail_frames - self._at))

    def read(self, frames: int) -> Samples:
        """Return the next frames, float32 `(2, frames)`."""
        block = self._network.read(frames)
        self._at += frames
        self._path.forget(self._at)
        return filled(block, frames)

    def take_levels(self) -> Levels:
        """Return the levels of what was read since they were last taken."""
        return self._network.take_levels()

    def change(
        self, session: Session, samples: SampleSource, route: Route, *, stale: Collection[str] = ()
    ) -> None:
        """Go over to an edited session of the same rate, without a click, where nobody has read yet.

        What has not changed rings on; clips of the source ids in `stale` are asked for again.
        """
        self.session = session
        self._path.follow(route)
        material = Material(session, samples, self._network.lanes, stale)
        self._network.follow(session, material, self._path.known)


def has_effects(session: Session) -> bool:
    """Tell whether a mix depends on what sounded before; without effects each frame stands for itself."""
    on_tracks = (track.effects for track in session.tracks)
    on_buses = (bus.effects for bus in session.buses)
    return any((session.master_effects, *on_tracks, *on_buses))
