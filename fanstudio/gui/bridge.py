"""The bridge between background work and the window, and the one clock of its redraws."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from fanstudio.errors import Cancelled, FanstudioError
from fanstudio.jobs import Job, JobRunner, Work

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

#: About thirty redraws a second: playhead, meters and progress never ask for more.
TICK_MS = 33


def _nothing(_value: Any) -> None:
    return None


@dataclass(eq=False)
class Task:
    """A job as the window sees it: whether it has a card, and what stays safe if it fails."""

    job: Job[Any]
    shown: bool
    #: One sentence for the error card, such as “Your project is unchanged.”
    safe: str
    done: Callable[[Any], None]
    failed: Callable[[BaseException], bool] | None


class Bridge(QObject):
    """Runs functions in the background; every signal and callback arrives on the main thread."""

    started = Signal(object)
    ended = Signal(object)
    #: (title, error, what is safe)
    failed = Signal(str, object, str)
    #: (title, text): something to be known of work that went well
    noted = Signal(str, str)
    #: The title of something noted that holds no more.
    settled = Signal(str)
    tick = Signal()
    _finished = Signal(object)
    _posted = Signal(object)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        """Work on this runner, and start the clock."""
        super().__init__(parent)
        self._runner = runner
        self._tasks: dict[Job[Any], Task] = {}
        self._finished.connect(self._end, Qt.ConnectionType.QueuedConnection)
        self._posted.connect(self._call, Qt.ConnectionType.QueuedConnection)
        self._clock = QTimer(self)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self.tick)
        self._clock.start(TICK_MS)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Return the work under way, oldest first."""
        return tuple(self._tasks.values())

    def run(
        self,
        title: str,
        function: Callable[[Work], T],
        *,
        done: Callable[[T], None] = _nothing,
        failed: Callable[[BaseException], bool] | None = None,
        runs_on: str = "",
        safe: str = "Your project is unchanged.",
        shown: bool = True,
    ) -> Task:
        """Run `function(work)`; then `done(result)`, or `failed(error)`, which says whether it dealt with it.

        What nobody dealt with, cancellation apart, is emitted as `failed`.
        """
        job = self._runner.submit(title, function, runs_on=runs_on)
        task = Task(job, shown, safe, done, failed)
        self._tasks[job] = task
        self.started.emit(task)
        job.when_done(self._report_end)
        return task

    def post(self, call: Callable[[], None]) -> None:
        """Run `call` on the main thread soon; safe from any thread."""
        self._posted.emit(call)

    def report(self, title: str, error: BaseException, safe: str = "Your project is unchanged.") -> None:
        """Show an error; one that nobody foresaw goes to the log with its traceback."""
        if not isinstance(error, FanstudioError):
            _LOG.error("%s failed", title, exc_info=error)
        if not isinstance(error, Cancelled):
            self.failed.emit(title, error, safe)

    def stop(self) -> None:
        """Stop the clock and cancel everything that runs; nothing is called back afterwards."""
        self._clock.stop()
        self._runner.shutdown()
        self._tasks.clear()

    def _report_end(self, job: Job[Any]) -> None:
        with contextlib.suppress(RuntimeError):  # the window may be gone already
            self._finished.emit(job)

    def _end(self, job: Job[Any]) -> None:
        task = self._tasks.pop(job, None)
        if task is None:
            return
        self.ended.emit(task)
        error = job.error
        if error is None:
            self._hand_over(task)
        elif task.failed is None or not task.failed(error):
            self.report(job.title, error, task.safe)

    def _hand_over(self, task: Task) -> None:
        try:
            task.done(task.job.result())
        except FanstudioError as error:
            self.report(task.job.title, error, task.safe)

    @staticmethod
    def _call(call: Callable[[], None]) -> None:
        call()
