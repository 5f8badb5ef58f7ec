"""Which thread the system runs first: sound before pictures."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import Final

_SOUND_NICE: Final = -11
_WINDOW_NICE: Final = 5


def put_sound_first() -> None:
    """Let the system run this thread before the main one, where it tells threads apart: on Linux.

    A window that repaints and a thread that renders hand the interpreter's lock to each other all the
    time; of equal rank, each waits for a processor at every turn. Where this thread may not go up, the
    main one goes down.
    """
    if sys.platform != "linux":
        return
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _SOUND_NICE)
    except PermissionError:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.main_thread().native_id or 0, _WINDOW_NICE)
