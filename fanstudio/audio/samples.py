"""The one array type: float32, planar, `(channels, frames)`."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]


def silence(channels: int, frames: int) -> Samples:
    """Return samples that are all zero."""
    return np.zeros((channels, frames), np.float32)
