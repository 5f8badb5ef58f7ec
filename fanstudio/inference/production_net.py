"""The net that sets a chain so that one record sounds like another: its inputs, its outputs, its manifest."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.inference.production_chain import Setting, setting
from fanstudio.inference.production_features import BAND_ROWS, BANDS_HZ, DYNAMICS_ROWS, Features

Numbers = NDArray[np.float32]

#: A ratio or a share below this is left out.
_IDLE: Final = 0.02
#: What a net hears of a record: the rows of its bands, one after the other, its dynamics, and its loudness.
WIDTH: Final = len(BAND_ROWS) * len(BANDS_HZ) + len(DYNAMICS_ROWS) + 1


@dataclass(frozen=True, slots=True)
class Knobs:
    """What a net sets beside the equaliser, each 0 to 1; at 0 `ratio`, `drive`, `reverb`, `limiter` are off.

    `threshold` is told against the loudness, `width` does nothing at 0.5.
    """

    threshold: float
    ratio: float
    attack: float
    release: float
    drive: float
    bias: float
    width: float
    reverb: float
    decay: float
    damping: float
    limiter: float

    def numbers(self) -> Numbers:
        """Return the knobs as a row."""
        return np.array(astuple(self), np.float32)

    def effects(self, loudness_lufs: float) -> Iterator[Setting]:
        """Yield the effects behind the equaliser, for sound of a loudness."""
        if self.drive > _IDLE:
            drive_db = 1 + 17 * self.drive - 18 - loudness_lufs
            yield setting(
                "saturation", {"drive_db": drive_db, "bias": 0.6 * self.bias, "mix": 0.3 + 0.7 * self.drive}
            )
        if self.ratio > _IDLE:
            yield setting(
                "compressor",
                {
                    "threshold_db": loudness_lufs - 12 + 22 * self.threshold,
                    "ratio": math.exp(self.ratio * math.log(8)),
                    "attack_ms": _between(1, 80, self.attack),
                    "release_ms": _between(30, 600, self.release),
                },
            )
        if abs(self.width - 0.5) > _IDLE:
            yield setting("width", {"width": 2 * self.width, "bass_hz": 120})
        if self.reverb > _IDLE:
            yield setting(
                "reverb",
                {
                    "mix": 0.35 * self.reverb,
                    "decay_s": _between(0.4, 3.5, self.decay),
                    "damping_hz": _between(2_500, 14_000, self.damping),
                },
            )
        if self.limiter > _IDLE:
            yield setting("limiter", {"drive_db": 12 * self.limiter + max(0.0, -18 - loudness_lufs)})


#: The names of the knobs, in the order of a net's output.
KNOBS: Final = tuple(field.name for field in fields(Knobs))


def numbers_of(features: Features) -> Numbers:
    """Return what a net hears of a record `(WIDTH,)`."""
    return np.concatenate(
        (np.array(features.bands).ravel(), features.dynamics, (features.loudness_lufs,))
    ).astype(np.float32)


def _between(low: float, high: float, share: float) -> float:
    return low * math.exp(share * math.log(high / low))
