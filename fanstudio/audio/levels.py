"""What the meters show: the peaks of tracks, buses and the master, and how far effects turn down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from fanstudio.audio.samples import Samples

Peak = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Levels:
    """Peaks (left, right) behind the faders, 1.0 being full scale; strips that are silent have none.

    `reductions` holds by how many dB a compressor, a limiter and the like turn down, by the slot's id.
    """

    tracks: Mapping[str, Peak] = field(default_factory=dict)
    master: Peak = (0.0, 0.0)
    buses: Mapping[str, Peak] = field(default_factory=dict)
    reductions: Mapping[str, float] = field(default_factory=dict)


def loudest(several: Iterable[Levels]) -> Levels:
    """Return the highest peak of each strip, and the deepest reduction of each effect."""
    tracks: dict[str, Peak] = {}
    buses: dict[str, Peak] = {}
    reductions: dict[str, float] = {}
    master = (0.0, 0.0)
    for levels in several:
        master = higher(master, levels.master)
        for found, peaks in ((tracks, levels.tracks), (buses, levels.buses)):
            found.update({key: higher(found.get(key, peak), peak) for key, peak in peaks.items()})
        deeper = {key: max(reductions.get(key, 0.0), value) for key, value in levels.reductions.items()}
        reductions.update(deeper)
    return Levels(tracks, master, buses, reductions)


def higher(one: Peak, other: Peak) -> Peak:
    """Return the higher peak of each side."""
    return max(one[0], other[0]), max(one[1], other[1])


def peak_of(block: Samples) -> Peak:
    """Return the peak of a block `(2, frames)`."""
    if not block.shape[1]:
        return 0.0, 0.0
    high = np.maximum(block.max(axis=1), -block.min(axis=1))
    return float(high[0]), float(high[1])
