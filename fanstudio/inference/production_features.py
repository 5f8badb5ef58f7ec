"""What a record's production sounds like, in numbers: spectrum, dynamics, width, fading, loudness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.errors import InputError

Curve = NDArray[np.float64]

#: Third octaves, by their middle, from 31 Hz to 16 kHz.
BANDS_HZ: Final[tuple[float, ...]] = tuple(1000 * 2 ** (step / 3) for step in range(-15, 13))
#: What is told of each band, in dB against the loudness: its mean power; the level that so many percent of
#: frames stay below; how fast it falls and rises from frame to frame; what the sides are against the middle.
BAND_ROWS: Final = (
    "mean",
    "level10",
    "level30",
    "level50",
    "level70",
    "level90",
    "level97",
    "fall10",
    "fall25",
    "rise75",
    "rise90",
    "side",
)
#: What is told of the whole, in dB: peak over loudness; peak over level within a frame; the level of frames
#: and of 0.4 s, against the loudness, that so many percent stay below.
DYNAMICS_ROWS: Final = (
    "crest",
    "frame_crest10",
    "frame_crest50",
    "frame_crest90",
    "frame10",
    "frame50",
    "frame90",
    "frame99",
    "short10",
    "short50",
    "short95",
)
#: Bands that are more than this under the loudest count as so much under it.
FLOOR_DB: Final = 60.0
_VERSION: Final = 1
_MOST_DB: Final = 200.0
_LEAST_HZ: Final = 1_000.0
_MOST_HZ: Final = 400_000.0
#: How many numbers stand under each name of what is written.
_LENGTHS: Final[Mapping[str, int]] = {
    "version": 1,
    "loudness_lufs": 1,
    "true_peak_dbtp": 1,
    "limit_hz": 1,
    "dynamics": len(DYNAMICS_ROWS),
    **dict.fromkeys(BAND_ROWS, len(BANDS_HZ)),
}
_SPREADS: Final = (("level90", "level50"), ("level97", "level50"))


@dataclass(frozen=True, slots=True)
class Features:
    """A record's production; `bands` has a row for each of `BAND_ROWS`, `dynamics` those of `DYNAMICS_ROWS`.

    Bands whose middle lies above `limit_hz` cannot be held at the record's rate and tell nothing.
    """

    loudness_lufs: float
    true_peak_dbtp: float
    limit_hz: float
    bands: tuple[tuple[float, ...], ...]
    dynamics: tuple[float, ...]

    def row(self, name: str) -> Curve:
        """Return one row of `bands`."""
        return np.array(self.bands[BAND_ROWS.index(name)])

    @property
    def spectrum_db(self) -> Curve:
        """Return the mean level of each band, against the loudness; what is far below the loudest is held."""
        mean = self.row("mean")
        held: Curve = np.maximum(mean, mean.max() - FLOOR_DB)
        return held

    @property
    def brightness_hz(self) -> float:
        """Return the middle of gravity of the spectrum, on a scale of octaves."""
        power = 10 ** (self.spectrum_db / 10)
        return float(2 ** ((power * np.log2(BANDS_HZ)).sum() / power.sum()))

    @property
    def width_db(self) -> float:
        """Return how loud the sides are against the middle, over all bands by their level."""
        power = 10 ** (self.spectrum_db / 10)
        return float(10 * np.log10((power * 10 ** (self.row("side") / 10)).sum() / power.sum() + 1e-9))

    def to_plain(self) -> dict[str, list[float]]:
        """Return what TOML and JSON can hold: a list of numbers a name, rounded to a hundredth of a dB."""
        alone = (_VERSION, self.loudness_lufs, self.true_peak_dbtp, self.limit_hz)
        rows = (*((number,) for number in alone), self.dynamics, *self.bands)
        return {name: [round(value, 2) for value in row] for name, row in zip(_LENGTHS, rows, strict=True)}

    @classmethod
    def from_plain(cls, plain: object) -> Features:
        """Read what `to_plain` wrote, from wherever it comes; tuples in place of lists are taken too.

        Raises:
            InputError: something is missing, unknown, no finite number, or beyond what sound can be.

        """
        if not isinstance(plain, Mapping) or set(plain) != set(_LENGTHS):
            raise _damaged()
        version, loudness, peak, limit, dynamics, *bands = (
            _row(plain[name], length, _MOST_HZ if name == "limit_hz" else _MOST_DB)
            for name, length in _LENGTHS.items()
        )
        if version != (_VERSION,) or limit[0] < _LEAST_HZ:
            raise _damaged()
        return cls(loudness[0], peak[0], limit[0], tuple(bands), dynamics)


def shared_bands(one: Features, other: Features) -> NDArray[np.bool_]:
    """Return which bands both records can hold."""
    return np.array(BANDS_HZ) <= min(one.limit_hz, other.limit_hz)


def spectrum_difference(own: Features, wanted: Features) -> Curve:
    """Return by how many dB each band of `wanted` is louder, less what all bands share; 0 where unknown."""
    both = shared_bands(own, wanted)
    difference = wanted.spectrum_db - own.spectrum_db
    difference -= difference[both].mean()
    return np.where(both, difference, 0.0)


def spectrum_error_db(one: Features, other: Features) -> float:
    """Return the mean distance of the spectra of two records: what all bands share does not count."""
    both = shared_bands(one, other)
    return float(np.abs(spectrum_difference(one, other)[both]).mean())


def dynamics_of(features: Features) -> Curve:
    """Return eight measures in dB of how far loud moments stand out, which no change of loudness changes.

    Peak over loudness; the median and the highest tenth of frames' peaks over their level; how far the
    loudest frames, and loud ones, are over middling ones; the same of 0.4 s; and, on the mean over the bands
    within 30 dB of the loudest, how far loud and the loudest frames of a band are over its middling ones.
    How quiet pauses are is the song's, not the production's, and does not count.
    """
    told = dict(zip(DYNAMICS_ROWS, features.dynamics, strict=True))
    power = features.spectrum_db
    counts = (power > power.max() - 30.0) & (np.array(BANDS_HZ) <= features.limit_hz)
    spreads = [float((features.row(high) - features.row(low))[counts].mean()) for high, low in _SPREADS]
    return np.array(
        (
            told["crest"],
            told["frame_crest50"],
            told["frame_crest90"],
            told["frame99"] - told["frame50"],
            told["frame90"] - told["frame50"],
            told["short95"] - told["short50"],
            *spreads,
        )
    )


def dynamics_error_db(one: Features, other: Features) -> float:
    """Return the mean distance of `dynamics_of` of two records."""
    return float(np.abs(dynamics_of(one) - dynamics_of(other)).mean())


def _damaged() -> InputError:
    return InputError("These are not the measures of a record.", hint="Measure the record again.")


def _row(plain: object, length: int, most: float) -> tuple[float, ...]:
    if not isinstance(plain, list | tuple) or len(plain) != length:
        raise _damaged()
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in plain):
        raise _damaged()
    # What is not a number is not within the range either.
    if not all(-most <= value <= most for value in plain):
        raise _damaged()
    return tuple(float(value) for value in plain)
