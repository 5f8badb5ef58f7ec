"""Keeps a mark under the music that it lies on, from one millisecond and a half to the next."""

from __future__ import annotations

from typing import Final

import numpy as np

from fanstudio.export.watermark.tiles import Floats

_SEGMENTS_A_SECOND: Final = 700
#: Segments that are looked at together, so that a bass note's zero crossings do not count as quiet.
_SMOOTH: Final = 3
_HIGHEST_RATIO: Final = 0.15
#: Mean square under which host and mark both count as silence.
_SILENCE: Final = 1e-14


class Shaper:
    """Adds a mark to its host, turned down wherever it would stand out in time, as before a drum.

    A window of 46 ms spreads what it gains evenly; without this the mark of a drum is heard ahead of
    the drum. The result does not depend on how the stream is cut.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Start a stream of `channels` channels."""
        self._segment = sample_rate // _SEGMENTS_A_SECOND
        empty = np.zeros((channels, 0), np.float32)
        self._host, self._mark = empty, empty
        #: Segments before the held audio's first new one that are kept for context.
        self._context = 0

    def feed(self, host: Floats, mark: Floats) -> Floats:
        """Take equal lengths of host and mark; return what is ready of their sum."""
        self._host = np.concatenate([self._host, host], axis=1)
        self._mark = np.concatenate([self._mark, mark], axis=1)
        segments = self._host.shape[1] // self._segment - _SMOOTH
        return self._emit(segments) if segments > self._context else self._host[:, :0]

    def finish(self) -> Floats:
        """Return the rest of the sum."""
        return self._emit(-(-self._host.shape[1] // self._segment))

    def _emit(self, until: int) -> Floats:
        start, end = self._context * self._segment, until * self._segment
        scale = self._scale()[start:end]
        result = _add(self._host[:, start:end], self._mark[:, start:end] * scale)
        keep = max(0, until - _SMOOTH)
        self._host = self._host[:, keep * self._segment :]
        self._mark = self._mark[:, keep * self._segment :]
        self._context = until - keep
        return result

    def _scale(self) -> Floats:
        """Return the factor for each held sample, interpolated between the centres of segments."""
        ratio = np.sqrt((self._power(self._host) + _SILENCE) / (self._power(self._mark) + _SILENCE))
        factors = np.minimum(1.0, _HIGHEST_RATIO * ratio)
        centres = (np.arange(len(factors)) + 0.5) * self._segment
        return np.interp(np.arange(self._host.shape[1]), centres, factors).astype(np.float32)

    def _power(self, audio: Floats) -> Floats:
        from scipy.ndimage import uniform_filter1d

        padded = np.pad(audio, ((0, 0), (0, -audio.shape[1] % self._segment)))
        segments = padded.reshape(audio.shape[0], -1, self._segment)
        power: Floats = np.square(segments, dtype=np.float64).mean(axis=(0, 2))
        smooth: Floats = uniform_filter1d(power, _SMOOTH, mode="constant")
        return smooth


def _add(host: Floats, mark: Floats) -> Floats:
    """Return the sum, beyond full scale only as far as the host was."""
    ceiling = np.maximum(np.abs(host), np.float32(1))
    result: Floats = np.clip(host + mark, -ceiling, ceiling)
    return result
