"""Bounces a session: its mix from one place to another, in blocks."""

from __future__ import annotations

from collections.abc import Iterator

from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.samples import Samples, SampleSource
from fanstudio.jobs import Work
from fanstudio.model.session import Session

BOUNCE_FRAMES = 1 << 16


def bounce(
    work: Work, session: Session, samples: SampleSource, start: int, end: int, block: int = BOUNCE_FRAMES
) -> Iterator[Samples]:
    """Yield the mix from `start` up to `end` in blocks `(2, frames)`, the same at any block size.

    Effects ring on behind the last clip: see `tails.mix_end`.

    Raises:
        AudioFileError: a source's samples are missing or damaged.

    """
    mix = Mix(session, samples, start)
    for position in range(start, end, block):
        work.report((position - start) / (end - start), "Mixing")
        yield mix.read(min(block, end - position))
