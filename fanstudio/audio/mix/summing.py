"""What a bus or the master hears: strips added up in a fixed order, each behind a fader of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from fanstudio.audio.mix.blocks import Block
from fanstudio.audio.mix.fader import MovingFader, Setting
from fanstudio.audio.mix.path import Path
from fanstudio.audio.mix.tap import Reader, Tap

OPEN: Final = Setting()
CLOSED: Final = Setting(gain_db=-float("inf"))


@dataclass(frozen=True, slots=True)
class Input:
    """A strip that is to be heard, as its output or as a send, and how loud."""

    tap: Tap
    sent: bool
    setting: Setting


class Sum:
    """Adds inputs up; those that come and go while the stream goes on are faded in and out."""

    def __init__(self, path: Path, at: int) -> None:
        """Begin at a frame of the stream."""
        self._path = path
        self._at = at
        self._edges: dict[tuple[Tap, bool], _Edge] = {}

    def follow(self, inputs: Iterable[Input], at: int) -> None:
        """Hear other inputs from a frame of the stream on that nobody has asked for.

        At the stream's very beginning they are there at once.
        """
        edges = {}
        for row in inputs:
            key = row.tap, row.sent
            known = self._edges.pop(key) if key in self._edges else None
            edges[key] = known or self._edge(row.tap, CLOSED if at else row.setting)
            edges[key].fader.set(row.setting, at)
        for edge in self._edges.values():
            edge.fader.set(CLOSED, at)
        self._edges = {**edges, **self._edges}

    def read(self, frames: int) -> Block:
        """Return the next frames."""
        # However few there are to hear, nobody may believe that these frames were not asked for.
        self._path.over(self._at, frames)
        total: Block = None
        for edge in self._edges.values():
            block = edge.fader.apply(edge.reader.read(frames), self._at, frames)
            if block is not None:
                total = np.add(block, np.float32(0)) if total is None else np.add(total, block, out=total)
        self._at += frames
        self._drop_silent()
        return total

    def close(self) -> None:
        """Let go of all inputs."""
        for edge in self._edges.values():
            edge.reader.close()
        self._edges.clear()

    def _edge(self, tap: Tap, setting: Setting) -> _Edge:
        return _Edge(tap.open(self._at), MovingFader(setting, self._path))

    def _drop_silent(self) -> None:
        silent = [key for key, edge in self._edges.items() if edge.fader.is_shut]
        for key in silent:
            self._edges.pop(key).reader.close()


@dataclass(frozen=True, slots=True)
class _Edge:
    reader: Reader
    fader: MovingFader
