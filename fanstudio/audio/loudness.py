"""Integrated loudness and true peak of a stream (ITU-R BS.1770-4)."""

from __future__ import annotations

from fanstudio.audio.gating import GatedMean, Weighting
from fanstudio.audio.samples import Samples
from fanstudio.audio.true_peak import TruePeak


class Loudness:
    """Measures the integrated loudness of a stream, of any length in the same memory."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Start a measurement."""
        self._weighting = Weighting(sample_rate, channels)
        self._mean = GatedMean(sample_rate)

    def add(self, block: Samples) -> None:
        """Take a block `(channels, frames)`."""
        if block.shape[1]:
            self._mean.add(self._weighting.energies(block)[None])

    @property
    def integrated_lufs(self) -> float:
        """Return the loudness of all that was added; −inf for silence or less than 0.4 s."""
        return self._mean.lufs()[0]


class LoudnessMeter(Loudness):
    """Measures loudness and true peak."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Start a measurement."""
        super().__init__(sample_rate, channels)
        self._peak = TruePeak(sample_rate, channels)

    def add(self, block: Samples) -> None:
        """Take a block `(channels, frames)`."""
        super().add(block)
        self._peak.add(block)

    @property
    def true_peak_dbtp(self) -> float:
        """Return the highest peak between and at the samples; −inf for silence."""
        return self._peak.dbtp
