"""What a long function sees of its job."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from fanstudio.errors import Cancelled

#: (fraction 0..1, what is being done now)
Report = Callable[[float, str], None]
#: Takes news of the work before its end, such as a part of the result that is there.
Hear = Callable[[Any], None]


def _silent(_fraction: float, _text: str) -> None:
    return None


def _deaf(_news: Any) -> None:
    return None


class Work:
    """What a long function sees of its job: report progress, notice cancellation."""

    def __init__(
        self, report: Report = _silent, cancelled: threading.Event | None = None, hear: Hear = _deaf
    ) -> None:
        """Wrap a progress callback, the event that cancels, and who hears of news."""
        self._report = report
        self._cancelled = cancelled or threading.Event()
        self._hear = hear

    @property
    def cancelled(self) -> bool:
        """Tell whether cancellation was asked for."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if cancellation was asked for."""
        if self._cancelled.is_set():
            raise Cancelled()

    def cancel(self) -> None:
        """Ask the work to stop; safe from any thread."""
        self._cancelled.set()

    def report(self, fraction: float, text: str = "") -> None:
        """Tell how far the work is (0..1) and what it does; raise `Cancelled` if asked to stop."""
        self.check()
        self._report(min(1.0, max(0.0, fraction)), text)

    def tell(self, news: Any) -> None:
        """Hand over news before the work ends; from a child process it must be picklable."""
        self._hear(news)

    def told_to(self, report: Report) -> Work:
        """Return this work with another listener to its progress."""
        return Work(report, self._cancelled, self._hear)

    def heard_by(self, hear: Hear) -> Work:
        """Return this work with another listener to its news, who is called on the work's thread."""
        return Work(self._report, self._cancelled, hear)

    def finishing(self) -> Work:
        """Return the Work of a last step for which cancelling comes too late."""
        return Work(self._report, hear=self._hear)

    def part(self, start: float, end: float, text: str = "") -> Work:
        """Return the Work of a step that covers `start`..`end` of this one."""

        def report(fraction: float, detail: str) -> None:
            self._report(start + (end - start) * fraction, detail or text)

        return Work(report, self._cancelled, self._hear)
