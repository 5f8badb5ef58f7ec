"""Where a dragged edge comes to rest: beats, and the edges, markers and playhead near it."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass

from fanstudio.model.session import Session
from fanstudio.model.timebase import snap_to_beat

#: Within this many pixels an edge, marker or the playhead draws a dragged edge to itself.
MAGNET_PIXELS = 6


@dataclass(frozen=True, slots=True)
class Snap:
    """The frames that attract, sorted, and whether beats do; `reach` is the magnets' reach in frames."""

    session: Session
    magnets: tuple[int, ...]
    reach: float
    enabled: bool = True

    def rest(self, frame: int) -> int:
        """Return the frame at which something dragged to `frame` comes to rest."""
        if not self.enabled:
            return max(0, frame)
        at = bisect.bisect_left(self.magnets, frame)
        around = self.magnets[max(0, at - 1) : at + 1]
        nearest = min(around, key=lambda magnet: abs(magnet - frame), default=None)
        if nearest is not None and abs(nearest - frame) <= self.reach:
            return nearest
        return snap_to_beat(self.session, frame) if self.session.tempo else max(0, frame)

    def shift(self, start: int, end: int, moved: int) -> int:
        """Return by how much to move the stretch `start`…`end` that was dragged by `moved` frames."""
        wanted = start + moved
        rested = self.rest(wanted)
        at_end = self.rest(end + moved) - (end + moved)
        by_end = self.enabled and self._draws(end + moved + at_end) and not self._draws(rested)
        return moved + at_end if by_end else rested - start

    def _draws(self, frame: int) -> bool:
        at = bisect.bisect_left(self.magnets, frame)
        return at < len(self.magnets) and self.magnets[at] == frame


def magnets(session: Session, playhead: int, without: Iterable[str] = ()) -> tuple[int, ...]:
    """Return the frames of clip edges, markers, playhead and start, leaving out clips that are dragged."""
    left_out = frozenset(without)
    frames = {0, playhead, *(marker.position for marker in session.markers)}
    for clip in session.clips():
        if clip.id not in left_out:
            frames.update((clip.position, clip.end))
    return tuple(sorted(frames))
