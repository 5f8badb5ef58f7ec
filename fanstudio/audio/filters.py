"""Streaming building blocks: filters, delays and followers that carry their state from block to block."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples, silence

Values = NDArray[np.float64]

#: How many time constants a follower goes at once: exp(500) still fits a float64.
_SAFE_SPAN = 500.0


class Delay:
    """Gives back what it was given a fixed number of frames before."""

    def __init__(self, frames: int, channels: int) -> None:
        """Start with silence."""
        self._frames = frames
        self._held = silence(channels, frames)

    def process(self, block: Samples) -> Samples:
        """Take a block and return one as long."""
        if not self._frames:
            return block
        joined = np.concatenate((self._held, block), axis=1)
        self._held = joined[:, block.shape[1] :]
        return joined[:, : block.shape[1]]


class Sections:
    """Second-order sections over the channels of a stream, computed in float64."""

    def __init__(self, sections: Values, channels: int) -> None:
        """Take sections `(n, 6)` as scipy has them."""
        # scipy.signal takes half a second to import, which only who filters shall wait for.
        from scipy import signal

        self._filter = signal.sosfilt
        self.sections = sections
        self._state = np.zeros((len(sections), channels, 2))

    def process(self, block: NDArray[np.floating]) -> Values:
        """Return the filtered block."""
        filtered, self._state = self._filter(self.sections, block, axis=1, zi=self._state)
        return filtered

    def changed(self, sections: Values) -> Sections:
        """Return the same filter in the same state, with other sections from here on."""
        other = Sections(sections, self._state.shape[1])
        other._state = self._state.copy()
        return other


class OnePole:
    """The lowpass `y[n] = y[n−1] + k (x[n] − y[n−1])`, which reaches 63 % in its time."""

    def __init__(self, time_frames: float, rows: int) -> None:
        """Start at zero; a time of 0 passes everything."""
        from scipy import signal

        self._filter = signal.lfilter
        pole = math.exp(-1 / time_frames) if time_frames > 0 else 0.0
        self._coefficients = np.array([1 - pole]), np.array([1.0, -pole])
        self._state = np.zeros((rows, 1))

    def process(self, values: Values) -> Values:
        """Return the smoothed values `(rows, frames)`."""
        smooth: Values
        smooth, self._state = self._filter(*self._coefficients, values, axis=1, zi=self._state)
        return smooth


class PeakFollower:
    """`y[n] = max(x[n], a y[n−1])`: up at once, down by 63 % in the release time; never negative.

    Without a loop: scaled by `a⁻ⁿ` the recursion is a running maximum.
    """

    def __init__(self, release_frames: float, rows: int) -> None:
        """Start at zero."""
        self.retime(release_frames)
        self._last = np.zeros((rows, 1))

    def retime(self, release_frames: float) -> None:
        """Go on with another release time."""
        self._release_frames = max(1.0, release_frames)
        self._span = int(_SAFE_SPAN * self._release_frames)

    def process(self, values: Values) -> Values:
        """Return the followed values `(rows, frames)`."""
        frames = values.shape[1]
        pieces = [self._follow(values[:, at : at + self._span]) for at in range(0, frames, self._span)]
        return np.concatenate(pieces, axis=1) if len(pieces) > 1 else pieces[0]

    def _follow(self, values: Values) -> Values:
        decay = np.exp(-np.arange(1, values.shape[1] + 1) / self._release_frames)
        followed: Values = np.maximum(np.maximum.accumulate(values / decay, axis=1), self._last) * decay
        self._last = followed[:, -1:]
        return followed


class SlidingMaximum:
    """The highest of the last `frames` values."""

    def __init__(self, frames: int, rows: int) -> None:
        """Start with zeros."""
        from scipy.ndimage import maximum_filter1d

        self._filter = maximum_filter1d
        self._reach = -(-frames // 2)
        self._held = np.zeros((rows, 2 * self._reach))

    def process(self, values: Values) -> Values:
        """Return the maxima `(rows, frames)`."""
        joined = np.concatenate((self._held, values), axis=1)
        self._held = joined[:, values.shape[1] :]
        highest: Values = self._filter(joined, 2 * self._reach + 1, axis=1)
        return highest[:, self._reach : self._reach + values.shape[1]]


class MovingAverage:
    """The mean of the last `frames` values."""

    def __init__(self, frames: int, rows: int) -> None:
        """Start with zeros."""
        from scipy.ndimage import uniform_filter1d

        self._filter = uniform_filter1d
        self._reach = frames // 2
        self._held = np.zeros((rows, 2 * self._reach))

    def process(self, values: Values) -> Values:
        """Return the means `(rows, frames)`."""
        joined = np.concatenate((self._held, values), axis=1)
        self._held = joined[:, values.shape[1] :]
        mean: Values = self._filter(joined, 2 * self._reach + 1, axis=1)
        return mean[:, self._reach : self._reach + values.shape[1]]
