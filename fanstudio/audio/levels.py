"""What the meters show: the peak of each track and of the master."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Peak = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Levels:
    """Peaks (left, right), 1.0 being full scale, of tracks behind their faders and of the master."""

    tracks: Mapping[str, Peak] = field(default_factory=dict)
    master: Peak = (0.0, 0.0)


def loudest(several: Iterable[Levels]) -> Levels:
    """Return the highest peak of each strip."""
    tracks: dict[str, Peak] = {}
    master = (0.0, 0.0)
    for levels in several:
        master = _higher(master, levels.master)
        for track_id, peak in levels.tracks.items():
            tracks[track_id] = _higher(tracks.get(track_id, (0.0, 0.0)), peak)
    return Levels(tracks, master)


def _higher(one: Peak, other: Peak) -> Peak:
    return max(one[0], other[0]), max(one[1], other[1])
