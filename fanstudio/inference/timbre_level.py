"""How loud a line comes out, from its harmonics and noise alone; and what gain makes it as loud as the voice.

Nothing has to be sounded for that: the A-weighted power of harmonics and noise bands is known from their
amplitudes. So the loop is closed before a sample is made.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.noise_bands import HIGHEST_HZ, band_weights
from fanstudio.inference.timbre_voice import runs
from fanstudio.inference.voice_features import FLOOR_DB, a_weighting

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

#: Against the whole line, no place is made louder or quieter than the net meant it by more than this.
_MOST_DB = 30.0
#: Gains follow the voice over so many controls.
_SMOOTH = 7
#: At the edges of a note the level is that of the edge, not of the note.
_EDGE = 2


def predict_level_db(f0_hz: Floats, harmonics: Floats, noise: Floats, sample_rate: int) -> Floats:
    """Return the A-weighted level in dB of harmonics `(h, n)` at multiples of `f0_hz`, and noise `(64, n)`.

    What lies above half the sample rate counts as silent.
    """
    hz = f0_hz * np.arange(1, len(harmonics) + 1, dtype=np.float32)[:, None]
    audible = np.where(hz < sample_rate / 2, harmonics, np.float32(0))
    power = 0.5 * (np.square(audible) * a_weighting(hz)).sum(axis=0)
    return _to_db(power + _noise_power(noise, sample_rate))


def noise_level_db(noise: Floats, sample_rate: int) -> Floats:
    """Return the A-weighted level in dB of noise bands `(64, n)`."""
    return _to_db(_noise_power(noise, sample_rate))


def _noise_power(noise: Floats, sample_rate: int) -> NDArray[np.float64]:
    power: NDArray[np.float64] = np.einsum("b,bt->t", _band_powers(sample_rate), np.square(noise))
    return power


def _to_db(power: NDArray[np.float64]) -> Floats:
    level_db: Floats = (10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))).astype(np.float32)
    return level_db


@lru_cache(maxsize=4)
def _band_powers(sample_rate: int) -> NDArray[np.float64]:
    """Return the A-weighted power of each band at a magnitude of 1."""
    step_hz = 5.0
    hz = np.arange(step_hz / 2, min(HIGHEST_HZ, sample_rate / 2), step_hz)
    powers: NDArray[np.float64] = (band_weights(hz) * a_weighting(hz)).sum(axis=1) * step_hz / HIGHEST_HZ
    return powers


def match_level(wanted_db: Floats, predicted_db: Floats, sung: Flags) -> Floats:
    """Return the linear gain of each control that brings a line to the level of the voice where it is sung.

    Between what is sung the gain goes evenly from one note to the next.
    """
    inner = _shrunk(sung)
    if not inner.any():
        return np.ones(len(sung), np.float32)
    known = np.flatnonzero(inner)
    off_db = np.interp(np.arange(len(sung)), known, (wanted_db - predicted_db)[known])
    typical_db = np.median(off_db[known])
    off_db = np.clip(off_db, typical_db - _MOST_DB, typical_db + _MOST_DB)
    bell = np.hanning(_SMOOTH + 2)[1:-1]
    framed = np.pad(off_db, _SMOOTH // 2, mode="edge")
    smooth = np.convolve(framed, bell / bell.sum(), "valid")
    return (10 ** (smooth / 20)).astype(np.float32)


def hold_breath(noise_db: Floats, sung: Flags) -> Floats:
    """Return the linear gain by which noise is no louder between notes than in the notes beside them.

    A net that is asked for a loud place without a pitch, an s, would fill it with breath.
    """
    known = np.flatnonzero(_shrunk(sung))
    if not len(known):
        return np.ones(len(sung), np.float32)
    most_db = np.interp(np.arange(len(sung)), known, noise_db[known])
    held = np.where(sung, 0.0, np.minimum(most_db - noise_db, 0.0))
    return (10 ** (held / 20)).astype(np.float32)


def _shrunk(sung: Flags) -> Flags:
    """Return flags without the edges of each note that is long enough to lose them."""
    inner = sung.copy()
    for start, end in runs(sung):
        if end - start > 3 * _EDGE:
            inner[start : start + _EDGE] = False
            inner[end - _EDGE : end] = False
    return inner
