"""The grid of time-frequency tiles that a mark lives on, and how a key spreads a message over it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.export.watermark.coding import CODED_BITS

Floats = NDArray[np.float32]

RATE: Final = 44100
WINDOW: Final = 2048
HOP: Final = WINDOW // 2
BANDS: Final = 48
TILE_FRAMES: Final = 2
TILES: Final = 430
BLOCK_FRAMES: Final = TILES * TILE_FRAMES * HOP

_LOWEST_HZ: Final = 300
_HIGHEST_HZ: Final = 7000
SYNC_SHARE: Final = 0.2
_PAIRS: Final = TILES // 2 * BANDS
_SYNC_PAIRS: Final = int(SYNC_SHARE * _PAIRS)
SYNC_GROUPS: Final = _SYNC_PAIRS // 10
#: Tile energy 96 dB under a full-scale tone's: what is much quieter carries nothing.
_FLOOR: Final = 1e-4
#: What a residue (in neper of energy) must exceed to count as more than nothing.
_LEAST_RESIDUE: Final = 0.01
_CLIP: Final = 2.0
#: Tiles on either side that `whiten` looks at.
REACH: Final = 8

_SLOPE: Final = np.array([-0.15, -0.35, 1.0, -0.35, -0.15])
_SPREAD: Final = np.array([-0.12, -0.18, 1.0, -0.18, -0.12])


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a key makes of the grid: a chip (±1) a tile, and the group that a pair of tiles belongs to.

    `chips` is (TILES, BANDS); two tiles that follow each other carry opposite chips, so that a
    steady sound cancels. `groups` is (TILES / 2, BANDS): below CODED_BITS the coded bit that the
    pair carries, from there on one of SYNC_GROUPS groups that carry a constant.
    """

    chips: Floats
    groups: NDArray[np.int64]

    @property
    def sync(self) -> Floats:
        """Return the chips of the constant tiles, 0 elsewhere; (TILES, BANDS)."""
        mask = np.repeat(self.groups >= CODED_BITS, 2, axis=0)
        return self.chips * mask

    def spread(self, coded: Floats) -> Floats:
        """Return the sign of each tile (TILES, BANDS) for CODED_BITS signs."""
        values = np.concatenate([coded, np.ones(SYNC_GROUPS, np.float32)])
        signs: Floats = self.chips * np.repeat(values[self.groups], 2, axis=0)
        return signs

    def gather(self, whitened: Floats) -> Floats:
        """Return each group's sum of chip times tile over (TILES, BANDS); coded bits come first."""
        pairs = (self.chips * whitened).reshape(TILES // 2, 2, BANDS).sum(axis=1)
        sums = np.bincount(self.groups.ravel(), pairs.ravel(), CODED_BITS + SYNC_GROUPS)
        return sums.astype(np.float32)


@lru_cache(maxsize=4)
def pattern(key: bytes) -> Pattern:
    """Derive the pattern from the key: a Philox generator seeded with its SHA-256."""
    seed = int.from_bytes(hashlib.sha256(key).digest(), "big")
    random = np.random.Generator(np.random.Philox(seed))
    halves = random.choice(np.array([-1, 1], np.float32), (TILES // 2, 1, BANDS))
    chips = np.concatenate([halves, -halves], axis=1).reshape(TILES, BANDS)
    order = random.permutation(_PAIRS)
    groups = np.empty(_PAIRS, np.int64)
    groups[order[:_SYNC_PAIRS]] = CODED_BITS + np.arange(_SYNC_PAIRS) % SYNC_GROUPS
    groups[order[_SYNC_PAIRS:]] = np.arange(_PAIRS - _SYNC_PAIRS) % CODED_BITS
    return Pattern(chips, groups.reshape(TILES // 2, BANDS))


@lru_cache(maxsize=1)
def band_edges() -> NDArray[np.int64]:
    """Return the BANDS + 1 bin numbers that bound the bands, log-spaced, at least a bin wide each."""
    edges = np.round(np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, BANDS + 1) / RATE * WINDOW).astype(np.int64)
    for band in range(1, BANDS + 1):
        edges[band] = max(edges[band], edges[band - 1] + 1)
    return edges


@lru_cache(maxsize=1)
def window() -> Floats:
    """Return the sine window, whose square overlaps to 1 at `HOP`."""
    return np.sin(np.pi * (np.arange(WINDOW) + 0.5) / WINDOW).astype(np.float32)


def spectra(samples: Floats, hop: int) -> NDArray[np.complex64]:
    """Return windowed spectra (..., n, WINDOW / 2 + 1) of (..., frames), one every `hop` frames."""
    # scipy takes half a second to import, which only who marks or looks for marks shall wait for.
    import scipy.fft

    framed = np.lib.stride_tricks.sliding_window_view(samples, WINDOW, axis=-1)[..., ::hop, :]
    result: NDArray[np.complex64] = scipy.fft.rfft(framed * window(), axis=-1)
    return result


def power(spectrum: NDArray[np.complex64]) -> Floats:
    """Return the squared magnitude of spectra."""
    squares: Floats = spectrum.real**2 + spectrum.imag**2
    return squares


def band_energies(powers: Floats) -> Floats:
    """Sum the powers of bins (n, bins) in each band; (n, BANDS)."""
    edges = band_edges()
    sums: Floats = np.add.reduceat(powers[:, : edges[-1]], edges[:-1], axis=1)
    return sums


def log_energies(energies: Floats) -> Floats:
    """Return the logarithm of tile energies, level where they sink below what can be heard."""
    logs: Floats = np.log(energies + np.float32(_FLOOR))
    return logs


def whiten(tiles: Floats) -> Floats:
    """Subtract from log energies (tiles, …, BANDS) what neighbours foretell, scale and clip to ±2."""
    from scipy.ndimage import convolve1d, uniform_filter1d

    residue = convolve1d(convolve1d(tiles, _SLOPE, axis=0), _SPREAD, axis=-1)
    scale = uniform_filter1d(uniform_filter1d(np.abs(residue), 9, axis=0), 5, axis=-1)
    whitened: Floats = np.clip(residue / (scale + np.float32(_LEAST_RESIDUE)), -_CLIP, _CLIP)
    return whitened
