"""Where each frame of a stretched source comes from: attacks stay as they are, the rest gives way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]

#: How much of the room between two attacks is left unstretched at most.
_KEPT_SHARE = 0.5


class TimeMap:
    """A rising, piecewise straight map from source frames to stretched frames.

    Every attack lies at `ratio` times its place, exactly, and around it time runs as in the source.
    """

    def __init__(self, frames: int, ratio: float, attacks: Indices, before: int, after: int) -> None:
        """Stretch `frames` by `ratio`; at most `before` and `after` frames about each attack keep their pace.

        The first frame counts as an attack, and what follows the last one keeps its pace too.
        """
        inner = attacks[(attacks > 0) & (attacks < frames)]
        places = np.concatenate(([0], inner, [frames])).astype(np.float64)
        room = np.diff(places) * min(1.0, ratio) * _KEPT_SHARE
        kept = np.minimum(1.0, room / (before + after))
        edges = np.stack((places[:-1] + after * kept, places[1:] - before * kept), axis=1)
        shift = (ratio - 1.0) * places
        moved = edges + np.stack((shift[:-1], shift[1:]), axis=1)
        self._source = np.concatenate(([0.0], edges.ravel(), [places[-1]]))
        self._target = np.concatenate(([0.0], moved.ravel(), [places[-1] + shift[-1]]))
        self._zones = np.concatenate(([0.0], edges[:, 1]))

    def source_frames(self, targets: NDArray[np.float64]) -> Indices:
        """Return the source frames that belong to stretched frames; beyond both ends time runs as it did."""
        places = np.interp(targets, self._target, self._source)
        beyond = np.minimum(targets, 0) + np.maximum(targets - self._target[-1], 0)
        frames: Indices = np.rint(places + beyond).astype(np.int64)
        return frames

    def attacks_begun(self, frames: Indices) -> list[int]:
        """Return for each source frame how many attacks have their unstretched zone behind or about it."""
        begun: list[int] = np.searchsorted(self._zones, frames, side="right").tolist()
        return begun
