"""Harmonics of a pitch that changes over time, as many as the controls give, none of them above Nyquist.

Each control's harmonics are one period of sound in a table; a frame between two controls reads both at the
same phase and mixes them, so that amplitudes and pitch go evenly from control to control (A. Horner and
J. Beauchamp, *Methods for multiple wavetable synthesis*, 1993, with tables that are exact).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.controls import first_frame, place_frames
from fanstudio.audio.samples import Samples

Floats = NDArray[np.float32]

#: Partials fade out between these shares of half the sample rate.
_FADE_FROM, _FADE_TO = 0.9, 0.98
_MOST_HARMONICS = 256
#: Reading between the samples of a table is exact to −100 dB with so many for each of its harmonics.
_SAMPLES_A_HARMONIC = 50
_CONTROLS_AT_ONCE = 100


class Additive:
    """Renders one voice, range after range; its phase goes on from one to the next."""

    def __init__(self, sample_rate: int) -> None:
        """Start at phase 0."""
        self._rate = sample_rate
        #: In turns, 0 up to 1.
        self._phase = 0.0

    def render(self, f0_hz: Floats, harmonics: Floats, first: int, start: int, stop: int) -> Samples:
        """Return frames `start` up to `stop`, `(1, frames)`; `start` is where the last range stopped.

        `f0_hz` `(n,)` and the linear amplitudes `harmonics` `(h, n)` are the controls from number `first`
        on; before and after them the nearest is held. What is above 0.98 of half the rate is left out.
        """
        faded = harmonics * _below_nyquist(f0_hz, len(harmonics), self._rate)
        step = first_frame(_CONTROLS_AT_ONCE, self._rate)
        pieces = [
            self._render(f0_hz, faded, first, at, min(stop, at + step)) for at in range(start, stop, step)
        ]
        return np.concatenate([np.zeros(0, np.float32), *pieces])[None]

    def _render(self, f0_hz: Floats, harmonics: Floats, first: int, start: int, stop: int) -> Floats:
        index, share = place_frames(np.arange(start, stop), self._rate, first, len(f0_hz))
        after = np.minimum(index + 1, len(f0_hz) - 1)
        hz = f0_hz[index] * (1 - share) + f0_hz[after] * share
        turns = self._phase + np.cumsum(hz / self._rate)
        turns -= np.floor(turns)
        self._phase = float(turns[-1])
        low = int(index[0])
        tables = _tables(harmonics[:, low : int(after[-1]) + 1])
        mixed = _read(tables, index - low, turns)
        mixed += share.astype(np.float32) * (_read(tables, after - low, turns) - mixed)
        return mixed


def _below_nyquist(f0_hz: Floats, count: int, sample_rate: int) -> Floats:
    """Return factors `(count, n)` that fade partials out before half the rate, also between controls."""
    framed = np.pad(f0_hz, 1, mode="edge")
    highest = np.maximum(np.maximum(framed[:-2], framed[2:]), f0_hz)
    shares = np.arange(1, count + 1)[:, None] * highest / (sample_rate / 2)
    return np.clip((_FADE_TO - shares) / (_FADE_TO - _FADE_FROM), 0, 1).astype(np.float32)


def _tables(harmonics: Floats) -> Floats:
    """Return one period of sines `(n, samples + 3)` for each control, with a sample before and two after."""
    count = min(len(harmonics), _MOST_HARMONICS)
    size = 1 << int(np.ceil(np.log2(_SAMPLES_A_HARMONIC * count)))
    spectra = np.zeros((harmonics.shape[1], size // 2 + 1), np.complex64)
    spectra[:, 1 : count + 1] = -0.5j * size * harmonics[:count].T
    period = np.fft.irfft(spectra, size, axis=1)
    return np.concatenate((period[:, -1:], period, period[:, :2]), axis=1)


def _read(tables: Floats, rows: NDArray[np.int64], turns: NDArray[np.float64]) -> Floats:
    """Return a table's value for each frame, by a cubic through the four samples around its phase."""
    width = tables.shape[1]
    places = turns * (width - 3)
    whole = places.astype(np.int64)
    x = (places - whole).astype(np.float32)
    flat = tables.reshape(-1)
    at = rows * width + whole
    before, here, next_, beyond = (flat[at + offset] for offset in range(4))
    # Lagrange's cubic through samples −1, 0, 1 and 2.
    c1 = next_ - here * np.float32(0.5) - before / np.float32(3) - beyond / np.float32(6)
    c2 = (before + next_) * np.float32(0.5) - here
    c3 = (beyond - before) / np.float32(6) + (here - next_) * np.float32(0.5)
    value: Floats = ((c3 * x + c2) * x + c1) * x + here
    return value
