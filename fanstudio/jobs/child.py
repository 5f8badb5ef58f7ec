"""Work in a process of its own, with limits: what crashes there ends that piece of work alone."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Protocol, TypeVar

from fanstudio.errors import ChildError, FanstudioError
from fanstudio.jobs.work import Work

T = TypeVar("T")

_POLL_S = 0.05
_GRACE_S = 0.5


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


class RunChild(Protocol):
    """What runs work in a child: `run_child`, or a crew's (`Crew.run_child`)."""

    def __call__(
        self, work: Work, function: Callable[..., T], *arguments: Any, limits: Limits | None = None
    ) -> T:
        """Run `function(work, *arguments)` in a child and return its result."""


def run_child(work: Work, function: Callable[..., T], *arguments: Any, limits: Limits | None = None) -> T:
    """Run `function(work, *arguments)` in a spawned process and return its (picklable) result.

    `function` must be importable at module level. Cancelling kills the child within a second;
    the child dies with its parent. Errors of our tree cross over as they are, and so does what the
    child tells (`Work.tell`).

    Raises:
        ChildError: the child crashed, or ran over its limits.

    """
    child = Child(limits or Limits(), function, arguments)
    try:
        result: T = child.follow(work)
    except BaseException:
        child.kill()
        raise
    child.end()
    return result


class Child:
    """A process that does one piece of work after the other; it dies with the thread that made it."""

    def __init__(self, limits: Limits, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        """Start it with its first piece of work, whose `limits` it keeps."""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_child_main, args=(theirs, os.getpid(), limits, function, arguments), daemon=True
        )
        self._process.start()
        theirs.close()
        self._limits = limits
        self.pieces = 1

    def hand(self, limits: Limits, function: Callable[..., Any], arguments: tuple[Any, ...]) -> bool:
        """Hand it another piece of work; False where it has died, or lives under other limits."""
        alike = (limits.memory_mb, limits.niceness) == (self._limits.memory_mb, self._limits.niceness)
        if not alike or not self._process.is_alive():
            return False
        try:
            self._pipe.send((function, arguments))
        except OSError:
            return False
        self._limits = limits
        self.pieces += 1
        return True

    def follow(self, work: Work) -> Any:
        """Wait for the result of its piece of work, and pass on what it reports and tells.

        It does no other piece after one that raised.
        """
        seconds = self._limits.seconds
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            work.check()
            if self._pipe.poll(_POLL_S):
                kind, *values = self._receive()
                if kind == "progress":
                    work.report(*values)
                elif kind == "news":
                    work.tell(values[0])
                elif kind == "result":
                    return values[0]
                else:
                    raise values[0]
            elif end is not None and time.monotonic() > end:
                raise ChildError(f"The worker process took longer than {seconds:.0f} s.")

    def end(self) -> None:
        """Let it go: it has nothing to do."""
        self._pipe.close()
        self._process.join(_GRACE_S)
        self.kill()

    def kill(self) -> None:
        """End it, whatever it does."""
        self._pipe.close()
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(_GRACE_S)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._process.close()

    def _receive(self) -> Any:
        try:
            return self._pipe.recv()
        except (EOFError, ConnectionError):
            self._process.join(1)
            code = self._process.exitcode
            raise ChildError(f"The worker process ended unexpectedly ({code}).") from None


def _child_main(
    pipe: Connection, parent: int, limits: Limits, function: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    _settle_child(parent, limits)
    work = Work(
        lambda fraction, text: pipe.send(("progress", fraction, text)),
        hear=lambda news: pipe.send(("news", news)),
    )
    while True:
        _do(pipe, work, function, arguments)
        try:
            function, arguments = pipe.recv()
        except (EOFError, OSError):
            return


def _do(pipe: Connection, work: Work, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
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
