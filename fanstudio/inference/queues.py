"""Samples that wait for others: skip some, then blocks in, any number of frames out."""

from __future__ import annotations

from collections import deque

import numpy as np

from fanstudio.audio.samples import Samples, silence


class Skip:
    """Drops the first `frames` of a stream, along the last axis."""

    def __init__(self, frames: int) -> None:
        """Start before the first sample."""
        self._left = frames

    def push(self, block: Samples) -> Samples:
        """Return what of `block` is not dropped."""
        dropped = min(self._left, block.shape[-1])
        self._left -= dropped
        return block[..., dropped:]


class Queue:
    """Blocks `(channels, n)` in, any number of frames out, in order; `ready` tells how many."""

    def __init__(self, skip: int = 0) -> None:
        """Start empty; the first `skip` frames that come are dropped."""
        self._skip = Skip(skip)
        self._blocks: deque[Samples] = deque()
        self._nothing = silence(1, 0)
        self.ready = 0

    def push(self, block: Samples) -> None:
        """Put a block at the end."""
        block = self._skip.push(block)
        self._nothing = block[:, :0]
        self._blocks.append(block)
        self.ready += block.shape[1]

    def pad(self, frames: int) -> None:
        """Make at least `frames` ready, with silence."""
        missing = max(0, frames - self.ready)
        self._blocks.append(silence(self._nothing.shape[0], missing))
        self.ready += missing

    def pull(self, frames: int) -> Samples:
        """Take exactly `frames` from the front; there must be that many."""
        self.ready -= frames
        taken = [self._nothing]
        while frames:
            block = self._blocks.popleft()
            if block.shape[1] > frames:
                self._blocks.appendleft(block[:, frames:])
                block = block[:, :frames]
            taken.append(block)
            frames -= block.shape[1]
        return np.concatenate(taken, axis=1)
