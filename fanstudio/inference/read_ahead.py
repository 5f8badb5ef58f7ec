"""Runs an iterator on a thread of its own, so that waiting for its next item can be cancelled."""

from __future__ import annotations

import queue
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

from fanstudio.jobs import JobRunner, Work

T = TypeVar("T")

_POLL_S = 0.1
_ITEMS_AHEAD = 16


def read_ahead(work: Work, start: Callable[[], Iterator[T]]) -> Generator[T, None, None]:
    """Yield what the iterator `start()` yields, or raise what it raises.

    When `work` is cancelled, or this generator closed, the thread ends by itself: at the latest when
    whatever it waits for gives up.
    """
    items: queue.Queue[T] = queue.Queue(_ITEMS_AHEAD)
    job = JobRunner().submit("read ahead", lambda own: _feed(own, start(), items))
    try:
        while True:
            work.check()
            ended = job.done
            try:
                yield items.get(timeout=0 if ended else _POLL_S)
            except queue.Empty:
                if ended:
                    job.result()
                    return
    finally:
        job.cancel()


def _feed(own: Work, source: Iterator[T], items: queue.Queue[T]) -> None:
    for item in source:
        while True:
            own.check()
            try:
                items.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            break
