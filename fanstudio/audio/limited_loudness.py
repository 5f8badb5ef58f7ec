"""How loud a stream becomes at several gains with a limiter behind them, told in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from fanstudio.audio.effects.limiter import GainReduction, Limiter
from fanstudio.audio.filters import Delay
from fanstudio.audio.gating import GatedMean, Weighting
from fanstudio.audio.samples import Samples
from fanstudio.audio.true_peak import Oversampled

_PIECE_FRAMES: Final = 1 << 14


class LimitedLoudness:
    """Forecasts what `LoudnessMeter` would say of each gain's limited stream.

    The gain reduction is applied to the K-weighted energy instead of the sound, whose weighting
    hardly changes under a gain that moves slowly; so the stream is weighted and oversampled once.
    """

    def __init__(self, sample_rate: int, channels: int, gains_db: Sequence[float], ceiling_db: float) -> None:
        """Start a forecast for the limiter's default release."""
        limiter = Limiter(ceiling_db=ceiling_db)
        thresholds = [limiter.threshold_db - gain for gain in gains_db]
        self._gains = np.array(gains_db)[:, None]
        self._peaks = Oversampled(sample_rate, channels)
        self._reduction = GainReduction(sample_rate, thresholds, limiter.values["release_ms"])
        self._delay = Delay(self._peaks.delay_frames + self._reduction.delay_frames, channels)
        self._weighting = Weighting(sample_rate, channels)
        self._mean = GatedMean(sample_rate, len(gains_db))

    def add(self, block: Samples) -> None:
        """Take a block `(channels, frames)`."""
        for at in range(0, block.shape[1], _PIECE_FRAMES):
            piece = block[:, at : at + _PIECE_FRAMES]
            reduction = self._reduction.process(self._peaks.peaks(piece).max(axis=0))
            energies = self._weighting.energies(self._delay.process(piece))
            self._mean.add(energies * 10 ** ((self._gains - reduction) / 10))

    def lufs(self) -> tuple[float, ...]:
        """Return the loudness at each gain; −inf for silence."""
        return self._mean.lufs()
