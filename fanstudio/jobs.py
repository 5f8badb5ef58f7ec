"""Background work: progress, cancel and child processes.

Nothing here knows Qt. A long function takes a `Work` as its first argument, calls
`work.report(…)` as it goes and `work.check()` often enough to be cancelled within a second.
"""

from __future__ import annotations

import ctypes
import itertools
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

from fanstudio.errors import Cancelled, ChildError, FanstudioError
from fanstudio.files import part_file, storage_error, write_whole

__all__ = [
    "Dial",
    "Job",
    "JobRunner",
    "Limits",
    "Work",
    "part_file",
    "run_child",
    "side_by_side",
    "storage_error",
    "write_whole",
]

A = TypeVar("A")
T = TypeVar("T")

#: (fraction 0..1, what is being done now)
Report = Callable[[float, str], None]
#: Takes news of the work before its end, such as a part of the result that is there.
Hear = Callable[[Any], None]

#: Heavier work side by side would want too much memory.
MOST_AT_ONCE = 4
_POLL_S = 0.05
_GRACE_S = 0.5


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


def side_by_side(
    work: Work, items: Sequence[A], function: Callable[[Work, A], T], at_once: int = MOST_AT_ONCE
) -> Iterator[T]:
    """Yield `function(part, item)` of each item in order, while those behind it are under way.

    At most `at_once`, and as many as there are cores, run at a time, each on a thread of its own. An error
    is raised in its item's turn and ends the others, and so does cancelling.
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

    workers = max(1, min(at_once, os.cpu_count() or 1, len(items)))
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


class Dial:
    """A whole number that a parent sets and a running child reads; hand it to `run_child` as an argument."""

    def __init__(self, value: int = 0) -> None:
        """Set it to a first value."""
        self._shared = multiprocessing.get_context("spawn").Value("q", value, lock=False)

    @property
    def value(self) -> int:
        """Return what it is set to."""
        return int(self._shared.value)

    def set(self, value: int) -> None:
        """Set it; the child sees it at once."""
        self._shared.value = value


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child process may use; None means no limit."""

    memory_mb: int | None = None
    seconds: float | None = None
    niceness: int = 5


def run_child(work: Work, function: Callable[..., T], *arguments: Any, limits: Limits | None = None) -> T:
    """Run `function(work, *arguments)` in a spawned process and return its (picklable) result.

    `function` must be importable at module level. Cancelling kills the child within a second;
    the child dies with its parent. Errors of our tree cross over as they are, and so does what the
    child tells (`Work.tell`).

    Raises:
        ChildError: the child crashed, or ran over its limits.

    """
    limits = limits or Limits()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_child_main, args=(theirs, os.getpid(), limits, function, arguments), daemon=True
    )
    process.start()
    theirs.close()
    try:
        result: T = _follow(work, process, ours, limits)
        process.join(_GRACE_S)
        return result
    finally:
        _end(process)
        ours.close()


def _follow(work: Work, process: Any, pipe: Connection, limits: Limits) -> Any:
    end = None if limits.seconds is None else time.monotonic() + limits.seconds
    while True:
        work.check()
        if pipe.poll(_POLL_S):
            try:
                kind, *values = pipe.recv()
            except EOFError:
                process.join(1)
                raise ChildError(f"The worker process ended unexpectedly ({process.exitcode}).") from None
            if kind == "progress":
                work.report(*values)
            elif kind == "news":
                work.tell(values[0])
            elif kind == "result":
                return values[0]
            else:
                raise values[0]
        elif end is not None and time.monotonic() > end:
            raise ChildError(f"The worker process took longer than {limits.seconds:.0f} s.")


def _end(process: Any) -> None:
    if process.is_alive():
        process.terminate()
        process.join(_GRACE_S)
    if process.is_alive():
        process.kill()
    process.join()
    process.close()


def _child_main(
    pipe: Connection, parent: int, limits: Limits, function: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    _settle_child(parent, limits)
    work = Work(
        lambda fraction, text: pipe.send(("progress", fraction, text)),
        hear=lambda news: pipe.send(("news", news)),
    )
    try:
        pipe.send(("result", function(work, *arguments)))
    except FanstudioError as error:
        pipe.send(("error", error))
    except MemoryError:
        pipe.send(("error", ChildError("The worker process ran out of memory.")))
    except BaseException as error:
        traceback.print_exc()
        pipe.send(("error", ChildError(f"The worker process failed: {error!r}.")))


def _settle_child(parent: int, limits: Limits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        _die_with_parent(parent)
    if hasattr(os, "nice"):
        os.nice(limits.niceness)
    if limits.memory_mb is not None and sys.platform != "win32":
        import resource

        bytes_ = limits.memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (bytes_, bytes_))


def _die_with_parent(parent: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    pr_set_pdeathsig = 1
    libc.prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
