"""Where a strip's effects sit: chunks in, blocks of any length out, and changes without a click."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fanstudio.audio.effects.effect import CHUNK_FRAMES
from fanstudio.audio.mix.blocks import Block
from fanstudio.audio.mix.path import Path
from fanstudio.audio.mix.rack import Rack
from fanstudio.audio.mix.run import Run
from fanstudio.audio.mix.tuning import Curves, Slots
from fanstudio.audio.mix.turn import Turn
from fanstudio.audio.samples import silence


class Insert:
    """Reads its source as far ahead as its effects are late, so that what comes out lies in time.

    Chunks lie on the timeline's grid from where the stream began. Without effects it reads through.
    """

    def __init__(
        self,
        source: Callable[[int], Block],
        path: Path,
        at: int,
        slots: Slots,
        curves: Curves,
    ) -> None:
        """Begin at a frame of the stream with a source whose next frame is the same."""
        self._source = source
        self._path = path
        self._fed = self._next = at
        self.rack = Rack(slots, curves, path.sample_rate, path.position(at))
        self._runs = None if self.rack.empty else Turn(self._begin(self.rack), path.sample_rate)

    def read(self, frames: int) -> Block:
        """Return the next frames."""
        self._next += frames
        if self._runs is None:
            self._fed += frames
            return self._source(frames)
        while (missing := self._next - min(run.until for run in self._runs.values)) > 0:
            self._feed(missing, self._runs.values)
        return self._runs.over(self._next - frames, frames, Run.take)

    def change(self, slots: Slots, curves: Curves) -> None:
        """Take over values; where effects came, went or moved, make them anew and fade over to them."""
        if self.rack.matches(slots):
            self.rack.set(slots, curves)
            return
        past = self.rack
        self.rack = Rack(slots, curves, self._path.sample_rate, self._path.position(self._fed), past)
        if self._runs is None:
            self._runs = Turn(self._begin(past), self._path.sample_rate)
        last = self._runs.now
        run = self._begin(self.rack, last)
        self._runs.change(run, max(last.until, run.until, self._next))

    def _begin(self, rack: Rack, past: Run | None = None) -> Run:
        amid = (past is None or past.rack.empty) and self._path.position(self._fed) > 0
        return Run(rack, self._fed - self._lead(), self._path.sample_rate, past, amid=amid)

    def _lead(self) -> int:
        return self._path.into_chunk(self._fed)

    def _feed(self, missing: int, runs: tuple[Run, ...]) -> None:
        """Read whole chunks, and give them to all runs."""
        lead = self._lead()
        frames = -(-missing // CHUNK_FRAMES) * CHUNK_FRAMES - lead
        first = self._path.position(self._fed) - lead
        block = self._source(frames)
        if lead and block is not None:
            block = np.concatenate((silence(2, lead), block), axis=1)
        for at in range(0, lead + frames, CHUNK_FRAMES):
            position = self._path.position(self._fed - lead + at) if at else first
            chunk = None if block is None else block[:, at : at + CHUNK_FRAMES]
            for run in runs:
                run.push(chunk, position)
        self._fed += frames
