"""Which place of the timeline sounds at which frame of a stream that began with playback."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from fanstudio.audio.effects.effect import CHUNK_FRAMES
from fanstudio.audio.route import Route

Stretches = tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Piece:
    stream: int
    position: int
    frames: int


class Path:
    """Follows a route as far as anyone asks, and goes straight on behind its end.

    Effects hear the stream, which never jumps; what lies on the timeline is looked up by it. So a loop
    rings on, and who is behind, for latency, reads later what others have read before.
    """

    def __init__(self, route: Route | None, start: int, sample_rate: int, lead_frames: int = 0) -> None:
        """Begin `lead_frames` before a timeline frame; follow the route from there, or go straight on."""
        self.sample_rate = sample_rate
        self._route = route
        self._origin = start - lead_frames
        self._pieces = deque([_Piece(0, self._origin, lead_frames)])
        self._cursor = start
        #: The first frame of the stream that nobody has asked for.
        self.known = lead_frames
        #: The frame of the stream at which the route was over; None while it is not.
        self.end: int | None = None
        self._asked = (0, 0)
        self._answer: Stretches = ()

    @property
    def oldest(self) -> int:
        """Return the first frame of the stream that is still known."""
        return self._pieces[0].stream

    def over(self, stream: int, frames: int) -> Stretches:
        """Return the (position, frames) of some frames of the stream."""
        if (stream, frames) != self._asked:
            self._extend(stream + frames - self.known)
            self._asked, self._answer = (stream, frames), self._find(stream, frames)
        return self._answer

    def position(self, stream: int) -> int:
        """Return the timeline frame of a frame of the stream."""
        return self.over(stream, 1)[0][0]

    def into_chunk(self, stream: int) -> int:
        """Return how many frames of its chunk lie before a frame; chunks are cut on the timeline's grid."""
        return (self._origin + stream) % CHUNK_FRAMES

    def follow(self, route: Route) -> None:
        """Take another route from the first frame on that nobody has asked for."""
        self._route = route
        if not route.is_over(self._cursor):
            self.end = None

    def forget(self, before: int) -> None:
        """Drop what lies more than a second before a frame of the stream."""
        while len(self._pieces) > 1 and self._pieces[1].stream <= before - self.sample_rate:
            self._pieces.popleft()

    def _extend(self, frames: int) -> None:
        if frames <= 0:
            return
        for position, count in self._route.stretches(self._cursor, frames) if self._route else ():
            self._append(position, count)
            frames -= count
        if frames and self._route and self.end is None:
            self.end = self.known
        self._append(self._cursor, frames)

    def _append(self, position: int, frames: int) -> None:
        last = self._pieces[-1]
        if last.position + last.frames == position:
            last.frames += frames
        else:
            self._pieces.append(_Piece(self.known, position, frames))
        self.known += frames
        self._cursor = position + frames

    def _find(self, stream: int, frames: int) -> Stretches:
        found = []
        for piece in self._pieces:
            first = max(stream, piece.stream)
            last = min(stream + frames, piece.stream + piece.frames)
            if first < last:
                found.append((piece.position + first - piece.stream, last - first))
        return tuple(found)
