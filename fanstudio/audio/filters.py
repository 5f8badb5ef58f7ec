"""Streaming building blocks: filters, delays and followers that carry their state from block to block."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Samples, silence

Values = NDArray[np.float64]

#: How many time constants a follower goes at once: exp(500) still fits a float64.
_SAFE_SPAN = 500.0


def rise(frames: int) -> Values:
    """Return factors from 0 to 1 that leave and arrive without a bend."""
    time = np.linspace(0, 1, frames)
    factors: Values = time * time * (3 - 2 * time)
    return factors


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


class Line:
    """The recent past of a stream, read at any delay; float32."""

    def __init__(self, frames: int, rows: int) -> None:
        """Remember so many frames of silence."""
        self._frames = frames
        self._buffer = silence(rows, 2 * frames)
        self._end = frames

    def read(self, delay_frames: int, frames: int) -> Samples:
        """Return the `frames` frames from `delay_frames` back on, to be used before the next write."""
        start = self._end - delay_frames
        return self._buffer[:, start : start + frames]

    def write(self, block: Samples) -> None:
        """Append a block."""
        frames = block.shape[1]
        if self._end + frames > self._buffer.shape[1]:
            past = self._buffer[:, self._end - self._frames : self._end].copy()
            if self._frames + frames > self._buffer.shape[1]:
                self._buffer = silence(len(past), self._frames + 4 * frames)
            self._buffer[:, : self._frames] = past
            self._end = self._frames
        self._buffer[:, self._end : self._end + frames] = block
        self._end += frames


class Sections:
    """Second-order sections over the channels of a stream, computed in float64."""

    def __init__(self, sections: Values, channels: int) -> None:
        """Take sections `(n, 6)` as scipy has them."""
        # scipy.signal takes half a second to import, which only who filters shall wait for.
        from scipy import signal

        self._filter = signal.sosfilt
        self._sections = sections
        self._next: Values | None = None
        self._state = np.zeros((len(sections), channels, 2))

    def process(self, block: NDArray[np.floating]) -> Values:
        """Return the filtered block."""
        filtered, state = self._filter(self._sections, block, axis=1, zi=self._state)
        if self._next is not None:
            self._sections, self._next = self._next, None
            other, state = self._filter(self._sections, block, axis=1, zi=self._state)
            filtered += (other - filtered) * rise(block.shape[1])
        self._state = state
        return filtered

    def retune(self, sections: Values) -> None:
        """Go on with other sections, faded in over the next block."""
        self._next = sections


class OnePole:
    """The lowpass `y[n] = y[n−1] + k (x[n] − y[n−1])`, which reaches 63 % in its time."""

    def __init__(self, time_frames: float, rows: int) -> None:
        """Start at zero; a time of 0 passes everything."""
        from scipy import signal

        self._filter = signal.lfilter
        self._last = np.zeros((rows, 1))
        self._pole = _pole(time_frames)
        self._next_pole: float | None = None

    def retime(self, time_frames: float) -> None:
        """Go on with another time, faded in over the next block."""
        self._next_pole = _pole(time_frames)

    def process(self, values: NDArray[np.floating]) -> Values:
        """Return the smoothed values `(rows, frames)`."""
        smooth = self._smooth(values)
        if self._next_pole is not None:
            self._pole, self._next_pole = self._next_pole, None
            smooth += (self._smooth(values) - smooth) * rise(values.shape[1])
        self._last = smooth[:, -1:]
        return smooth

    def _smooth(self, values: NDArray[np.floating]) -> Values:
        pole = self._pole
        smooth: Values = self._filter([1 - pole], [1.0, -pole], values, axis=1, zi=self._last * pole)[0]
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


class _Windowed:
    """A filter of scipy's over the last `2 * reach + 1` values, which begin as zeros."""

    def __init__(self, reach: int, rows: int, run: Callable[..., Values]) -> None:
        self._reach = reach
        self._run = run
        self._held = np.zeros((rows, 2 * reach))

    def process(self, values: Values) -> Values:
        """Return the filtered values `(rows, frames)`."""
        joined = np.concatenate((self._held, values), axis=1)
        self._held = joined[:, values.shape[1] :]
        filtered = self._run(joined, 2 * self._reach + 1, axis=1)
        return filtered[:, self._reach : self._reach + values.shape[1]]


class SlidingMaximum(_Windowed):
    """The highest of the last `frames` values and of one more, or two to make their number odd."""

    def __init__(self, frames: int, rows: int) -> None:
        """Start with zeros."""
        from scipy.ndimage import maximum_filter1d

        super().__init__(-(-frames // 2), rows, maximum_filter1d)

    def resized(self, frames: int) -> SlidingMaximum:
        """Return the same with another reach; values beyond the old one count as zero."""
        other = SlidingMaximum(frames, len(self._held))
        kept = min(other._held.shape[1], self._held.shape[1])
        if kept:
            other._held[:, -kept:] = self._held[:, -kept:]
        return other


class MovingAverage(_Windowed):
    """The mean of the last `frames` values, and of one more where their number is even."""

    def __init__(self, frames: int, rows: int) -> None:
        """Start with zeros."""
        from scipy.ndimage import uniform_filter1d

        super().__init__(frames // 2, rows, uniform_filter1d)


def _pole(time_frames: float) -> float:
    return math.exp(-1 / time_frames) if time_frames > 0 else 0.0
