"""One thing taking another's place at a frame of the stream, faded so that nothing clicks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final, Generic, TypeVar

import numpy as np

from fanstudio.audio.mix.blocks import Block, blended, joined
from fanstudio.audio.samples import Samples

T = TypeVar("T")

RAMP_S: Final = 0.01


class Turn(Generic[T]):
    """A value that changes at frames of the stream; each change is a crossfade of 10 ms.

    What sounds is a function of the frame, so that it does not depend on how the stream is cut.
    """

    def __init__(self, value: T, sample_rate: int) -> None:
        """Start with a value, at rest."""
        self._ramp = max(1, round(RAMP_S * sample_rate))
        self._steps = [(0, value)]
        #: The value that it is or will be.
        self.now = value
        #: Whether only one value is heard.
        self.steady = True

    @property
    def values(self) -> tuple[T, ...]:
        """Return the values that are still heard or will be."""
        return tuple(value for _at, value in self._steps)

    def change(self, value: T, at: int) -> None:
        """Fade to another value from a frame on that was not asked for yet, or when the last fade is over."""
        if not self.steady:
            at = max(at, self._steps[-1][0] + self._ramp)
        self._steps.append((at, value))
        self.now, self.steady = value, False

    def over(self, stream: int, frames: int, ask: Callable[[T, int, int], Block]) -> Block:
        """Return what the values make of some frames, which follow those asked for before."""
        if not self.steady:
            self.settle(stream)
        if self.steady:
            return ask(self.now, stream, frames)
        end = stream + frames
        edges = {edge for at, _value in self._steps[1:] for edge in (at, at + self._ramp)}
        cuts = [stream, *sorted(edge for edge in edges if stream < edge < end), end]
        result = joined(
            (self._piece(first, last - first, ask), last - first) for first, last in pairwise(cuts)
        )
        self.settle(end)
        return result

    def settle(self, stream: int) -> None:
        """Forget values that are heard no more from a frame on."""
        while len(self._steps) > 1 and self._steps[1][0] + self._ramp <= stream:
            del self._steps[0]
        self.steady = len(self._steps) == 1

    def _piece(self, stream: int, frames: int, ask: Callable[[T, int, int], Block]) -> Block:
        index = max(number for number, (at, _) in enumerate(self._steps) if at <= stream or not number)
        at, value = self._steps[index]
        now = ask(value, stream, frames)
        if not index or stream >= at + self._ramp:
            return now
        before = ask(self._steps[index - 1][1], stream, frames)
        return blended(before, now, self._share(stream - at, frames))

    def _share(self, first: int, frames: int) -> Samples:
        time = (np.arange(first, first + frames) + 0.5) / self._ramp
        share: Samples = (time * time * (3 - 2 * time)).astype(np.float32)
        return share
