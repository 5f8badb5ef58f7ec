"""A phase vocoder that stretches time and leaves attacks, partials and the stereo image as they are.

Identity phase locking: J. Laroche and M. Dolson, “Improved phase vocoder time-scale modification of
audio”, IEEE Transactions on Speech and Audio Processing 7 (1999). Phases are taken anew where a peak
begins: A. Röbel, “A new approach to transient processing in the phase vocoder”, DAFx 2003.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Readable, Samples, padded, silence
from fanstudio.audio.time_map import TimeMap

#: Spectra that are worked on at once; a batch is the same whoever asks, and so are its bytes.
BATCH = 16
_WINDOW_S = 0.085
_OVERLAP = 4
#: What squared Hann windows that overlap so add up to.
_GAIN = np.float32(_OVERLAP * 3 / 8)
#: How much power a peak gains where it begins.
_RISE = 2.0
_TINY = 1e-20

Spectra = NDArray[np.complex64]
Powers = NDArray[np.float32]
Indices = NDArray[np.int64]
Shape = Callable[[Powers], Powers]


def window_frames(sample_rate: int) -> int:
    """Return how many frames a window has at a rate; a quarter of it is a whole number."""
    return 64 * max(1, round(_WINDOW_S * sample_rate / 64))


class PhaseVocoder:
    """Yields a stretched source from its start; equal bytes on each run."""

    def __init__(
        self, source: Readable, sample_rate: int, times: TimeMap, shape: Shape | None = None
    ) -> None:
        """Read `source` as `times` says; `shape` gives the gains of power spectra `(spectra, bins)`."""
        self._source = source
        self._times = times
        self._shape = shape
        self._size = window_frames(sample_rate)
        self._hop = self._size // _OVERLAP
        self._window = np.hanning(self._size + 1)[:-1].astype(np.float32)
        bins = self._size // 2 + 1
        #: Of the spectrum before: what it holds, how strong it is, and the factors it was turned by.
        self._last: Spectra = np.zeros((source.shape[0], bins), np.complex64)
        self._power: Powers = np.zeros(bins, np.float32)
        self._turn: Spectra = np.ones(bins, np.complex64)
        self._begun = 0

    def blocks(self, length: int) -> Iterator[Samples]:
        """Yield `length` frames in all, in blocks `(channels, frames)`."""
        span = BATCH * self._hop
        tail = silence(self._source.shape[0], self._size)
        #: The first frame of the first window; windows that reach beyond the start sound too.
        at = -self._size
        number = -(_OVERLAP // 2)
        while at < length:
            line = np.concatenate((tail, silence(len(tail), span)), axis=1)
            for index, window in enumerate(self._windows(np.arange(number, number + BATCH))):
                line[:, index * self._hop : index * self._hop + self._size] += window
            tail = line[:, span:]
            yield line[:, max(0, -at) : min(span, length - at)] / _GAIN
            at, number = at + span, number + BATCH

    def _windows(self, numbers: Indices) -> Samples:
        """Return output windows `(windows, channels, size)`; number k is centred on k hops."""
        places = self._times.source_frames((numbers * self._hop).astype(np.float64))
        now = self._spectra(places)
        before = np.concatenate((self._last[:, None], now[:, :-1]), axis=1)
        self._last = now[:, -1]
        advance = (before * self._spectra(places - self._hop).conj()).sum(axis=0)
        power = (now.real**2 + now.imag**2).sum(axis=0)
        turned = now * self._turns(places, power, advance)
        if self._shape is not None:
            turned *= self._shape(power)
        windows = np.fft.irfft(turned, self._size, axis=2).astype(np.float32, copy=False)
        return (windows * self._window).transpose(1, 0, 2)

    def _spectra(self, places: Indices) -> Spectra:
        """Return the spectra `(channels, spectra, bins)` of windows centred on source frames, ascending."""
        first = int(places[0]) - self._size // 2
        line = padded(self._source, first, int(places[-1]) - self._size // 2 + self._size)
        spans = np.lib.stride_tricks.sliding_window_view(line, self._size, axis=1)
        spectra = np.fft.rfft(spans[:, places - places[0]] * self._window, axis=2)
        return spectra.astype(np.complex64, copy=False)

    def _turns(self, places: Indices, power: Powers, advance: Spectra) -> Spectra:
        """Return the unit factors by which each spectrum goes on where the one before it led.

        `advance` is the spectrum before times the conjugate of the one a hop ago: over that distance
        phases grow in the source as they shall in the output. Bins follow their nearest peak.
        """
        size = np.abs(advance)
        steps = np.where(size > _TINY, advance / np.maximum(size, _TINY), np.complex64(1))
        peaks = _nearest_peaks(power)
        turns = np.empty_like(steps)
        for index, begun in enumerate(self._times.attacks_begun(places)):
            turn = (self._turn * steps[index])[peaks[index]]
            if begun != self._begun:
                rises = (power[index] > _RISE * self._power)[peaks[index]]
                turn = np.where(rises, np.complex64(1), turn)
            self._begun, self._power = begun, power[index]
            turns[index] = self._turn = turn / np.abs(turn)
        return turns


def _nearest_peaks(power: Powers) -> Indices:
    """Return for each bin of power spectra `(spectra, bins)` the nearest that tops two on either side.

    Where there is none, a bin stands for itself.
    """
    bins = power.shape[1]
    line = np.pad(power, ((0, 0), (2, 2)))
    left = np.maximum(line[:, :-4], line[:, 1:-3])
    right = np.maximum(line[:, 3:-1], line[:, 4:])
    index = np.arange(bins)
    peak = power > np.maximum(left, right)
    below = np.maximum.accumulate(np.where(peak, index, -bins), axis=1)
    above = np.minimum.accumulate(np.where(peak, index, 2 * bins)[:, ::-1], axis=1)[:, ::-1]
    nearest = np.where(index - below <= above - index, below, above)
    return np.where((nearest >= 0) & (nearest < bins), nearest, index)
