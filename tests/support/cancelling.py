"""Cancels work after a moment, and tells when, in processor time: a busy machine makes no test fail."""

import threading
import time

from fanstudio.jobs import Work


def cancelled_soon(seconds: float = 0.2) -> tuple[Work, list[float]]:
    """Return work that is cancelled after `seconds`, and a list that then holds `time.process_time()`."""
    work, cancelled_at = Work(), []

    def cancel() -> None:
        cancelled_at.append(time.process_time())
        work.cancel()

    threading.Timer(seconds, cancel).start()
    return work, cancelled_at
