"""Tries out in the background how fast a split would be, while somebody chooses how to split."""

from __future__ import annotations

from collections.abc import Callable

from fanstudio.gui.bridge import Bridge, Task
from fanstudio.studio.split_options import SplitOptions
from fanstudio.studio.split_speed import try_speed


class SpeedTrial:
    """Tries options one at a time, each once, until it is stopped."""

    def __init__(self, bridge: Bridge, tried: Callable[[], None]) -> None:
        """Run on a bridge; `tried` is called after each trial that nobody stopped, however it went."""
        self._bridge = bridge
        self._tried = tried
        self._task: Task | None = None
        self._seen: list[SplitOptions] = []
        self._stopped = False

    def want(self, options: SplitOptions) -> None:
        """Try these options, unless that was done, another trial runs, or it was stopped."""
        if self._stopped or self._task is not None or options in self._seen:
            return
        self._seen.append(options)
        self._task = self._bridge.run(
            "Trying how fast it is",
            lambda work: try_speed(work, options),
            done=lambda _none: self._end(),
            failed=self._fail,
            shown=False,
        )

    def stop(self) -> None:
        """End what runs, and start nothing more."""
        self._stopped = True
        if self._task is not None:
            self._task.job.cancel()

    def _fail(self, _error: BaseException) -> bool:
        """Say nothing: the split itself will say what is wrong."""
        self._end()
        return True

    def _end(self) -> None:
        self._task = None
        if not self._stopped:
            self._tried()
