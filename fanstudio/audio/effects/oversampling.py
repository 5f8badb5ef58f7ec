"""Four times the rate and back, for what would fold down from above the limit."""

from __future__ import annotations

from typing import Final

import numpy as np

from fanstudio.audio.samples import Samples, silence

_FACTOR: Final = 4
#: Of the filter, at the lower rate; flat to 0.41 of it, 90 dB down where it would fold.
_TAPS: Final = 64


class Oversampling:
    """A stream at four times its rate and back, by linear-phase filters."""

    latency_frames: Final = _TAPS

    def __init__(self, channels: int) -> None:
        """Start with silence."""
        from scipy import signal

        self._upfirdn = signal.upfirdn
        taps = signal.firwin(_TAPS * _FACTOR + 1, 0.91 / _FACTOR, window=("kaiser", 9.0))
        self._taps = taps.astype(np.float32)
        self._low = silence(channels, _TAPS)
        self._high = silence(channels, _TAPS * _FACTOR)

    def up(self, block: Samples) -> Samples:
        """Return the block at four times its rate, half the latency late."""
        joined = np.concatenate((self._low, block), axis=1)
        self._low = joined[:, block.shape[1] :]
        up = self._upfirdn(self._taps * np.float32(_FACTOR), joined, up=_FACTOR, axis=1)
        raised: Samples = up[:, _TAPS * _FACTOR : joined.shape[1] * _FACTOR]
        return raised

    def down(self, block: Samples) -> Samples:
        """Return the block at a quarter of its rate, half the latency late."""
        joined = np.concatenate((self._high, block), axis=1)
        self._high = joined[:, block.shape[1] :]
        down = self._upfirdn(self._taps, joined, down=_FACTOR, axis=1)
        lowered: Samples = down[:, _TAPS : _TAPS + block.shape[1] // _FACTOR]
        return lowered
