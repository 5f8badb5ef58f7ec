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


def silence(channels: int, frames: int) -> Samples:
    """Return samples that are all zero."""
    return np.zeros((channels, frames), np.float32)
