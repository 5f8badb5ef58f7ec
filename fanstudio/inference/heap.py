"""Keeps the memory of a process from growing with the length of a song."""

from __future__ import annotations

import ctypes
import sys

_M_MMAP_THRESHOLD = -3
_BIG_BYTES = 1 << 18


def give_back_early() -> None:
    """Let the C library return big arrays to the system as soon as they are freed.

    By itself glibc soon keeps arrays of up to 32 MB on its heap, where smaller ones in between leave
    holes: ten minutes in four stems came to 1076 MB that way, to 501 MB this way. Elsewhere nothing is
    done.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _BIG_BYTES)
