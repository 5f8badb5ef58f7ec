"""Sample rate conversion, streaming, with a length that is exact to the frame."""

from __future__ import annotations

import numpy as np
import soxr

from fanstudio.audio.samples import Samples, silence
from fanstudio.model.timebase import rescale


class Resampler:
    """Converts a stream; `frames` in give `rescale(frames)` out. Equal rates pass through untouched."""

    def __init__(self, rate_in: int, rate_out: int, channels: int) -> None:
        """Start a stream of `channels` from `rate_in` to `rate_out`."""
        same = rate_in == rate_out
        self._stream = None if same else soxr.ResampleStream(rate_in, rate_out, channels)
        self._rates = rate_in, rate_out
        self._channels = channels
        self._taken = 0
        self._given = 0

    def push(self, block: Samples) -> Samples:
        """Take a block `(channels, frames)` and return what is ready, perhaps nothing."""
        self._taken += block.shape[1]
        return self._give(block if self._stream is None else self._convert(block, last=False))

    def finish(self) -> Samples:
        """Return the rest of the stream."""
        missing = rescale(self._taken, *self._rates) - self._given
        if self._stream is None or missing <= 0:
            return silence(self._channels, 0)
        rest = self._convert(silence(self._channels, 0), last=True)[:, :missing]
        short = silence(self._channels, missing - rest.shape[1])
        return np.concatenate((rest, short), axis=1)

    def _convert(self, block: Samples, *, last: bool) -> Samples:
        assert self._stream is not None
        return np.ascontiguousarray(self._stream.resample_chunk(np.ascontiguousarray(block.T), last).T)

    def _give(self, block: Samples) -> Samples:
        room = max(0, rescale(self._taken, *self._rates) - self._given)
        kept = block[:, :room]
        self._given += kept.shape[1]
        return kept
