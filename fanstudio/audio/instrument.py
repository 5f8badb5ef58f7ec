"""An instrument as zones: which samples sound for which keys and strengths, and how they are held."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import soxr

from fanstudio.audio.between import TAPS
from fanstudio.audio.samples import Samples

#: Semitones by which a note may be bent before it is limited.
MOST_BEND: Final = 2.5
#: Samples are kept this much denser than their sound needs, so that few taps read between them.
_DENSER = 2


@dataclass(frozen=True, slots=True)
class Recorded:
    """A zone's sound at its own rate `(channels, frames)`, and the frames between which it repeats."""

    samples: Samples
    sample_rate: int
    loop: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """What sounds for keys `lowest`..`highest` struck `softest`..`hardest`; `root` is the pitch it has.

    It was struck with `force`, 0..1, and is to play `gain_db` louder than it is. `read` gives its sound.
    """

    read: Callable[[], Recorded]
    root: float
    lowest: int
    highest: int
    softest: float = 0.0
    hardest: float = 1.0
    force: float = 0.8
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Instrument:
    """What plays notes: its zones, its range in MIDI notes, how it speaks and how it is let go.

    `bends` tells whether its pitch can slide, `sustained` whether a note lasts until it is let go, so that
    its strength can change meanwhile; `computed` whether it is formulas rather than samples.
    """

    id: str
    title: str
    family: str
    zones: tuple[Zone, ...]
    lowest: int
    highest: int
    attack_s: float = 0.0
    release_s: float = 0.2
    bends: bool = True
    sustained: bool = False
    computed: bool = False

    def zone(self, note: int, velocity: float) -> Zone:
        """Return the zone for a note: of those nearest to it, the one for how hard it is struck."""
        return min(self.zones, key=lambda zone: (_outside(zone, note), _beyond(zone, velocity)))


def _outside(zone: Zone, note: int) -> int:
    return max(zone.lowest - note, note - zone.highest, 0)


def _beyond(zone: Zone, velocity: float) -> float:
    return max(zone.softest - velocity, velocity - zone.hardest, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Tone:
    """A zone `(channels, frames)` ready to be played at a rate, where no key of it folds back.

    Its sound fills half of what its frames could hold, so that few taps read between them. `step` is how many
    of its frames go by in one frame when its root is played; TAPS silent frames lie on either side.
    """

    samples: Samples
    step: float
    root: float
    loop: tuple[float, float] | None = None


class Tones:
    """The zones of an instrument that were needed so far, ready at one rate; safe from several threads."""

    def __init__(self, instrument: Instrument, sample_rate: int) -> None:
        """Read nothing yet."""
        self.instrument = instrument
        self.sample_rate = sample_rate
        self._tones: dict[int, Tone] = {}
        self._reading = threading.Lock()

    def tone(self, note: int, velocity: float) -> tuple[Zone, Tone]:
        """Return the zone for a note and its sound.

        Raises:
            AudioFileError: its file is missing or damaged.

        """
        zone = self.instrument.zone(note, velocity)
        with self._reading:
            if id(zone) not in self._tones:
                self._tones[id(zone)] = _ready(zone, self.sample_rate)
            return zone, self._tones[id(zone)]


def _ready(zone: Zone, sample_rate: int) -> Tone:
    """Bring a zone to a rate at which its highest key is read no faster than its sound allows."""
    recorded = zone.read()
    reach = 2 ** (max(0.0, zone.highest + MOST_BEND - zone.root) / 12)
    kept = min(recorded.sample_rate, max(1, int(sample_rate / reach)))
    samples = _unrolled(recorded.samples, recorded.loop, recorded.sample_rate)
    frames = soxr.resample(np.ascontiguousarray(samples.T), recorded.sample_rate, kept, "VHQ")
    dense = soxr.resample(frames, kept, _DENSER * kept, "VHQ").T
    scale = _DENSER * kept / recorded.sample_rate
    loop = None
    if recorded.loop is not None:
        loop = TAPS + recorded.loop[0] * scale, TAPS + recorded.loop[1] * scale
    ready = np.pad(np.asarray(dense, np.float32), ((0, 0), (TAPS, TAPS)))
    return Tone(ready, _DENSER * kept / sample_rate, zone.root, loop)


def _unrolled(samples: Samples, loop: tuple[int, int] | None, rate: int) -> Samples:
    """Return samples with the beginning of their loop after its end, so that filters find no edge there."""
    if loop is None:
        return samples
    more = np.arange(loop[1], loop[1] + max(64, rate // 50))
    return samples[:, np.concatenate((np.arange(loop[1]), loop[0] + (more - loop[0]) % (loop[1] - loop[0])))]
