"""Shows a queue at work: a bar for the song under way and one for all, each with the time left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from fanstudio.cli.performance import err
from fanstudio.jobs import Report
from fanstudio.text import one_line, printable

_NAME_CHARS = 40


class QueueDisplay:
    """Bars on stderr while a queue runs; nothing where that is no terminal."""

    def __init__(self, count: int, console: Console = err) -> None:
        """Show a queue of `count` on a console."""
        self._count = count
        self._number = 0
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not console.is_terminal,
        )
        self._one: TaskID | None = None
        self._whole = self._progress.add_task("All songs", total=1.0, visible=count > 1)

    def begin(self, name: str) -> Report:
        """Take the next of the queue; return who hears of its progress."""
        self._number += 1
        number = f"{self._number} of {self._count}: " if self._count > 1 else ""
        title = number + printable(one_line(name, _NAME_CHARS))
        if self._one is not None:
            self._progress.remove_task(self._one)
        one = self._one = self._progress.add_task(title, total=1.0)

        def report(fraction: float, _text: str) -> None:
            self._progress.update(one, completed=fraction)

        return report

    def advance(self, fraction: float, _text: str) -> None:
        """Show how far the whole queue is, 0 to 1."""
        self._progress.update(self._whole, completed=fraction)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bars away while something else is written."""
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()

    def __enter__(self) -> Self:
        """Show the bars."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bars away."""
        self._progress.stop()
