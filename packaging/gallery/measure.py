"""Measures what a style did to a sound: level, peaks, clicks, holes, hiss, and what mono keeps of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.loudness import LoudnessMeter
from fanstudio.audio.samples import Samples

#: Levels are compared 100 times a second; a hole is shorter than a rest and longer than an attack's gap.
_STEPS_PER_S = 100
_SILENT_DB, _SOUNDING_DB, _LEAST_HOLE_S = -65.0, -40.0, 0.08
_HIGH_HZ = 10_000.0
_TINY = 1e-12

Levels = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is measured of one sound. `click_db` is the biggest second difference against full scale;
    `high_db` what lies above 10 kHz against all; `mono_db` what the sum of the sides keeps of their power."""

    lufs: float
    peak_dbtp: float
    crest_db: float
    click_db: float
    high_db: float
    mono_db: float
    dc_db: float


def measure(sound: Samples, rate: int) -> Figures:
    """Return the figures of a sound `(channels, frames)`."""
    meter = LoudnessMeter(rate, sound.shape[0])
    meter.add(sound)
    power = float(np.square(sound, dtype=np.float64).mean())
    middle = float(np.square(sound.mean(axis=0, dtype=np.float64)).mean())
    bends = float(np.abs(np.diff(sound.astype(np.float64), 2, axis=1)).max(initial=0.0))
    return Figures(
        lufs=meter.integrated_lufs,
        peak_dbtp=meter.true_peak_dbtp,
        crest_db=_db(float(np.square(sound).max(initial=0.0)) / max(power, _TINY)),
        click_db=_db(bends**2),
        high_db=_db(_high_share(sound, rate)),
        mono_db=_db(middle / max(power, _TINY)),
        dc_db=_db(float(np.square(sound.mean(axis=1, dtype=np.float64)).max())),
    )


def find_holes(
    before: Samples, after: Samples, rate: int, stretch: float = 1.0
) -> tuple[tuple[float, float], ...]:
    """Return where it is silent while the source sounds: start in the sound after, and length, in seconds.

    `stretch` is how much longer the sound after plays; its tail is left out.
    """
    was, now = _levels(before, rate), _levels(after, rate)
    places = (np.arange(len(now)) / stretch).astype(int)
    was, now = was[places[places < len(was)]], now[places < len(was)]
    hole = np.concatenate(([False], (now < _SILENT_DB) & (was > _SOUNDING_DB), [False]))
    edges = np.flatnonzero(np.diff(hole.astype(np.int8)))
    spans = zip(edges[::2] / _STEPS_PER_S, edges[1::2] / _STEPS_PER_S, strict=True)
    return tuple((start, end - start) for start, end in spans if end - start >= _LEAST_HOLE_S)


def _levels(sound: Samples, rate: int) -> Levels:
    step = rate // _STEPS_PER_S
    whole = sound[:, : sound.shape[1] // step * step]
    power = np.square(whole, dtype=np.float64).mean(axis=0).reshape(-1, step).mean(axis=1)
    levels: Levels = 10 * np.log10(np.maximum(power, _TINY))
    return levels


def _high_share(sound: Samples, rate: int) -> float:
    power = np.square(np.abs(np.fft.rfft(sound.mean(axis=0, dtype=np.float64))))
    first = round(_HIGH_HZ * sound.shape[1] / rate)
    return float(power[first:].sum() / max(float(power.sum()), _TINY))


def _db(power: float) -> float:
    return float(10 * np.log10(max(power, _TINY)))
