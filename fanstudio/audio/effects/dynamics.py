"""What the effects on loudness share: levels, the gain computer, and how a reduction moves.

After D. Giannoulis, M. Massberg and J. Reiss, "Digital Dynamic Range Compressor Design", JAES 60
(2012): levels and reductions in dB, a quadratic soft knee, and the smooth decoupled peak detector.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.filters import OnePole, PeakFollower, Values
from fanstudio.audio.samples import Samples
from fanstudio.audio.true_peak import decibels


def linked_level_db(sound: NDArray[np.floating]) -> Values:
    """Return the level of each frame `(1, frames)`, that of the louder channel."""
    return decibels(np.abs(sound).max(axis=0, keepdims=True))


def over_db(
    level_db: Values, threshold_db: float | np.floating | NDArray[np.floating], knee_db: float
) -> Values:
    """Return by how much levels pass a threshold, bent over a knee around it; never negative."""
    over = level_db - threshold_db
    if knee_db <= 0:
        return np.maximum(over, 0.0)
    bent = np.square(np.clip(over + knee_db / 2, 0.0, knee_db)) / (2 * knee_db)
    return np.where(over > knee_db / 2, over, bent)


class Envelope:
    """Follows a value `(1, frames)` with an attack and a release time; it starts at zero."""

    def __init__(self, sample_rate: int, attack_ms: float, release_ms: float) -> None:
        """Start at zero."""
        self._rate = sample_rate
        self._peak = PeakFollower(sample_rate * release_ms / 1000, 1)
        self._smooth = OnePole(sample_rate * attack_ms / 1000, 1)

    def retime(self, attack_ms: float, release_ms: float) -> None:
        """Go on with other times."""
        self._peak.retime(self._rate * release_ms / 1000)
        self._smooth.retime(self._rate * attack_ms / 1000)

    def process(self, values: Values) -> Values:
        """Return the followed values."""
        return self._smooth.process(self._peak.process(values))


def factors(reduction_db: Values) -> Samples:
    """Return reductions in dB as factors, `(1, frames)`."""
    lower: Samples = (10 ** (reduction_db / -20)).astype(np.float32)
    return lower
