"""How much a song's harmony changes at each beat: chords mostly change where a bar begins."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: The bands that tell harmony, of those of `beat_features`: from the bass up to some 700 Hz.
_BANDS: Final = slice(4, 60)
#: Of a beat, its attack and the very end are left out: drums strike there.
_FROM, _TO = 0.15, 0.95
#: What stands out by more counts no more.
_LEAST, _MOST = -2.0, 3.0
_TINY = 1e-6


def harmony_levels(features: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return the levels that tell harmony, of semitones, `(frames, 28)`, of a beat net's features."""
    bands = features[:, _BANDS]
    return np.asarray((bands[:, ::2] + bands[:, 1::2]) / 2, np.float16)


def harmony_changes(levels: NDArray[np.float16], fps: float, beats_s: Values) -> Values:
    """Return how far the spectrum of each beat lies from that of the beat before, −2…3 deviations.

    `levels` are `harmony_levels`, `fps` of them a second. 0 is what is usual in the song.
    """
    if len(beats_s) < 2 or not len(levels):
        return np.zeros(len(beats_s))
    spectra = _spectra(levels, fps, beats_s)
    steps = np.linalg.norm(np.diff(spectra, axis=0, prepend=spectra[:1]), axis=1)
    changes = steps / (np.linalg.norm(spectra, axis=1) + _TINY)
    return np.asarray(np.clip((changes - np.median(changes)) / (changes.std() + _TINY), _LEAST, _MOST))


def _spectra(levels: NDArray[np.float16], fps: float, beats_s: Values) -> Values:
    """Return the mean spectrum of each beat; the last is taken to be as long as the one before it."""
    gaps = np.diff(beats_s, append=2 * beats_s[-1] - beats_s[-2])
    last = len(levels) - 1
    starts = np.clip(np.rint((beats_s + _FROM * gaps) * fps).astype(np.int64), 0, last)
    ends = np.clip(np.rint((beats_s + _TO * gaps) * fps).astype(np.int64), starts + 1, last + 1)
    means = [
        levels[start:end].mean(axis=0, dtype=np.float64) for start, end in zip(starts, ends, strict=True)
    ]
    return np.stack(means)
