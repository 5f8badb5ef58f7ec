"""Lets several read one stream, each at its own pace."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from fanstudio.audio.mix.blocks import Block, joined


class Stream(Protocol):
    """What is read on and on."""

    def read(self, frames: int) -> Block:
        """Return the next frames."""

    def close(self) -> None:
        """Let go of what it reads from."""


class Tap:
    """Reads a stream as far as the furthest reader, and keeps what others have yet to read."""

    def __init__(self, stream: Stream, at: int) -> None:
        """Take a stream whose next frame is `at`."""
        self._stream = stream
        self._until = at
        self._kept: deque[tuple[int, Block, int]] = deque()
        self._readers: list[Reader] = []

    def open(self, at: int) -> Reader:
        """Return a reader that begins at a frame; what is gone already is silent to it."""
        reader = Reader(self, at)
        self._readers.append(reader)
        return reader

    def read(self, reader: Reader, frames: int) -> Block:
        """Return a reader's next frames."""
        start, end = reader.at, reader.at + frames
        reader.at = end
        if len(self._readers) == 1 and start == self._until:
            self._kept.clear()
            self._until = end
            return self._stream.read(frames)
        if end > self._until:
            self._kept.append((self._until, self._stream.read(end - self._until), end - self._until))
            self._until = end
        block = joined(self._pieces(start, end))
        self._forget()
        return block

    def close(self, reader: Reader) -> None:
        """Forget a reader; the last one closes the stream."""
        self._readers.remove(reader)
        if not self._readers:
            self._stream.close()

    def _pieces(self, start: int, end: int) -> list[tuple[Block, int]]:
        pieces: list[tuple[Block, int]] = []
        for at, block, frames in self._kept:
            first, last = max(start, at), min(end, at + frames)
            if first >= last:
                continue
            if first > start:
                pieces.append((None, first - start))
            pieces.append((None if block is None else block[:, first - at : last - at], last - first))
            start = last
        return pieces if start == end else [*pieces, (None, end - start)]

    def _forget(self) -> None:
        oldest = min(reader.at for reader in self._readers)
        while self._kept and self._kept[0][0] + self._kept[0][2] <= oldest:
            self._kept.popleft()


class Reader:
    """One who reads a tap."""

    def __init__(self, tap: Tap, at: int) -> None:
        """Begin at a frame."""
        self.tap = tap
        self.at = at

    def read(self, frames: int) -> Block:
        """Return the next frames."""
        return self.tap.read(self, frames)

    def close(self) -> None:
        """Read no more."""
        self.tap.close(self)
