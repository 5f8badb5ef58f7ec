"""Where playback goes: on to the session's end, or round and round the loop."""

from __future__ import annotations

from collections.abc import Iterator

from fanstudio.model.session import LoopRange, Session

#: Shorter loops would be a tone, not a loop.
SHORTEST_LOOP_FRAMES = 256


class Route:
    """The way through one session; made once a session, since its length takes a walk over all clips."""

    def __init__(self, session: Session) -> None:
        """Read the session's length and loop."""
        self.session = session
        self._end = session.length
        self._loop = _usable(session.loop)

    def stretches(self, cursor: int, frames: int) -> Iterator[tuple[int, int]]:
        """Yield (position, frames) of what plays from `cursor` on: `frames` in all, fewer at the end.

        A cursor at the loop's end goes back to its start; one beyond the loop plays on.
        """
        while frames:
            if self._loop and cursor == self._loop.end:
                cursor = self._loop.start
            looping = self._loop is not None and cursor < self._loop.end
            stop = self._loop.end if self._loop and looping else self._end
            count = min(frames, stop - cursor)
            if count <= 0:
                return
            yield cursor, count
            cursor += count
            frames -= count

    def is_over(self, cursor: int) -> bool:
        """Tell whether nothing plays from `cursor` on."""
        return next(self.stretches(cursor, 1), None) is None


def _usable(loop: LoopRange | None) -> LoopRange | None:
    if loop is None or not loop.enabled or loop.end - loop.start < SHORTEST_LOOP_FRAMES:
        return None
    return loop
