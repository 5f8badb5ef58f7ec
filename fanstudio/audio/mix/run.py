"""One rack in a stream: takes chunks in, gives the sound back in time, and sleeps through silence."""

from __future__ import annotations

from typing import Final

import numpy as np

from fanstudio.audio.effects.effect import CHUNK_FRAMES
from fanstudio.audio.effects.slot import softly
from fanstudio.audio.mix.blocks import Block, Fifo, filled
from fanstudio.audio.mix.rack import Rack
from fanstudio.audio.samples import Samples

#: After so long without a sound no effect remembers what it heard, tails apart.
_MEMORY_S: Final = 5.0
_INAUDIBLE: Final = 1e-5


class Run:
    """Effects fall asleep in lasting silence, when what they give has died away, and wake up afresh."""

    def __init__(
        self, rack: Rack, stream: int, sample_rate: int, past: Run | None = None, *, amid: bool = False
    ) -> None:
        """Take chunks from a frame of the stream on; where it goes on from `past`, so does its silence.

        One that begins amid the sound hears its first chunk rise.
        """
        self.rack = rack
        self._rate = sample_rate
        self._next = stream - rack.latency_frames
        self._begins_amid = amid
        self._ready = Fifo()
        self._asleep: bool = past is None or past._asleep
        self._quiet_frames: int = 0 if past is None else past._quiet_frames

    @property
    def until(self) -> int:
        """Return the first frame of the stream that is not ready."""
        return self._next + self._ready.frames

    def push(self, chunk: Block, position: int) -> None:
        """Take the chunk that begins at a timeline frame."""
        if self._begins_amid and chunk is not None and not self.rack.empty:
            chunk = softly(chunk)
        self._begins_amid = False
        self._ready.push(self._processed(chunk, position), CHUNK_FRAMES)

    def take(self, stream: int, frames: int) -> Block:
        """Return what is ready of some frames of the stream; what is before them is dropped."""
        self._ready.take(stream - self._next)
        self._next = stream + frames
        return self._ready.take(frames)

    def _processed(self, chunk: Block, position: int) -> Block:
        if self.rack.empty:
            return chunk
        if chunk is not None and chunk.any():
            if self._asleep:
                self.rack.reset(position)
            self._asleep, self._quiet_frames = False, 0
        else:
            self._quiet_frames += CHUNK_FRAMES
        if self._asleep:
            return None
        processed = self.rack.process(filled(chunk, CHUNK_FRAMES), position)
        self._asleep = self._has_died_away(processed)
        return processed

    def _has_died_away(self, processed: Samples) -> bool:
        if self._quiet_frames <= _MEMORY_S * self._rate:
            return False
        long_enough = self.rack.tail_s * self._rate + self.rack.latency_frames
        return self._quiet_frames > long_enough and float(np.abs(processed).max()) < _INAUDIBLE
