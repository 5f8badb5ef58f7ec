"""A factor that reaches a new value within a chunk instead of jumping."""

from __future__ import annotations

import numpy as np

from fanstudio.audio.samples import Samples


class Ramp:
    """Goes from where it is to `target` over the next chunk, and stays there."""

    def __init__(self, value: float) -> None:
        """Start at a value, at rest."""
        self.target = value
        self._value = value

    @property
    def moving(self) -> bool:
        """Tell whether the target is not reached yet."""
        return self._value != self.target

    def over(self, frames: int) -> Samples | np.float32:
        """Return the factors of the next frames: one where it is at rest, else one a frame."""
        if not self.moving:
            return np.float32(self.target)
        factors = np.linspace(self._value, self.target, frames + 1)[1:].astype(np.float32)
        self._value = self.target
        return factors
