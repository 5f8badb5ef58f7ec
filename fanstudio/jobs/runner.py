"""Background work that somebody watches: each job on a thread of its own."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from fanstudio.jobs.work import Work

T = TypeVar("T")

_POLL_S = 0.05


@dataclass(eq=False)
class Job(Generic[T]):
    """One piece of background work with a title; read its fields from any thread."""

    title: str
    number: int
    runs_on: str = ""
    fraction: float = 0.0
    detail: str = ""
    started: float = field(default_factory=time.monotonic)
    _future: Future[T] = field(default_factory=Future)
    _cancel: threading.Event = field(default_factory=threading.Event)

    @property
    def done(self) -> bool:
        """Tell whether the work has ended, in whatever way."""
        return self._future.done()

    @property
    def error(self) -> BaseException | None:
        """Return what the ended work raised, or None."""
        return self._future.exception() if self._future.done() else None

    @property
    def seconds_left(self) -> float | None:
        """Estimate the seconds left from the pace so far; None while that is a guess."""
        spent = time.monotonic() - self.started
        if self.fraction < 0.02 or spent < 0.5:
            return None
        return spent * (1 - self.fraction) / self.fraction

    def cancel(self) -> None:
        """Ask the work to stop."""
        self._cancel.set()

    def result(self, timeout: float | None = None) -> T:
        """Wait for the result, or raise what the work raised."""
        return self._future.result(timeout)

    def when_done(self, callback: Callable[[Job[T]], None]) -> None:
        """Call `callback(job)` on the worker's thread when the work has ended."""
        self._future.add_done_callback(lambda _future: callback(self))


class JobRunner:
    """Runs jobs, each on a thread of its own; heavy ones hand over to a child process."""

    def __init__(self) -> None:
        """Start with no jobs."""
        self._numbers = itertools.count(1)
        self._jobs: list[Job[Any]] = []
        self._lock = threading.Lock()

    @property
    def running(self) -> tuple[Job[Any], ...]:
        """Return the jobs that have not ended, oldest first."""
        with self._lock:
            return tuple(self._jobs)

    def submit(self, title: str, function: Callable[[Work], T], *, runs_on: str = "") -> Job[T]:
        """Run `function(work)` in the background; `runs_on` names the device for the user."""
        job: Job[T] = Job(title, next(self._numbers), runs_on)
        with self._lock:
            self._jobs.append(job)
        thread = threading.Thread(target=self._run, args=(job, function), name=title, daemon=True)
        thread.start()
        return job

    def shutdown(self, timeout: float = 5.0) -> None:
        """Cancel every job and wait until each has ended."""
        for job in self.running:
            job.cancel()
        end = time.monotonic() + timeout
        while self.running and time.monotonic() < end:
            time.sleep(_POLL_S)

    def _run(self, job: Job[T], function: Callable[[Work], T]) -> None:
        def report(fraction: float, text: str) -> None:
            if job.fraction == 0:  # what waits for its turn has not started
                job.started = time.monotonic()
            job.fraction = fraction
            job.detail = text or job.detail

        try:
            result = function(Work(report, job._cancel))
        except BaseException as error:
            self._forget(job)
            job._future.set_exception(error)
        else:
            job.fraction = 1.0
            self._forget(job)
            job._future.set_result(result)

    def _forget(self, job: Job[Any]) -> None:
        with self._lock:
            self._jobs.remove(job)
