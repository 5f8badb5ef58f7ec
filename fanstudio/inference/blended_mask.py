"""The kind `blended_mask`: a net's masks of drums, bass and other, averaged with the rule of thumb's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fanstudio.audio.samples import Samples
from fanstudio.inference.masking import MagnitudeMask, read_masking
from fanstudio.inference.rule_of_thumb import RATE, STEMS, STFT, share
from fanstudio.inference.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendedMask(MagnitudeMask):
    """A `MagnitudeMask` with rows drums, bass and other; the rule counts `rule_weight`, the net the rest.

    A small net and the rule err in different places: their mean is better than either.
    """

    rule_weight: float

    def masks(self, rows: Samples, window: Samples, *, whole: bool) -> Samples:
        """Return the averaged masks for a window of magnitudes."""
        masks: Samples = rows + np.float32(self.rule_weight) * (share(window[None])[0] - rows)
        return masks


def read(table: Table) -> BlendedMask:
    """Read the settings of a manifest of this kind."""
    post = table.table("post")
    rows = [(stem, row) for file in table.tables("files") for stem, row in _rows(file)]
    if rows != list(zip(STEMS, range(len(STEMS)), strict=True)):
        raise table.wrong("files", f"do not give {', '.join(STEMS)} as the rows 0, 1 and 2")
    kind = BlendedMask(**read_masking(table), rule_weight=post.number("rule_weight", 0.0, 1.0))
    if kind.stft != STFT or table.integer("sample_rate", 8000, 192_000) != RATE:
        raise table.wrong("stft", f"is not that of the rule: {STFT.n_fft} and {STFT.hop} at {RATE} Hz")
    return kind


def _rows(file: Table) -> list[tuple[object, object]]:
    return list(zip(file.items("stems"), file.items("rows"), strict=False))
