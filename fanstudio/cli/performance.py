"""Runs an operation for the command line: progress on stderr, Ctrl+C, one line for an error."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from fanstudio.errors import Cancelled, FanstudioError
from fanstudio.jobs import Work
from fanstudio.text import printable

T = TypeVar("T")

EXIT_ERROR = 1
EXIT_NOT_VERIFIED = 3
EXIT_CANCELLED = 130

out = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
err = Console(markup=False, emoji=False, highlight=False, soft_wrap=True, stderr=True)


def say(text: str, *, style: str | None = None) -> None:
    """Write one line on stdout, in which nothing steers the terminal."""
    out.print(printable(text), style=style)


def note(text: str, *, style: str | None = None) -> None:
    """Write one line on stderr, in which nothing steers the terminal."""
    err.print(printable(text), style=style)


def perform(title: str, function: Callable[[Work], T]) -> T:
    """Run `function(work)`; show its progress where stderr is a terminal; end the program on an error.

    Without a title, `function` shows its progress itself.
    The first Ctrl+C cancels the work, which cleans up after itself; a second one ends at once.
    """
    try:
        with _progress(title) as report:
            work = Work(report)
            with _interrupts(work):
                return function(work)
    except Cancelled:
        note("fanstudio: cancelled.")
        raise typer.Exit(EXIT_CANCELLED) from None
    except FanstudioError as error:
        fail(error)


def fail(error: FanstudioError) -> NoReturn:
    """Say what happened in one line, what to do next in another, and end with 1."""
    tell(error)
    raise typer.Exit(EXIT_ERROR)


def tell(error: FanstudioError) -> None:
    """Say what happened in one line, and what to do next in another."""
    note(f"fanstudio: {error.message}")
    if error.hint:
        note(f"  {error.hint}")


def print_json(value: Any) -> None:
    """Write one JSON value on stdout, in ASCII: whatever a file is called, it comes back the same."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


@contextmanager
def _progress(title: str) -> Iterator[Callable[[float, str], None]]:
    if not (title and err.is_terminal):
        yield lambda _fraction, _text: None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(printable(title), total=1.0)

        def report(fraction: float, text: str) -> None:
            progress.update(task, completed=fraction, description=printable(text or title))

        yield report


@contextmanager
def _interrupts(work: Work) -> Iterator[None]:
    def handle(_number: int, _frame: FrameType | None) -> None:
        if work.cancelled:
            raise KeyboardInterrupt
        work.cancel()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    except KeyboardInterrupt:
        raise Cancelled() from None
    finally:
        signal.signal(signal.SIGINT, before)
