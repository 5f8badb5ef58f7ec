"""Finds a mark in audio that was played faster or slower, stretched or transposed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.export.watermark import tiles
from fanstudio.export.watermark.alignment import (
    Candidate,
    Template,
    best_places,
    correlate,
    fold,
    parts,
    template,
)
from fanstudio.export.watermark.analysis import BLOCK_STEPS, Bytes, whiten_steps
from fanstudio.export.watermark.tiles import Floats, Pattern
from fanstudio.jobs import Work

Sums = NDArray[np.float64]

#: A grid this fine loses a quarter of a tile over the half of a 20 s block.
_COARSE: Final = 0.0025
_FINE: Final = 0.0006
_FINE_STEPS: Final = 2
_PITCH_STEP: Final = 0.0145
_TEMPO_RANGE: Final = (0.74, 1.36)
_PITCH_RANGE: Final = (0.84, 1.19)
_FINALISTS: Final = 6
_PLACES: Final = 2


@dataclass(frozen=True, slots=True)
class Change:
    """How audio was changed: `tempo` and `pitch` are ratios, above 1 for faster and higher."""

    tempo: float = 1.0
    pitch: float = 1.0


def changes() -> Iterator[Change]:
    """Yield what edits do: both alike (played faster), tempo alone, pitch alone."""
    tempos = _ratios(*_TEMPO_RANGE, _COARSE)
    yield from (Change(ratio, ratio) for ratio in tempos)
    yield from (Change(ratio, 1.0) for ratio in tempos)
    yield from (Change(1.0, ratio) for ratio in _ratios(*_PITCH_RANGE, _PITCH_STEP))


def search(work: Work, head: Floats, pattern: Pattern) -> Iterator[tuple[Change, Candidate]]:
    """Yield what to decode for the likeliest changes, best first, from the power of the audio's head."""
    sync = template(pattern.sync)
    sums = cumulate(head)
    scored = []
    for change in changes():
        work.check()
        scored.append((_score(undo(sums, change), sync), change))
    scored.sort(key=lambda pair: -pair[0])
    for _, change in scored[:_FINALISTS]:
        for near in _around(change):
            work.check()
            whitened = undo(sums, near)
            for part in parts(len(whitened), BLOCK_STEPS):
                folded = fold(whitened[part], part.start)
                for candidate in best_places(folded, pattern, sync, _PLACES):
                    yield near, candidate


def cumulate(power: Floats) -> Sums:
    """Return the running sums of power (steps, bins) over bins, so that a band is a difference.

    The result is (bins + 1, steps); float32 would lose a quiet band above a loud one.
    """
    sums: Sums = np.pad(np.cumsum(power.T, axis=0, dtype=np.float64), ((1, 0), (0, 0)))
    return sums


def undo(sums: Sums, change: Change) -> Bytes:
    """Return the whitened tiles of audio whose change is taken back, from `cumulate`'s sums."""
    bins, count = sums.shape
    edges = np.minimum(tiles.band_edges() * change.pitch, bins - 1.001)
    energies = np.diff(_interpolate(sums, edges), axis=0).T
    steps = np.arange(int((count - 1) * change.tempo)) / change.tempo
    return whiten_steps(_interpolate(energies, steps).astype(np.float32))


def _interpolate(rows: Sums, places: NDArray[np.float64]) -> Sums:
    """Return rows of a table at fractional places, linearly; never outside what lies between."""
    below = places.astype(np.int64)
    share = (places - below)[:, None]
    between: Sums = rows[below] + (rows[below + 1] - rows[below]) * share
    return between


def _score(whitened: Bytes, sync: Template) -> float:
    """Return the best agreement of the sync tiles with any 20 s part."""
    return max(
        float(correlate(fold(whitened[part], part.start), sync).max())
        for part in parts(len(whitened), BLOCK_STEPS)
    )


def _around(change: Change) -> Iterator[Change]:
    for step in sorted(range(-_FINE_STEPS, _FINE_STEPS + 1), key=abs):
        factor = 1 + step * _FINE
        alike = change.tempo == change.pitch
        yield Change(change.tempo * factor, change.pitch * factor if alike else change.pitch)


def _ratios(lowest: float, highest: float, step: float) -> list[float]:
    """Return ratios from `lowest` to `highest`, evenly spaced in the logarithm, 1 left out."""
    numbers = range(int(np.log(lowest) / step), int(np.log(highest) / step) + 1)
    return [float(np.exp(number * step)) for number in numbers if number]
