"""Ends a run of a graph in its middle."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import onnxruntime

from fanstudio.jobs import Work

_POLL_S = 0.05


@contextlib.contextmanager
def ended_by(work: Work, options: onnxruntime.RunOptions) -> Iterator[None]:
    """End the run that uses `options` as soon as `work` is cancelled."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_POLL_S):
            if work.cancelled:
                options.terminate = True
                return

    watcher = threading.Thread(target=watch, name="cancel watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
