"""Bounces on several threads what has no memory: every frame of such a mix stands for itself.

numpy and file reads let go of the interpreter, so threads share the work; the samples are those of
`render.bounce`, bit for bit, in the same order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import numpy as np

from fanstudio.audio.mix.mix import has_effects
from fanstudio.audio.render import bounce
from fanstudio.audio.samples import Samples, SampleSource
from fanstudio.jobs import Work, count_cpus
from fanstudio.model.session import Session

#: A block and what is added to it stay in a core's cache.
BLOCK_FRAMES: Final = 1 << 15
_SEGMENT_FRAMES: Final = 8 * BLOCK_FRAMES
_MOST_THREADS: Final = 4
_KEPT_BYTES: Final = 1 << 24


def bounce_in_parallel(
    work: Work, session: Session, samples: SampleSource, start: int, end: int, threads: int = 0
) -> Iterator[Samples]:
    """Yield the mix from `start` up to `end` in blocks `(2, frames)`; memory does not grow with its length.

    It runs on as many threads as there are processors, four at most, or on `threads`; with effects, which
    remember what they heard, on the caller's.

    Raises:
        AudioFileError: a source's samples are missing or damaged.
        Cancelled: the work was cancelled.

    """
    _keep_freed_arrays()
    threads = threads or min(_MOST_THREADS, count_cpus())
    if threads == 1 or has_effects(session):
        yield from bounce(work, session, samples, start, end, BLOCK_FRAMES)
        return

    def segment(first: int) -> list[Samples]:
        last = min(first + _SEGMENT_FRAMES, end)
        return list(bounce(work.told_to(_unheard), session, samples, first, last, BLOCK_FRAMES))

    with ThreadPoolExecutor(threads, "bounce") as pool:
        try:
            waiting: deque[Future[list[Samples]]] = deque()
            for first in range(start, end, _SEGMENT_FRAMES):
                waiting.append(pool.submit(segment, first))
                if len(waiting) > threads:
                    work.report((first - start) / (end - start), "Mixing")
                    yield from waiting.popleft().result()
            for future in waiting:
                yield from future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _keep_freed_arrays() -> None:
    """Let glibc give the mix's arrays out again: it keeps those that are as big as one it was given back.

    What it gets anew from the system costs a page fault every 4 kB, half as much time as the mix itself.
    """
    np.empty(_KEPT_BYTES, np.uint8)


def _unheard(_fraction: float, _text: str) -> None:
    """Leave progress to the thread that gives the segments on."""
