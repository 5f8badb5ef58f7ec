"""A strip: a stream through its effects and its fader, read by all that it feeds."""

from __future__ import annotations

from dataclasses import dataclass

from fanstudio.audio.levels import Peak, higher, peak_of
from fanstudio.audio.mix.blocks import Block
from fanstudio.audio.mix.fader import MovingFader, Setting
from fanstudio.audio.mix.insert import Insert
from fanstudio.audio.mix.path import Path
from fanstudio.audio.mix.rack import Rack
from fanstudio.audio.mix.tap import Stream, Tap
from fanstudio.audio.mix.tuning import Curves, Slots


@dataclass(frozen=True, slots=True)
class Knobs:
    """How a strip is set: its effects, its fader, and the curves that rule its effects."""

    slots: Slots
    fader: Setting
    curves: Curves


class Strip:
    """Gives what its source sounds like behind effects and fader."""

    def __init__(self, source: Stream, path: Path, at: int, knobs: Knobs, *, metered: bool) -> None:
        """Begin at a frame of the stream with a source whose next frame is the same."""
        self._source = source
        self._at = at
        self._insert = Insert(source.read, path, at, knobs.slots, knobs.curves)
        self._fader = MovingFader(knobs.fader, path)
        self._metered = metered
        self._peak: Peak | None = None
        self.tap = Tap(self, at)

    @property
    def rack(self) -> Rack:
        """Return the effects at work."""
        return self._insert.rack

    def read(self, frames: int) -> Block:
        """Return the next frames."""
        block = self._fader.apply(self._insert.read(frames), self._at, frames)
        self._at += frames
        if self._metered and block is not None:
            self._peak = higher(self._peak or (0.0, 0.0), peak_of(block))
        return block

    def take_peak(self) -> Peak | None:
        """Return the peak since it was last taken; None where nothing sounded, or it is not metered."""
        peak, self._peak = self._peak, None
        return peak

    def change(self, knobs: Knobs, at: int) -> None:
        """Set it anew from a frame of the stream on that nobody has asked for."""
        self._insert.change(knobs.slots, knobs.curves)
        self._fader.set(knobs.fader, at)

    def close(self) -> None:
        """Let go of the source."""
        self._source.close()
