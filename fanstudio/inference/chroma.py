"""How much of each pitch class sounds in a song, on a grid of ten cents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Readable, Samples
from fanstudio.errors import InputError
from fanstudio.jobs import Work

Floats = NDArray[np.float64]

#: Bins of a semitone and of an octave; bin 0 is C at A4 = 440 Hz.
PER_SEMITONE: Final = 10
BINS: Final = 12 * PER_SEMITONE

_RATE = 11_025
_WINDOW = 8192
_HOP = 4096
_FRAMES_AT_ONCE = 16
_BLOCK_FRAMES = 1 << 17
#: Below the first a semitone is narrower than the window can tell, above the second are mostly overtones.
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 2000.0
#: A partial counts for the notes of which it may be an overtone as well, each less than the one before.
_OVERTONES, _OVERTONE_GAIN = 4, 0.5
_C0_HZ = 440.0 * 2 ** (-57 / 12)
#: A frame whose loudest partial is below this is silence; of a frame, partials 50 dB below the loudest count.
_SILENCE, _RANGE = 1e-4, 10 ** (-50 / 20)


@dataclass(frozen=True, slots=True, eq=False)
class Chroma:
    """The weight of each ten cents of the octave, float64 `(120,)`, summed over a song."""

    bins: Floats

    def __add__(self, other: Chroma) -> Chroma:
        """Return what sounds in both."""
        return Chroma(self.bins + other.bins)

    def moved(self, semitones: float) -> Chroma:
        """Return the same, sounding higher by semitones."""
        return Chroma(np.roll(self.bins, round(semitones * PER_SEMITONE)))

    @property
    def tuning_cents(self) -> float:
        """Return how far the song's A lies from 440 Hz, −50…50 cents."""
        within = self.bins.reshape(12, PER_SEMITONE).sum(axis=0)
        turns = np.exp(2j * np.pi * np.arange(PER_SEMITONE) / PER_SEMITONE)
        return float(np.angle((within * turns).sum()) / (2 * np.pi) * 100) if within.any() else 0.0

    @property
    def classes(self) -> Floats:
        """Return the weights of the twelve pitch classes from C on, in the song's tuning, summing to 1."""
        offsets = (np.arange(BINS) - self.tuning_cents * PER_SEMITONE / 100) / PER_SEMITONE
        nearest = np.rint(offsets)
        weights = self.bins * np.cos(np.pi * (offsets - nearest)) ** 2
        folded = np.zeros(12)
        np.add.at(folded, nearest.astype(int) % 12, weights)
        return folded / max(float(folded.sum()), 1e-12)


def hear_chroma(work: Work, sound: Readable, sample_rate: int) -> Chroma:
    """Return the chroma of `sound` `(channels, frames)`; memory does not grow with it.

    Partials are the peaks of a spectrum, set between its bins by a parabola (Serra's sinusoidal model);
    each counts with its height, for lower notes too of which it may be an overtone, and a frame as a whole
    as much as any other (after Gómez, *Tonal Description of Music Audio Signals*, 2006).

    Raises:
        InputError: samples that are not numbers.
        Cancelled: within a second.

    """
    total = np.zeros(BINS)
    window = np.hanning(_WINDOW).astype(np.float32)
    for frames in _frames(work, sound, sample_rate):
        for spectrum in np.abs(np.fft.rfft(frames * window, axis=1)) * (2 / window.sum()):
            total += _frame_chroma(spectrum)
    return Chroma(total)


def _frames(work: Work, sound: Readable, sample_rate: int) -> Iterator[Samples]:
    """Yield batches `(frames, window)` of the mono mix."""
    waiting = np.zeros((1, _WINDOW // 2), np.float32)
    for piece in _mono(work, sound, sample_rate):
        waiting = np.concatenate((waiting, piece), axis=1)
        if waiting.shape[1] < _WINDOW:
            continue
        views = np.lib.stride_tricks.sliding_window_view(waiting[0], _WINDOW)[::_HOP]
        for start in range(0, len(views), _FRAMES_AT_ONCE):
            yield views[start : start + _FRAMES_AT_ONCE]
        waiting = waiting[:, len(views) * _HOP :]
    yield np.pad(waiting[:, :_WINDOW], ((0, 0), (0, max(0, _WINDOW - waiting.shape[1]))))


def _mono(work: Work, sound: Readable, sample_rate: int) -> Iterator[Samples]:
    frames = sound.shape[1]
    to_low = Resampler(sample_rate, _RATE, 1)
    for start in range(0, frames, _BLOCK_FRAMES):
        work.report(start / frames, "Listening for the key")
        block = sound[:, start : start + _BLOCK_FRAMES].mean(axis=0, keepdims=True, dtype=np.float32)
        if not np.isfinite(block).all():
            raise InputError("The audio holds samples that are not numbers.")
        yield to_low.push(block)
    yield to_low.finish()


def _frame_chroma(spectrum: Floats) -> Floats:
    """Return the chroma of one magnitude spectrum, summing to 1, or zeros for silence."""
    hz, heights = _partials(spectrum)
    bins = np.zeros(BINS)
    for overtone in range(1, _OVERTONES + 1):
        place = np.rint(12 * PER_SEMITONE * np.log2(hz / overtone / _C0_HZ)).astype(int) % BINS
        bins += _OVERTONE_GAIN ** (overtone - 1) * np.bincount(place, heights, BINS)
    total = bins.sum()
    return bins / total if total > 0 else bins


def _partials(spectrum: Floats) -> tuple[Floats, Floats]:
    """Return frequency in Hz and height of each partial."""
    per_bin = _RATE / _WINDOW
    low, high = int(_LOWEST_HZ / per_bin), int(_HIGHEST_HZ / per_bin)
    before, here, after = spectrum[low - 1 : high - 1], spectrum[low:high], spectrum[low + 1 : high + 1]
    least = max(_SILENCE, _RANGE * float(here.max()))
    found = np.flatnonzero((here > before) & (here >= after) & (here > least))
    a, b, c = (np.log(np.maximum(side[found], 1e-12)) for side in (before, here, after))
    shift = 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-9)
    return (low + found + shift) * per_bin, here[found]
