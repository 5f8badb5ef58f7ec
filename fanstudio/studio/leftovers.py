"""Leftovers: what a crash left half-written goes when a project is opened and no other one is open."""

from __future__ import annotations

import contextlib
import weakref

from fanstudio.audio.pool import Pool
from fanstudio.errors import StorageError
from fanstudio.paths import cache_dir
from fanstudio.studio.lease import Lease, anyone_holds


def hold(pool: Pool) -> None:
    """Tell other processes that a pool is in use for as long as it lives, and clear what a crash left in it.

    What is half-written is listed before it is asked whether anyone is at work: whoever wrote it and
    still lives holds a lease already. Where no lease can be had (a full disk), nothing is removed.
    """
    leases = cache_dir() / "open"
    unfinished = pool.unfinished()
    with contextlib.suppress(StorageError):
        if unfinished and not anyone_holds(leases):
            pool.remove_leftovers(unfinished)
        weakref.finalize(pool, Lease(leases).release)
