"""What was heard in a project's sources, or played of them, not long ago: for a preview, and after it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from fanstudio.audio.pool import Pool

T = TypeVar("T")

#: Ten seconds of a stem that is played anew are some 4 MB; what was heard of one is far less.
_MOST: Final = 24


class Remembered:
    """The last few things that took long to make, by what they were made from; safe from several threads."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._things: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get_or_make(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made with this key, or make it; an error of `make` is raised, and not kept.

        Who asks for what another thread is making waits for it.
        """
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._things:
                    self._things.move_to_end(key)
                    kept: T = self._things[key]
                    return kept
            made = make()
            with self._lock:
                self._things[key] = made
                while len(self._things) > _MOST:
                    gone, _ = self._things.popitem(last=False)
                    self._making.pop(gone, None)
            return made


_OF_POOLS: WeakKeyDictionary[Pool, Remembered] = WeakKeyDictionary()
_BEGINNING = threading.Lock()


def remembered(pool: Pool) -> Remembered:
    """Return what is remembered of a pool's sources, for as long as the pool is there."""
    with _BEGINNING:
        return _OF_POOLS.setdefault(pool, Remembered())
