"""A true-peak limiter with look-ahead: no peak passes the ceiling, at the samples or between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import numpy as np

from fanstudio.audio.effects.effect import Effect, Parameter, Preset, db_to_gain
from fanstudio.audio.effects.ramp import Ramp
from fanstudio.audio.filters import Delay, MovingAverage, OnePole, PeakFollower, SlidingMaximum, Values
from fanstudio.audio.samples import Samples
from fanstudio.audio.true_peak import Oversampled, decibels

_LOOK_AHEAD_S: Final = 0.005
#: As long as half a cycle of 40 Hz together with the look-ahead, so that a bass note keeps its shape.
_HOLD_S: Final = 0.008
_SLOW_S: Final = 1.0
#: What peaks that are found at four times the rate, and the moving gain, may miss.
_MARGIN_DB: Final = 0.1


class GainReduction:
    """By how many dB a stream has to come down under one or several thresholds, side by side.

    Peaks are held for the look-ahead and a little longer, and released in the given time, but not
    below the mean reduction of the last second: so a drum hit is let go at once, and a dense passage
    is not pumped. Two moving averages, together no longer than the look-ahead, smooth the way down:
    the gain has reached its value when the peak comes, and never jumps. After D. Giannoulis, M.
    Massberg and J. Reiss, "Digital Dynamic Range Compressor Design", JAES 60 (2012), and the
    look-ahead of P. Hämäläinen, "Smoothing of the Control Signal Without Clipped Output in Digital
    Peak Limiters", DAFx-02.
    """

    def __init__(self, sample_rate: int, thresholds_db: Sequence[float], release_ms: float) -> None:
        """Start a stream."""
        half = max(1, round(sample_rate * _LOOK_AHEAD_S / 2))
        rows = len(thresholds_db)
        self.delay_frames = 2 * half
        self._thresholds = np.array(thresholds_db)[:, None]
        self._held = SlidingMaximum(2 * half + 2 + round(sample_rate * _HOLD_S), rows)
        self._slow = OnePole(sample_rate * _SLOW_S, rows)
        self._averages = [MovingAverage(half, rows) for _ in range(2)]
        self._rate = sample_rate
        self._fast = PeakFollower(sample_rate * release_ms / 1000, rows)

    def process(self, peaks: Samples) -> Values:
        """Return the reduction `(thresholds, frames)` for linked peaks `(frames,)`, after `delay_frames`."""
        over = np.maximum(decibels(peaks)[None] - self._thresholds, 0.0)
        fast = self._fast.process(self._held.process(over))
        reduction = np.maximum(fast, self._slow.process(fast))
        for average in self._averages:
            reduction = average.process(reduction)
        return reduction

    def change(self, thresholds_db: Sequence[float], release_ms: float) -> None:
        """Go on with other thresholds and another release."""
        self._thresholds = np.array(thresholds_db)[:, None]
        self._fast.retime(self._rate * release_ms / 1000)


class Limiter(Effect):
    """Keeps true peaks under a ceiling; both channels come down together."""

    kind: ClassVar[str] = "limiter"
    title: ClassVar[str] = "Limiter"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("ceiling_db", "dBTP", -24.0, 0.0, -1.0, "The level that no peak passes."),
        Parameter("drive_db", "dB", 0.0, 24.0, 0.0, "Gain before the limiter: more is louder and denser."),
        Parameter("release_ms", "ms", 10.0, 1000.0, 60.0, "How soon a single peak is let go."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("Safety", {}),
        Preset("Loud", {"drive_db": 4.0}),
        Preset("Smash", {"drive_db": 10.0, "release_ms": 25.0}),
    )

    @property
    def latency_frames(self) -> int:
        """Return the look-ahead, and what finding peaks between samples takes."""
        return self._reduction.delay_frames + self._peaks.delay_frames

    @property
    def threshold_db(self) -> float:
        """Return the level above which peaks come down: the ceiling, less what measuring may miss."""
        return self.values["ceiling_db"] - _MARGIN_DB

    @property
    def reduction_db(self) -> float:
        """Return the highest reduction of the last chunk, for a meter."""
        return self._shown_db

    def reset(self, frame: int = 0) -> None:
        """Forget the past."""
        self._reduction = GainReduction(self.sample_rate, *self._settings())
        self._peaks = Oversampled(self.sample_rate, self.channels)
        self._delay = Delay(self.latency_frames, self.channels)
        self._drive = Ramp(db_to_gain(self.values["drive_db"]))
        self._shown_db = 0.0

    def process(self, chunk: Samples) -> Samples:
        """Return the limited chunk, `latency_frames` late."""
        driven = chunk * self._drive.over(chunk.shape[1])
        reduction = self._reduction.process(self._peaks.peaks(driven).max(axis=0))[0]
        self._shown_db = float(reduction.max())
        limited: Samples = self._delay.process(driven) * (10 ** (reduction / -20)).astype(np.float32)
        return limited

    def _retune(self) -> None:
        self._reduction.change(*self._settings())
        self._drive.target = db_to_gain(self.values["drive_db"])

    def _settings(self) -> tuple[tuple[float], float]:
        return (self.threshold_db,), self.values["release_ms"]
