"""A factor that reaches a new value within a chunk instead of jumping."""

from __future__ import annotations

import numpy as np

from fanstudio.audio.filters import rise
from fanstudio.audio.samples import Samples


class Ramp:
    """Goes from where it is to `target` over the next chunk, gently at both ends, and stays there."""

    def __init__(self, value: float) -> None:
        """Start at a value, at rest."""
        self.target = value
        self._value = value

    @property
    def moving(self) -> bool:
        """Tell whether the target is not reached yet."""
        return self._value != self.target

    @property
    def leaving_zero(self) -> bool:
        """Tell whether the next chunk begins at zero and goes on from there."""
        return self.moving and not self._value

    def over(self, frames: int) -> Samples | np.float32:
        """Return the factors of the next frames: one where it is at rest, else one a frame."""
        if not self.moving:
            return np.float32(self.target)
        factors = self._value + (self.target - self._value) * rise(frames)
        self._value = self.target
        return factors.astype(np.float32)

    def blend(self, dry: Samples, wet: Samples) -> Samples:
        """Return wet and dry sound, this much of it wet."""
        if not self.moving and self.target in (0.0, 1.0):
            return wet if self.target else dry
        share = self.over(dry.shape[1])
        return dry * (1 - share) + wet * share
