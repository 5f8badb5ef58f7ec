"""The master meter: loudness now, lately and since the start, and peaks (BS.1770-4, EBU Tech 3341)."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from fanstudio.audio.gating import GatedMean, Steps, Weighting, loudness_of
from fanstudio.audio.samples import Samples
from fanstudio.audio.true_peak import TruePeak

_MOMENTARY_STEPS: Final = 4
_SHORT_TERM_STEPS: Final = 30

Sides = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LoudnessReading:
    """LUFS of the last 0.4 s, of the last 3 s and of all since the start, and the highest peaks since then.

    −inf stands for silence, and for a time that is not over yet. `sample_peaks_dbfs` are left and right.
    """

    momentary_lufs: float = -math.inf
    short_term_lufs: float = -math.inf
    integrated_lufs: float = -math.inf
    true_peak_dbtp: float = -math.inf
    sample_peaks_dbfs: Sides = (-math.inf, -math.inf)

    def at_rest(self) -> LoudnessReading:
        """Return what stays when nothing is heard any more."""
        return replace(self, momentary_lufs=-math.inf, short_term_lufs=-math.inf)


NOTHING_READ: Final = LoudnessReading()


class MasterMeter:
    """Meters a stereo stream of any length in the same memory; loudness moves every 0.1 s."""

    def __init__(self, sample_rate: int) -> None:
        """Start a measurement."""
        self._sample_rate = sample_rate
        self.reset()

    def reset(self) -> None:
        """Forget everything and start anew."""
        self._weighting = Weighting(self._sample_rate, 2)
        self._steps = Steps(self._sample_rate)
        self._recent: deque[float] = deque(maxlen=_SHORT_TERM_STEPS)
        self._gated = GatedMean(self._sample_rate)
        self._integrated = -math.inf
        self._true_peak = TruePeak(self._sample_rate, 2)
        self._peaks = np.zeros(2, np.float32)

    def push(self, block: Samples) -> None:
        """Take a block `(2, frames)`; what is not a number counts as silence."""
        if not block.shape[1]:
            return
        peaks = np.abs(block).max(axis=1)
        if not np.isfinite(peaks).all():
            block = np.nan_to_num(block, posinf=0, neginf=0)
            peaks = np.abs(block).max(axis=1)
        self._peaks = np.maximum(self._peaks, peaks)
        self._true_peak.add(block)
        steps = self._steps.push(self._weighting.energies(block)[None])
        if steps.shape[1]:
            self._recent.extend(steps[0].tolist())
            self._gated.add_steps(steps)
            self._integrated = self._gated.lufs()[0]

    def reading(self) -> LoudnessReading:
        """Return what the meter shows now."""
        left, right = (20 * math.log10(peak) if peak > 0 else -math.inf for peak in self._peaks.tolist())
        return LoudnessReading(
            self._latest(_MOMENTARY_STEPS),
            self._latest(_SHORT_TERM_STEPS),
            self._integrated,
            self._true_peak.dbtp,
            (left, right),
        )

    def _latest(self, steps: int) -> float:
        latest = list(self._recent)[-steps:]
        return loudness_of(math.fsum(latest) / steps) if len(latest) == steps else -math.inf
