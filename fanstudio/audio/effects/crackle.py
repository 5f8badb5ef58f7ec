"""The clicks of a record, by chance of the timeline frame: dust anywhere, scratches once a turn."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from fanstudio.audio.effects.by_frame import Frames, uniform
from fanstudio.audio.filters import Values

#: In each cell of this length there is one click at most.
_CELL_S: Final = 0.004
_CLICK_S: Final = 0.0025
#: The share of cells with a click where the level is 1.
_DUSTY: Final = 0.4
_SCRATCHED: Final = 0.012
#: At 33 1/3 turns a minute.
_TURN_S: Final = 1.8
#: A scratch is met in so many turns.
_SCRATCH_TURNS: Final = 12
_LOWEST_HZ: Final = 900.0
_HIGHEST_HZ: Final = 5_000.0
#: What chance says of a cell: its rank (the lower, the sooner it clicks), and what the click is like.
_TRAITS: Final = 5


class Crackle:
    """Clicks at any frame, the same ones each time; the more, the higher the level.

    A click is a short ring, most of them quiet, a few of them loud, each somewhere between both sides;
    all are as loud as the level says.
    """

    def __init__(self, sample_rate: int, channels: int, seed: int) -> None:
        """Stand by a rate, a number of channels, and a seed: another record."""
        self._rate, self._channels, self._seed = sample_rate, channels, seed
        self._cell = max(4, round(_CELL_S * sample_rate))
        self._length = round(_CLICK_S * sample_rate)
        self._turn = round(_TURN_S * sample_rate / self._cell)

    def over(self, first: int, dust: Values, scratches: Values) -> Values:
        """Return the clicks `(channels, frames)` from a frame on, at levels 0–1 for each of them."""
        heard = np.zeros((self._channels, len(dust)))
        cell = (first - self._length) // self._cell
        cells = np.arange(cell, (first + len(dust) - 1) // self._cell + 1)
        start = cell * self._cell - first
        if dust.any():
            self._strike(heard, start, _traits(cells, self._seed), dust, _DUSTY)
        if scratches.any():
            self._strike(heard, start, self._scratches(cells), scratches, _SCRATCHED)
        return heard

    def _scratches(self, cells: Frames) -> Values:
        """Return the traits of places on the disc, which come back once a turn for a while."""
        turn, place = np.divmod(cells, self._turn)
        groove = (turn + place) // _SCRATCH_TURNS
        return _traits(groove * self._turn + place, self._seed + 1)

    def _strike(self, heard: Values, start: int, traits: Values, levels: Values, share: float) -> None:
        """Add the clicks of a share of cells, which begin at `start`: at a higher level more, and louder."""
        ranks = traits[0] / share
        for index in np.flatnonzero(ranks < levels.max()):
            _, place, force, colour, side = traits[:, index]
            begin = start + int(index) * self._cell + int(place * self._cell)
            span = slice(max(0, begin), max(0, min(heard.shape[1], begin + self._length)))
            if span.start < span.stop:
                click = self._click(force, colour)[span.start - begin : span.stop - begin]
                level = np.clip(8 * (levels[span] - ranks[index]), 0, levels[span])
                heard[:, span] += self._sides(side) * (click * level)

    def _click(self, force: float, colour: float) -> Values:
        hertz = min(_LOWEST_HZ * (_HIGHEST_HZ / _LOWEST_HZ) ** colour, 0.35 * self._rate)
        time = np.arange(self._length) / self._rate
        ring = np.sin(2 * np.pi * hertz * time) * np.exp(-time * hertz / 1.2)
        loudness = 0.04 + 0.96 * force**12
        click: Values = ring * (loudness * (1 - time / _CLICK_S))
        return click

    def _sides(self, side: float) -> Values:
        if self._channels == 1:
            return np.ones((1, 1))
        angle = (0.15 + 0.7 * side) * math.pi / 2
        return np.array([[math.cos(angle)], [math.sin(angle)]])


def _traits(cells: Frames, seed: int) -> Values:
    """Return what chance says of cells, `(traits, cells)`."""
    return uniform(_TRAITS * cells + np.arange(_TRAITS)[:, None], seed)
