"""Noise whose spectrum changes over time: 64 bands, each with a magnitude 100 times a second.

A magnitude of 1 in every band is white noise of power 1 up to 24 kHz: a density of 1 / 24000 in a Hertz, at
every sample rate. Stretches of seeded white noise under a Hann window are filtered by the magnitudes at
their middle and added up, which is a plain filter wherever the magnitudes stand still.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.controls import CONTROL_HZ, place_frames
from fanstudio.audio.samples import Samples

Floats = NDArray[np.float32]

BANDS: Final = 64
HIGHEST_HZ: Final = 24_000.0
#: A frame hangs on no control that is further away.
MARGIN_CONTROLS: Final = 5
#: Bands are as wide up to about this frequency, and a fixed ratio wide above it.
_BEND_HZ = 2500.0
#: Noise is drawn in chunks of this length, each by its number, so that any place gives the same.
_CHUNK_FRAMES = 1 << 15
_HOPS_AT_ONCE = 128


def centres_hz() -> NDArray[np.float64]:
    """Return the middle of each band, from 0 Hz, evenly on the scale `log(1 + f / 2500 Hz)`, to 24 kHz."""
    return _BEND_HZ * np.expm1(np.linspace(0, np.log1p(HIGHEST_HZ / _BEND_HZ), BANDS))


def band_weights(hz: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how much of each band `(64, n)` is at frequencies in Hz: triangles that add up to 1.

    The gain of the filter is `weights.T @ magnitudes`; above 24 kHz it is 0.
    """
    places = np.log1p(np.minimum(hz, HIGHEST_HZ) / _BEND_HZ) / np.log1p(HIGHEST_HZ / _BEND_HZ) * (BANDS - 1)
    weights = np.clip(1 - np.abs(places - np.arange(BANDS)[:, None]), 0, 1)
    return np.where(hz <= HIGHEST_HZ, weights, 0.0)


def render_noise(
    bands: Floats, first: int, start: int, stop: int, sample_rate: int, seed: int = 0
) -> Samples:
    """Return frames `start` up to `stop` of the noise, `(1, frames)`; a function of the place alone.

    `bands` `(64, n)` are linear magnitudes of the controls from number `first` on; before and after them
    the nearest is held, so that `MARGIN_CONTROLS` more on either side make joins exact.
    """
    hop = _hop(sample_rate)
    if stop <= start:
        return np.zeros((1, 0), np.float32)
    first_hop, last_hop = start // hop, -(-stop // hop)
    pieces = [
        _filtered(bands, first, at, min(last_hop, at + _HOPS_AT_ONCE), sample_rate, seed)
        for at in range(first_hop, last_hop, _HOPS_AT_ONCE)
    ]
    return np.concatenate(pieces)[None, start - first_hop * hop : stop - first_hop * hop]


def _filtered(bands: Floats, first: int, low: int, high: int, sample_rate: int, seed: int) -> Floats:
    """Return the noise of hops `low` up to `high`."""
    hop = _hop(sample_rate)
    filters = _filters(sample_rate)
    size = 2 * (filters.shape[1] - 1)
    reach = -(-size // 2 // hop)
    middles = np.arange(low - reach, high + reach + 1)
    noise = _white((low - reach - 1) * hop, (high + reach + 1) * hop, seed) * _level(sample_rate)
    stretches = np.lib.stride_tricks.sliding_window_view(noise, 2 * hop)[::hop]
    index, share = place_frames(middles * hop, sample_rate, first, bands.shape[1])
    after = np.minimum(index + 1, bands.shape[1] - 1)
    magnitudes = bands[:, index] * (1 - share) + bands[:, after] * share
    spectra = np.fft.rfft(stretches * np.hanning(2 * hop + 1)[:-1].astype(np.float32), size, axis=1)
    # BLAS would wake its threads for each of these small products.
    gains = np.einsum("bt,bf->tf", magnitudes.astype(np.float32), filters)
    shaped = np.fft.irfft(spectra * gains, size, axis=1)
    # The filter's past wraps round to the end of each transform: the middle lies at `hop`.
    shaped = np.roll(shaped, size // 2 - hop, axis=1)
    return _added(shaped, hop, size // 2 + reach * hop)[: (high - low) * hop]


def _added(shaped: NDArray[np.floating], hop: int, skip: int) -> Floats:
    """Add stretches up, each `hop` after the one before; drop the first frames."""
    count, size = shaped.shape
    parts = -(-size // hop)
    total = np.zeros((count + parts - 1, hop), np.float32)
    wide = np.pad(shaped, ((0, 0), (0, parts * hop - size))).reshape(count, parts, hop)
    for part in range(parts):
        total[part : part + count] += wide[:, part]
    return total.reshape(-1)[skip:]


@lru_cache(maxsize=4)
def _filters(sample_rate: int) -> Floats:
    """Return the response of each band's filter `(64, bins)`, with taps that leave room for a stretch."""
    hop = _hop(sample_rate)
    size = 1 << int(np.ceil(np.log2(4 * hop)))
    taps = np.fft.irfft(band_weights(np.fft.rfftfreq(size, 1 / sample_rate)), size, axis=1)
    half = size // 2 - hop
    window = np.zeros(size)
    window[: half + 1] = 0.5 + 0.5 * np.cos(np.pi * np.arange(half + 1) / (half + 1))
    window[-half:] = window[1 : half + 1][::-1]
    return np.fft.rfft(taps * window, axis=1).real.astype(np.float32)


def _hop(sample_rate: int) -> int:
    return round(sample_rate / CONTROL_HZ)


def _level(sample_rate: int) -> np.float32:
    """Return the level of white noise up to half the rate that has a power of 1 in 24 kHz."""
    return np.float32(np.sqrt(sample_rate / 2 / HIGHEST_HZ))


def _white(start: int, stop: int, seed: int) -> Floats:
    """Return frames of endless white noise of power 1."""
    low = start // _CHUNK_FRAMES
    chunks = [_chunk(number, seed) for number in range(low, -(-stop // _CHUNK_FRAMES))]
    return np.concatenate(chunks)[start - low * _CHUNK_FRAMES : stop - low * _CHUNK_FRAMES]


def _chunk(number: int, seed: int) -> Floats:
    # Before the sound begins, numbers are negative, which no seed may be.
    generator = np.random.default_rng((seed, number % (1 << 32)))
    return generator.standard_normal(_CHUNK_FRAMES, np.float32)
