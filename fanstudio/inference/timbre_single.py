"""How much of a sound belongs to its one pitch: what tells a chord from a voice where the pitch net does not.

The net hears two notes as one and is sure of it; but of their partials, half lie beside those of the pitch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.controls import CONTROL_HZ
from fanstudio.audio.samples import Readable, padded

Floats = NDArray[np.float32]

#: One control in so many is looked at; those between go from one to the next.
STEP = 4
_WINDOW_S = 0.09
_LOWEST_HZ, _HIGHEST_HZ = 70.0, 2500.0
#: How far from its place a partial may lie, in Hz, and as a share of its frequency: vibrato within a window.
_NEAR_HZ, _NEAR = 18.0, 0.02
#: Below this pitch partials lie too close to tell.
_LOWEST_PITCH_HZ = 90.0
#: A voice in a room has this share; it counts as whole.
_WHOLE = 0.8
_AT_ONCE = 256


def single_share(sound: Readable, sample_rate: int, f0_hz: Floats, first: int, last: int) -> Floats:
    """Return how much of the sound is of pitch `f0_hz`, 0..1, for one in `STEP` of controls from `first` on.

    `sound` is `(channels, frames)`, `f0_hz` the pitch at every control. Power between 70 and 2500 Hz counts,
    less what noise would have near the partials by chance. Where there is no pitch, it is 1.
    """
    shares = [
        _shares(sound, sample_rate, f0_hz, np.arange(at, min(last, at + STEP * _AT_ONCE), STEP))
        for at in range(first, last, STEP * _AT_ONCE)
    ]
    return np.concatenate([np.zeros(0, np.float32), *shares])


def _shares(sound: Readable, sample_rate: int, f0_hz: Floats, controls: NDArray[np.int64]) -> Floats:
    shares = np.ones(len(controls), np.float32)
    clear = np.flatnonzero(f0_hz[controls] >= _LOWEST_PITCH_HZ)
    if len(clear):
        hz, power = _spectra(sound, sample_rate, controls[clear])
        near = _near_partials(hz, f0_hz[controls[clear], None].astype(np.float64))
        chance = near.mean(axis=1)
        share = (power * near).sum(axis=1) / np.maximum(power.sum(axis=1), 1e-20)
        shares[clear] = np.clip((share - chance) / (1 - chance) / _WHOLE, 0, 1)
    return shares


def _spectra(
    sound: Readable, sample_rate: int, controls: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies, and power `(controls, frequencies)` of the sound around each control."""
    half = round(_WINDOW_S * sample_rate / 2)
    centres = np.rint(controls * sample_rate / CONTROL_HZ).astype(np.int64)
    start = int(centres[0]) - half
    heard = padded(sound, start, int(centres[-1]) + half).mean(axis=0)
    windows = np.lib.stride_tricks.sliding_window_view(heard, 2 * half)[centres - centres[0]]
    size = 1 << int(np.ceil(np.log2(2 * half)))
    hz: NDArray[np.float64] = np.fft.rfftfreq(size, 1 / sample_rate).astype(np.float64)
    kept = (hz > _LOWEST_HZ) & (hz < _HIGHEST_HZ)
    spectra = np.fft.rfft(windows * np.hanning(2 * half).astype(np.float32), size, axis=1)[:, kept]
    return hz[kept], np.square(np.abs(spectra), dtype=np.float64)


def _near_partials(hz: NDArray[np.float64], f0_hz: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which frequencies are near a multiple of pitches `(n, 1)`."""
    partial = np.maximum(1, np.rint(hz / f0_hz)) * f0_hz
    near: NDArray[np.bool_] = np.abs(hz - partial) < np.minimum(_NEAR_HZ + _NEAR * partial, 0.45 * f0_hz)
    return near
