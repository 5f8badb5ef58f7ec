"""Lets jobs run one after another, in the order in which they were asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from fanstudio.jobs import Work

#: What a job says of itself until its turn comes.
WAITING = "Waiting for its turn"
_POLL_S = 0.05


class Turns:
    """A line in which jobs wait; whoever is first works."""

    def __init__(self) -> None:
        """Start with nobody in line."""
        self._line: list[Place] = []
        self._lock = threading.Lock()

    def join(self) -> Place:
        """Return the last place in line; it is left by `Place.turn` alone."""
        place = Place(self)
        with self._lock:
            self._line.append(place)
        return place

    def is_first(self, place: Place) -> bool:
        """Tell whether it is the turn of `place`."""
        with self._lock:
            return self._line[0] is place

    def leave(self, place: Place) -> None:
        """Let the next one come forward."""
        with self._lock:
            self._line.remove(place)


class Place:
    """One place in line."""

    def __init__(self, turns: Turns) -> None:
        """Belong to a line."""
        self._turns = turns

    @contextmanager
    def turn(self, work: Work) -> Iterator[None]:
        """Wait until it is this one's turn, and leave the line afterwards; Cancelled leaves it too."""
        try:
            while not self._turns.is_first(self):
                work.report(0.0, WAITING)
                time.sleep(_POLL_S)
            yield
        finally:
            self._turns.leave(self)
