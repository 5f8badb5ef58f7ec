"""Lets an effect's own noise sound with the music, and go soon after it."""

from __future__ import annotations

from typing import Final

import numpy as np

from fanstudio.audio.filters import OnePole
from fanstudio.audio.samples import Samples

_INAUDIBLE: Final = 1e-5
_HOLD_S: Final = 0.25
_FADE_S: Final = 0.35
_RISE_S: Final = 0.003


class Presence:
    """Follows whether there is sound: 1 while there is and a moment longer, then gently 0.

    So silence stays silent, a track's noise ends with its music, and effects may fall asleep.
    """

    tail_s: Final = _HOLD_S + _FADE_S + 4 * _RISE_S

    def __init__(self, sample_rate: int) -> None:
        """Start in silence."""
        self._hold, self._fade = _HOLD_S * sample_rate, _FADE_S * sample_rate
        self._since = round(self._hold + self._fade)
        self._smooth = OnePole(_RISE_S * sample_rate, 1)

    def process(self, chunk: Samples) -> Samples:
        """Return the factors `(1, frames)` of noise over a chunk."""
        frames = np.arange(chunk.shape[1])
        sounding = np.abs(chunk).max(axis=0) > _INAUDIBLE
        last = np.maximum.accumulate(np.where(sounding, frames, -self._since))
        since = frames - last
        self._since = min(int(since[-1]) + 1, round(self._hold + self._fade))
        share = np.clip((self._hold + self._fade - since) / self._fade, 0, 1)
        factors: Samples = self._smooth.process(share[None]).astype(np.float32)
        return factors
