"""What the net shall answer: how loud each partial and each band of noise is, measured in a clean render."""

from __future__ import annotations

import numpy as np

from fanstudio.audio.noise_bands import BANDS, band_weights

RATE = 48_000
HOP = 480
PARTIALS = 80
FLOOR_DB = -120.0
_FFT = 8192
_NOISE_FFT = 4096
#: A window holds this many periods at least: partials then stand apart under Hann.
_PERIODS, _NOISE_PERIODS = 4.0, 7.0
_SIZES = (1024, 2048, 4096)
#: A partial is looked for this far from its place, as a ratio; f0 is known to some cents only.
_OFF = 0.008
_FRAMES_AT_ONCE = 1024


def measure(audio: np.ndarray, f0_hz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return partials `(T, 80)` and noise bands `(T, 64)` in dB of amplitude, for f0 on the grid of 100 Hz.

    `f0_hz` is held through rests. Partials of Nyquist and above are at the floor.
    """
    partials = np.empty((len(f0_hz), PARTIALS), np.float32)
    bands = np.empty((len(f0_hz), BANDS), np.float32)
    framed = np.pad(audio, (_SIZES[-1], _SIZES[-1] + HOP))
    for start in range(0, len(f0_hz), _FRAMES_AT_ONCE):
        some = slice(start, min(start + _FRAMES_AT_ONCE, len(f0_hz)))
        f0 = f0_hz[some].astype(np.float64)
        centres = np.arange(some.start, some.stop) * HOP + _SIZES[-1]
        noise = _noise_power(framed, centres, f0)
        bands[some] = _to_db(noise)
        partials[some] = _to_db(_partial_power(framed, centres, f0, noise))
    return partials, bands


def _to_db(power: np.ndarray) -> np.ndarray:
    return (10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))).astype(np.float32)


def _size_index(f0: np.ndarray, periods: float) -> np.ndarray:
    return np.searchsorted(_SIZES, periods * RATE / f0).clip(0, len(_SIZES) - 1)


def _spectra(framed: np.ndarray, centres: np.ndarray, size: int, fft: int) -> tuple[np.ndarray, np.ndarray]:
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    index = centres[:, None] + np.arange(-size // 2, size // 2)
    return np.square(np.abs(np.fft.rfft(framed[index] * window, fft, axis=1))), window


def _partial_power(framed: np.ndarray, centres: np.ndarray, f0: np.ndarray, noise: np.ndarray) -> np.ndarray:
    out = np.zeros((len(f0), PARTIALS))
    places = f0[:, None] * np.arange(1, PARTIALS + 1)
    for index, size in enumerate(_SIZES):
        rows = np.flatnonzero(_size_index(f0, _PERIODS) == index)
        if not len(rows):
            continue
        power, window = _spectra(framed, centres[rows], size, _FFT)
        found = np.zeros((len(rows), PARTIALS))
        for off in np.linspace(-_OFF, _OFF, 5):
            found = np.maximum(found, _read(power, places[rows] * (1 + off)))
        around = _noise_at(noise[rows], places[rows]) * np.square(window).sum()
        tone = np.maximum(found - 2 * around, 0.05 * found)
        out[rows] = tone * (2 / window.sum()) ** 2
    return np.where(places < 0.46 * RATE, out, 0)


def _read(power: np.ndarray, hz: np.ndarray) -> np.ndarray:
    index = np.rint(hz / RATE * _FFT).astype(int).clip(0, _FFT // 2)
    return np.take_along_axis(power, index, axis=1)


def _noise_at(noise: np.ndarray, hz: np.ndarray) -> np.ndarray:
    """Return the density of noise at frequencies, from the bands."""
    at = np.log1p(np.minimum(hz, 24_000) / 2500) / np.log1p(24_000 / 2500) * (BANDS - 1)
    return np.take_along_axis(noise, np.rint(at).astype(int), axis=1)


def _noise_power(framed: np.ndarray, centres: np.ndarray, f0: np.ndarray) -> np.ndarray:
    """Return the power of noise in each band, read between the partials."""
    hz = np.fft.rfftfreq(_NOISE_FFT, 1 / RATE)
    weights = band_weights(hz)
    out = np.empty((len(f0), BANDS))
    for index, size in enumerate(_SIZES):
        rows = np.flatnonzero(_size_index(f0, _NOISE_PERIODS) == index)
        if not len(rows):
            continue
        power, window = _spectra(framed, centres[rows], size, _NOISE_FFT)
        place = hz / f0[rows, None]
        between = (np.abs(place - np.rint(place)) > 0.33) & (place > 0.5) | (place < 0.4) & (hz > 20)
        seen = between @ weights.T
        mean = (power * between) @ weights.T / np.maximum(seen, 1e-9) / np.square(window).sum()
        out[rows] = _bridge(mean, seen > 0.3)
    return out


def _bridge(power: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return power with bands that hold no place between partials filled from their neighbours."""
    power = np.log(np.maximum(power, 1e-12))
    index = np.arange(power.shape[1])
    below = np.maximum.accumulate(np.where(known, index, -1), axis=1)
    above = np.minimum.accumulate(np.where(known, index, len(index))[:, ::-1], axis=1)[:, ::-1]
    low = np.where(below < 0, np.minimum(above, len(index) - 1), below)
    high = np.where(above >= len(index), np.maximum(below, 0), above)
    share = (index - low) / np.maximum(high - low, 1)
    ends = np.take_along_axis(power, low, 1), np.take_along_axis(power, high, 1)
    return np.exp(ends[0] + share.clip(0, 1) * (ends[1] - ends[0]))
