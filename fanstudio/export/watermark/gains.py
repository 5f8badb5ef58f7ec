"""How strong each tile is marked: only as much as the music makes necessary, least where it is heard."""

from __future__ import annotations

from typing import Final

import numpy as np

from fanstudio.errors import WatermarkError
from fanstudio.export.watermark import tiles
from fanstudio.export.watermark.coding import CODED_BITS, MESSAGE_BITS
from fanstudio.export.watermark.tiles import REACH, Floats, Pattern

_LEAST_DB: Final = 0.25
_MOST_DB: Final = 1.6
_PASSES: Final = 4
#: What a pair of tiles shall add to its group's sum, the music's own share included.
_MARGIN_A_PAIR: Final = 0.7
#: Share of a tile's gain that its re-analysed energy shows; the rest leaks into its neighbours.
_SEEN: Final = 0.8
#: A tile's share of its group's gain falls by this exponent of its prominence, within limits.
_PROMINENCE: Final = np.float32(0.2)
_SHARES: Final = (0.5, 1.8)
#: Eb/N0 that the marked file must offer before any codec touches it; the code needs about 1.
_LEAST_EB_N0: Final = 1.5
#: Variance that sharing adds to a whitened tile, whose own is about 1.
_SHARING_NOISE: Final = 0.1
_NEPER_A_DB: Final = np.float32(np.log(10) / 20)


class Gains:
    """Chooses gains block by block, and keeps the account of how readable the file will be.

    Informed embedding: the music itself already speaks for or against each coded bit. Every group of
    tiles gets the gain that brings its sum to the same margin.
    """

    def __init__(self, pattern: Pattern, coded: Floats) -> None:
        """Prepare to mark with CODED_BITS signs."""
        self._pattern = pattern
        self._signs = pattern.spread(coded)
        self._wanted = np.concatenate([coded, np.ones(tiles.SYNC_GROUPS, np.float32)])
        self._target = _MARGIN_A_PAIR * np.bincount(pattern.groups.ravel()).astype(np.float32)
        self._signal = 0.0
        self._noise = 0.0

    def choose(self, energies: Floats) -> Floats:
        """Return the gain of each tile in neper (TILES, BANDS).

        `energies` are the block's, with REACH tiles more on either side.
        """
        shares = _shares(tiles.log_energies(energies))
        bare = self._margins(self._whitened(energies, np.zeros_like(shares)))
        gain_db = np.full(len(self._wanted), _LEAST_DB, np.float32)
        for _ in range(_PASSES):
            margins = self._margins(self._whitened(energies, self._each(gain_db, shares)))
            slope = (margins - bare) / gain_db
            slope = np.maximum(slope, 0.3 * max(float(np.median(slope)), 1e-3))
            gain_db = np.clip(gain_db + (self._target - margins) / slope, _LEAST_DB, _MOST_DB)
        gains = self._each(gain_db, shares)
        self._count(self._whitened(energies, gains))
        return gains

    def require_readable(self) -> None:
        """Raise WatermarkError if the blocks so far cannot carry the message."""
        eb_n0 = self._signal**2 / (2 * self._noise * MESSAGE_BITS) if self._noise else 0.0
        if eb_n0 < _LEAST_EB_N0:
            raise WatermarkError(
                "The audio is too quiet or too sparse to carry a watermark.",
                hint="Export a piece with more audible music.",
            )

    def _each(self, gain_db: Floats, shares: Floats) -> Floats:
        each = np.minimum(np.repeat(gain_db[self._pattern.groups], 2, axis=0) * shares, _MOST_DB)
        gains: Floats = each * self._signs * _NEPER_A_DB
        return gains

    def _whitened(self, energies: Floats, gains: Floats) -> Floats:
        """Return what a detector would see of the block (TILES, BANDS)."""
        marked = energies.copy()
        marked[REACH:-REACH] *= np.exp(np.float32(2 * _SEEN) * gains)
        return tiles.whiten(tiles.log_energies(marked))[REACH:-REACH]

    def _margins(self, whitened: Floats) -> Floats:
        margins: Floats = self._pattern.gather(whitened) * self._wanted
        return margins

    def _count(self, whitened: Floats) -> None:
        self._signal += float(self._margins(whitened)[:CODED_BITS].sum()) / np.sqrt(CODED_BITS)
        noise = float(np.square(whitened).sum()) + _SHARING_NOISE * whitened.size
        self._noise += noise * (1 - tiles.SYNC_SHARE) / CODED_BITS


def _shares(logs: Floats) -> Floats:
    """Return the share (TILES, BANDS) of its group's gain that a tile gets.

    A tile that stands out of its surroundings is heard and gets less, one below them is masked
    and gets more.
    """
    from scipy.ndimage import uniform_filter1d

    around = uniform_filter1d(uniform_filter1d(logs, 3, axis=0), 9, axis=1)
    prominence = (logs - around)[REACH:-REACH]
    shares: Floats = np.clip(np.exp(-_PROMINENCE * prominence), *_SHARES)
    return shares
