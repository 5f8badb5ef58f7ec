"""Samples to integers: plain rounding to 24 bits, TPDF dither to 16 (Lipshitz et al., JAES 40/5, 1992).

The dither is as loud in silence as in sound: switched off there, the noise floor would come and go.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples, interleaved

#: How finely 16-bit steps are parted before they are rounded; 2 bits are left above for the dither.
_FRACTION_BITS: Final = 14
_STEPS_16: Final = 1 << 15
_STEPS_24: Final = 1 << 23


class Quantiser(ABC):
    """Turns the blocks of one stream into interleaved integers."""

    @abstractmethod
    def integers(self, block: Samples) -> NDArray[np.signedinteger]:
        """Return `(frames, channels)`, clipped to full scale."""


class Rounded24(Quantiser):
    """24 bits in int32."""

    def integers(self, block: Samples) -> NDArray[np.int32]:
        """Return `(frames, channels)`, clipped to full scale."""
        steps = interleaved(block) * np.float32(_STEPS_24)
        # The next float32 below 2²³ is an integer already, so nothing is lost in float32.
        steps = np.clip(np.rint(steps, out=steps), -_STEPS_24, _STEPS_24 - 1, out=steps)
        return steps.astype(np.int32)


class Dithered16(Quantiser):
    """16 bits in int16, with triangular noise of ±1 step, the same for a seed at any block size."""

    def __init__(self, seed: int) -> None:
        """Start a stream of mono or stereo sound."""
        self._noise = np.random.SFC64(seed)

    def integers(self, block: Samples) -> NDArray[np.int16]:
        """Return `(frames, channels)`, clipped to full scale."""
        channels, frames = block.shape
        scaled = interleaved(block) * np.float32(_STEPS_16 << _FRACTION_BITS)
        # Twice full scale still fits 32 bits, and clips in the end.
        np.clip(scaled, -(1 << 30), 1 << 30, out=scaled)
        fine = scaled.astype(np.int32)
        fine += self._triangular(frames)[:, :channels]
        fine >>= _FRACTION_BITS
        return np.clip(fine, -_STEPS_16, _STEPS_16 - 1, out=fine).astype(np.int16)

    def _triangular(self, frames: int) -> NDArray[np.int32]:
        """Return noise and half a step, `(frames, 2)`, in parts of a step."""
        words = self._noise.random_raw(frames).view(np.uint32)
        first = words >> np.uint32(32 - _FRACTION_BITS)
        words &= np.uint32((1 << _FRACTION_BITS) - 1)
        noise = first.view(np.int32)
        noise -= words.view(np.int32)
        noise += 1 << (_FRACTION_BITS - 1)
        return noise.reshape(frames, 2)


def quantiser(bits: int, seed: int) -> Quantiser:
    """Return what makes integers of 16 or 24 bits."""
    return Dithered16(seed) if bits == 16 else Rounded24()
