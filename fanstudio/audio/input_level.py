"""How loud an input is: its peak, its outline for a waveform, and whether it clipped."""

from __future__ import annotations

import numpy as np

from fanstudio.audio.samples import Samples

#: So many frames make one step of the outline.
OUTLINE_FRAMES = 512
#: Converters stop a hair below full scale.
_CLIP = 0.999
_FALL = 0.7


class InputLevel:
    """Follows an input; one thread pushes blocks, another reads."""

    def __init__(self) -> None:
        """Start with silence."""
        self.peak = 0.0
        self.clipped = False
        #: The peak of each `OUTLINE_FRAMES` since the outline began.
        self.outline: list[float] = []
        self._open = 0.0
        self._open_frames = 0

    def push(self, block: Samples) -> None:
        """Take the next frames `(channels, frames)` of the input."""
        if not block.shape[1]:
            return
        loudest = np.abs(block).max(axis=0)
        peak = float(loudest.max())
        self.clipped = self.clipped or peak >= _CLIP
        self.peak = max(peak, self.peak * _FALL)
        self._draw(loudest)

    def forgive(self) -> None:
        """Forget that it clipped."""
        self.clipped = False

    def begin_outline(self) -> None:
        """Draw the outline anew from the next block on."""
        self.outline = []
        self._open, self._open_frames = 0.0, 0

    def _draw(self, loudest: Samples) -> None:
        while loudest.size:
            part, loudest = np.split(loudest, [OUTLINE_FRAMES - self._open_frames])
            self._open = max(self._open, float(part.max()))
            self._open_frames += part.size
            if self._open_frames == OUTLINE_FRAMES:
                self.outline.append(self._open)
                self._open, self._open_frames = 0.0, 0
