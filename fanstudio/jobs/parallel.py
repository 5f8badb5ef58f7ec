"""Several pieces of work at once, on as many threads as there are processors."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from fanstudio.jobs.work import Work

A = TypeVar("A")
T = TypeVar("T")

#: Heavier work side by side would want too much memory.
MOST_AT_ONCE = 4
_POLL_S = 0.05


def count_cpus() -> int:
    """Return how many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def side_by_side(
    work: Work, items: Sequence[A], function: Callable[[Work, A], T], at_once: int = MOST_AT_ONCE
) -> Iterator[T]:
    """Yield `function(part, item)` of each item in order, while those behind it are under way.

    At most `at_once`, and as many as there are processors, run at a time, each on a thread of its own. An
    error is raised in its item's turn and ends the others, and so does cancelling.
    """
    fractions = [0.0] * len(items)
    stop = threading.Event()

    def run(index: int) -> T:
        def report(fraction: float, text: str) -> None:
            fractions[index] = fraction
            work._report(sum(fractions) / len(items), text)

        result = function(Work(report, stop, work._hear), items[index])
        fractions[index] = 1.0
        return result

    workers = max(1, min(at_once, count_cpus(), len(items)))
    with ThreadPoolExecutor(workers, "side by side") as pool:
        futures = [pool.submit(run, index) for index in range(len(items))]
        try:
            for future in futures:
                while not future.done():
                    work.check()
                    wait((future,), _POLL_S)
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            stop.set()
