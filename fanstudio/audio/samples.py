"""The one array type: float32, planar, `(channels, frames)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fanstudio.model.session import Source
from fanstudio.model.warp import Warp

Samples: TypeAlias = NDArray[np.float32]


class Readable(Protocol):
    """What is read in slices as samples are: an array, or a stem that is still being made."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (channels, frames)."""

    def __getitem__(self, key: tuple[slice, slice], /) -> Samples:
        """Return some frames of some channels."""


#: Gives a source's samples at the session's rate, warped as asked; a clip's offset counts their frames.
SampleSource = Callable[[Source, Warp | None], Readable]


#: Samples beyond it are damage; their squares must still fit a float32.
_LOUDEST = 1e6


def silence(channels: int, frames: int) -> Samples:
    """Return samples that are all zero."""
    return np.zeros((channels, frames), np.float32)


def padded(source: Readable, start: int, stop: int) -> Samples:
    """Return frames `start` up to `stop` of a source, silent outside it and wherever it is not finite."""
    frames = source.shape[1]
    first = min(max(0, start), frames)
    inside = np.nan_to_num(source[:, first : max(first, min(frames, stop))], nan=0.0)
    block = silence(source.shape[0], stop - start)
    block[:, first - start : first - start + inside.shape[1]] = np.clip(inside, -_LOUDEST, _LOUDEST)
    return block


def interleaved(block: Samples) -> Samples:
    """Return a block as `(frames, channels)`, frame by frame in memory."""
    frames = np.empty(block.shape[::-1], np.float32)
    # A side at a time is seven times as fast as a transposing copy.
    for number, channel in enumerate(block):
        frames[:, number] = channel
    return frames
