"""Which thread the system runs first: sound before pictures."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from queue import SimpleQueue
from typing import Final

_SOUND_NICE: Final = -11
_WINDOW_BELOW: Final = 5


def start_for_sound(run: Callable[[], None], name: str) -> threading.Thread:
    """Start a daemon thread that may be put first, also once the main thread went down.

    A thread gets the rank of the one that starts it, and nobody goes up again.
    """
    thread = threading.Thread(target=run, name=name, daemon=True)
    _starter().start(thread)
    return thread


def put_sound_first() -> None:
    """Let the system run this thread before the main one, where it tells threads apart: on Linux.

    A window that repaints and a thread that renders hand the interpreter's lock to each other all the
    time; of equal rank, each waits for a processor at every turn. Where this thread may not go up, the
    main one goes down.
    """
    if sys.platform != "linux":
        return
    here = threading.get_native_id()
    try:
        os.setpriority(os.PRIO_PROCESS, here, _SOUND_NICE)
    except PermissionError:
        with suppress(OSError):
            lower = os.getpriority(os.PRIO_PROCESS, here) + _WINDOW_BELOW
            os.setpriority(os.PRIO_PROCESS, threading.main_thread().native_id or 0, lower)


class _Starter:
    """A thread that keeps the rank with which the program began, and starts others."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[tuple[threading.Thread, threading.Event]] = SimpleQueue()
        threading.Thread(target=self._run, name="sound starter", daemon=True).start()

    def start(self, thread: threading.Thread) -> None:
        started = threading.Event()
        self._asked.put((thread, started))
        started.wait()

    def _run(self) -> None:
        while True:
            thread, started = self._asked.get()
            thread.start()
            started.set()


@cache
def _starter() -> _Starter:
    return _Starter()
