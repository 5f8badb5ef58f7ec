"""Blocks of a stream: samples, or None for silence; joined, blended and queued."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np

from fanstudio.audio.samples import Samples, silence

#: `(2, frames)`, or `(2, 1)` for gains that stand still; never changed by who gets it. None is all zero.
Block: TypeAlias = Samples | None


def joined(pieces: Iterable[tuple[Block, int]]) -> Block:
    """Return blocks, each with its number of frames, one after another."""
    known = list(pieces)
    if all(block is None for block, _frames in known):
        return None
    if len(known) == 1:
        return known[0][0]
    result = np.empty((2, sum(frames for _block, frames in known)), np.float32)
    at = 0
    for block, frames in known:
        result[:, at : at + frames] = 0 if block is None else block
        at += frames
    return result


def blended(before: Block, now: Block, share: Samples) -> Block:
    """Return one block turning into another, `share` of which is heard frame by frame."""
    if before is None:
        return None if now is None else now * share
    if now is None:
        return before * (1 - share)
    # So that what is the same on both sides is not touched.
    return before + (now - before) * share


class Fifo:
    """Blocks that wait to be read, in any cut."""

    def __init__(self) -> None:
        """Start empty."""
        self._blocks: deque[tuple[Block, int]] = deque()
        self.frames = 0

    def push(self, block: Block, frames: int) -> None:
        """Append a block of so many frames."""
        if frames:
            self._blocks.append((block, frames))
            self.frames += frames

    def take(self, frames: int) -> Block:
        """Remove and return the first frames; so many must be there."""
        self.frames -= frames
        pieces = []
        while frames:
            block, length = self._blocks.popleft()
            used = min(length, frames)
            if used < length:
                self._blocks.appendleft((None if block is None else block[:, used:], length - used))
                block = None if block is None else block[:, :used]
            pieces.append((block, used))
            frames -= used
        return joined(pieces)


def filled(block: Block, frames: int) -> Samples:
    """Return a block's samples, zeros for silence."""
    return silence(2, frames) if block is None else block
