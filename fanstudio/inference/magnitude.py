"""The kind `magnitude`: magnitudes in, those of each stem out (Open-Unmix, Spleeter by sherpa-onnx)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fanstudio.audio.samples import Samples
from fanstudio.inference.masking import MagnitudeMask, read_masking, share
from fanstudio.inference.table import Table

#: Batch, channels, time, frequency.
_AXES = "bctf"


@dataclass(frozen=True, slots=True)
class Magnitude(MagnitudeMask):
    """As `MagnitudeMask`; what the net gives becomes masks by the ratio of its powers.

    That is what Spleeter does (`mask_power` 2; sherpa-onnx, `scripts/spleeter/separate_onnx.py`) and the
    single-channel part of Open-Unmix's Wiener filter (`openunmix/filtering.py`).
    """

    axes: str = _AXES

    @property
    def layout(self) -> tuple[int, ...]:
        """Return the order of (batch, channels, frames, bins) in the graph."""
        return tuple(_AXES.index(axis) for axis in self.axes)

    def masks(self, rows: Samples, window: Samples, *, whole: bool) -> Samples:
        """Return masks from magnitudes; where no row is the residual's, it gets what they leave."""
        if whole:
            return share(rows, self.mask_power)
        rest = np.maximum(window - rows.sum(axis=0), 0)
        return share(np.concatenate([rows, rest[None]]), self.mask_power)[:-1]


def read(table: Table) -> Magnitude:
    """Read the settings of a manifest of this kind."""
    source = table.table("input")
    axes = source.text("layout", "[bctf]{4}") if source.has("layout") else _AXES
    if sorted(axes) != sorted(_AXES):
        raise source.wrong("layout", f"does not name each of {_AXES} once")
    return Magnitude(**read_masking(table), axes=axes)
