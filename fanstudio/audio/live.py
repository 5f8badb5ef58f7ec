"""Stems that play while they are being made, from files that fill in any order.

Where a stem is not there yet, the last of them plays the mix as long as every stem is audible, for
they add up to it; all others, and all of them otherwise, are silent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.ranges import Ranges
from fanstudio.audio.samples import Readable, Samples, silence
from fanstudio.audio.wav import read_placed

#: Sound that begins or ends where ground is not split yet rises or falls over so many frames.
RAMP_FRAMES = 256


@dataclass(frozen=True, slots=True)
class _View:
    """What is there of one stretch: the same for all stems, or they would not add up to the mix."""

    #: With what follows, as far as a ramp reaches.
    there: tuple[tuple[int, int], ...]
    #: What stands in for what is not there.
    mix: Readable | None


class LiveStems:
    """The stems of one song; one thread adds what is there, another plays."""

    def __init__(self, files: Mapping[str, Path], channels: int, frames: int, carrier: str | None) -> None:
        """Take files, by source id, that a `PlacedWav` writes each.

        `carrier` is the stem that stands in for the mix; without one, as where only some stems are
        kept, what is not there is silent.
        """
        self.shape = channels, frames
        self.ready = Ranges()
        #: Tells whether every stem is heard.
        self.all_audible = True
        #: The mix, once it is at hand.
        self.mix: Readable | None = None
        self._stems = {key: LiveSamples(self, path, key == carrier) for key, path in files.items()}
        self._asked: set[LiveSamples] = set()
        self._stretch = 0, 0
        self._view = _View((), None)

    def __getitem__(self, source_id: str) -> LiveSamples:
        """Return a stem as the renderer reads it."""
        return self._stems[source_id]

    def withdraw(self) -> None:
        """Play nothing of the stems any more, before their files go: the mix, as far as it stands in."""
        self.ready = Ranges()

    def view(self, asking: LiveSamples, start: int, stop: int) -> _View:
        """Return what is there, looked up once for each stretch that the stems are asked for in turn."""
        if self._stretch != (start, stop) or asking in self._asked:
            self._stretch = start, stop
            self._asked.clear()
            self._view = self._look(start, stop)
        self._asked.add(asking)
        return self._view

    def _look(self, start: int, stop: int) -> _View:
        there = self.ready.within(start, stop + RAMP_FRAMES)
        return _View(tuple(there), self.mix if self.all_audible else None)


class LiveSamples:
    """One stem, read in slices as samples `(channels, frames)` are; one thread plays it."""

    def __init__(self, stems: LiveStems, path: Path, carries_mix: bool) -> None:
        """Read `path`."""
        self.shape = stems.shape
        self._stems = stems
        self._path = path
        self._carries_mix = carries_mix
        self._whole: Readable | None = None
        #: Where the last block ended, and at what gain.
        self._next, self._gain = -1, 0.0

    def finish(self, whole: Readable) -> None:
        """Play these samples, which hold the same sound, from now on: the file is about to be moved."""
        self._whole = whole

    def peek(self, start: int, stop: int) -> Samples:
        """Return what the file holds; silence where nothing was written, or the file is gone."""
        try:
            return read_placed(self._path, self.shape[0], start, stop - start)
        except OSError:
            return silence(self.shape[0], stop - start)

    def __getitem__(self, key: tuple[slice, slice]) -> Samples:
        """Return frames `key[1]` of every channel."""
        start, stop, _ = key[1].indices(self.shape[1])
        if self._whole is not None:
            return self._whole[:, start:stop]
        view = self._stems.view(self, start, stop)
        block = silence(self.shape[0], stop - start)
        if self._carries_mix and view.mix is not None:
            block[:] = view.mix[:, start:stop]
        gain = self._gain if start == self._next else 1.0
        self._next, self._gain = stop, 0.0
        for first, end in view.there:
            last = min(end, stop)
            if first >= last:
                break
            stem = self.peek(first, last)
            if view.mix is None:
                gains = self._gains(gain if first == start else 0.0, first, last, end)
                stem = stem * gains[:-1]
                self._gain = float(gains[-1]) if last == stop else 0.0
            else:
                self._gain = 1.0 if last == stop else 0.0
            block[:, first - start : last - start] = stem
        return block

    def _gains(self, gain: float, first: int, last: int, end: int) -> NDArray[np.float32]:
        """Return the gains of frames `first` up to and with `last`: up from `gain`, down to 0 at `end`."""
        frames = np.arange(first, last + 1)
        gains = np.minimum(1.0, gain + (frames - first) / RAMP_FRAMES)
        if end < min(last + RAMP_FRAMES, self.shape[1]):
            gains = np.minimum(gains, (end - frames) / RAMP_FRAMES)
        return gains.astype(np.float32)
