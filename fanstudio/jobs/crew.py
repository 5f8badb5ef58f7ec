"""Child processes that stay for the next piece of work: starting one costs more than decoding a song."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

from fanstudio.jobs.child import Child, Limits
from fanstudio.jobs.work import Work

T = TypeVar("T")

#: What a library leaks must not add up.
_MOST_PIECES = 100


class Crew:
    """Runs work in children, one for each thread that asks; use as a context manager.

    A child does another piece of work only after one that went well: what was refused, crashed, hung or was
    cancelled takes its child along, so that no file sees what another one did to it. Children die with their
    thread, and the idle ones at the end of the block.
    """

    def __init__(self, niceness: int | None = None) -> None:
        """Start without children; `niceness` is theirs, in place of what their limits say."""
        self._niceness = niceness
        self._own = threading.local()
        self._idle: set[Child] = set()
        self._lock = threading.Lock()
        self._ended = False

    def __enter__(self) -> Self:
        """Return the crew."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let idle children go; one that is at work ends with it."""
        with self._lock:
            self._ended = True
            idle, self._idle = self._idle, set()
        for child in idle:
            child.end()

    def run_child(
        self, work: Work, function: Callable[..., T], *arguments: Any, limits: Limits | None = None
    ) -> T:
        """Do what `jobs.run_child` does, in a child that is there already if there is one.

        Raises:
            ChildError: the child crashed, or ran over its limits.

        """
        limits = limits or Limits()
        if self._niceness is not None:
            limits = replace(limits, niceness=self._niceness)
        child = self._take(limits, function, arguments)
        try:
            result: T = child.follow(work)
        except BaseException:
            child.kill()
            raise
        self._put_back(child)
        return result

    def _take(self, limits: Limits, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Child:
        """Return this thread's child, or a new one, at its piece of work."""
        child: Child | None = getattr(self._own, "child", None)
        with self._lock:
            idle = child in self._idle
            self._idle -= {child}
        if child is not None and idle:
            if child.pieces < _MOST_PIECES and child.hand(limits, function, arguments):
                return child
            child.end()
        return Child(limits, function, arguments)

    def _put_back(self, child: Child) -> None:
        with self._lock:
            if not self._ended:
                self._own.child = child
                self._idle.add(child)
                return
        child.end()
