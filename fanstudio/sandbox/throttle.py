"""How often one caller may do one thing."""

from __future__ import annotations

import threading
from collections import deque

from fanstudio.sandbox.problems import refuse

_MOST_CALLERS = 10_000


class Throttle:
    """Allows `most` uses by one caller in any `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        """Start with no uses."""
        self._most = most
        self._seconds = seconds
        self._uses: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def use(self, caller: str, now: float) -> None:
        """Note a use; raise the problem `throttled` with `retry_after_s` where it is one too many."""
        with self._lock:
            uses = self._uses.pop(caller, deque())
            while uses and uses[0] <= now - self._seconds:
                uses.popleft()
            self._uses[caller] = uses
            if len(self._uses) > _MOST_CALLERS:
                del self._uses[next(iter(self._uses))]
            if len(uses) >= self._most:
                wait_s = int(uses[0] + self._seconds - now) + 1
                raise refuse("throttled", "Too many requests; wait a moment.", retry_after_s=wait_s)
            uses.append(now)
