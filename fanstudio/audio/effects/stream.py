"""Runs an effect over a stream of blocks of any length; what comes out lies in time and is as long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from fanstudio.audio.effects.effect import CHUNK_FRAMES
from fanstudio.audio.samples import Samples, silence


class Processor(Protocol):
    """What a stream runs through: an effect, a slot, a chain."""

    @property
    def latency_frames(self) -> int:
        """Return how many frames late sounds come out."""

    def reset(self, frame: int = 0) -> None:
        """Forget the past: the next chunk begins at timeline frame `frame`."""

    def process(self, chunk: Samples) -> Samples:
        """Return what becomes of a chunk `(channels, frames)`."""


class EffectStream:
    """Cuts a stream into chunks counted from timeline frame 0, and takes the latency out again.

    So the result does not depend on how the stream is cut into blocks.
    """

    def __init__(
        self, effect: Processor, channels: int, start: int = 0, chunk_frames: int = CHUNK_FRAMES
    ) -> None:
        """Start at a timeline frame with an effect that is prepared for `channels`; it is reset."""
        self._effect = effect
        self._chunk_frames = chunk_frames
        lead = start % chunk_frames
        effect.reset(start - lead)
        self._pending = silence(channels, lead)
        self._skip = lead + effect.latency_frames
        self._owed = 0

    def push(self, block: Samples) -> Samples:
        """Take a block `(channels, frames)` and return what is ready, perhaps nothing."""
        self._owed += block.shape[1]
        return self._run(block)

    def finish(self, tail_frames: int = 0) -> Samples:
        """Return the rest, and for how many frames more it sounds on."""
        self._owed += tail_frames
        whole = -(-(self._owed + self._skip) // self._chunk_frames) * self._chunk_frames
        return self._run(silence(len(self._pending), whole - self._pending.shape[1]))

    def _run(self, block: Samples) -> Samples:
        pending = np.concatenate((self._pending, block), axis=1)
        size = self._chunk_frames
        end = pending.shape[1] // size * size
        self._pending = pending[:, end:]
        done = [self._effect.process(pending[:, at : at + size]) for at in range(0, end, size)]
        if not done:
            return pending[:, :0]
        joined = np.concatenate(done, axis=1)
        skipped = min(self._skip, joined.shape[1])
        self._skip -= skipped
        ready = joined[:, skipped : skipped + self._owed]
        self._owed -= ready.shape[1]
        return ready


def apply(
    effect: Processor, channels: int, blocks: Iterable[Samples], chunk_frames: int = CHUNK_FRAMES
) -> Iterator[Samples]:
    """Yield what a prepared effect makes of blocks, as long as they are and in time with them."""
    stream = EffectStream(effect, channels, 0, chunk_frames)
    for block in blocks:
        yield stream.push(block)
    yield stream.finish()
