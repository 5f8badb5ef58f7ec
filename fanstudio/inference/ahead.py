"""Splits a song in the order in which it is wanted, such as ahead of the playhead.

A run begins at the last entry of the splitter's grid before a gap and goes on until it reaches ground
that is split already, or until somebody wants a gap elsewhere. The stems do not depend on the order:
they are those of one run over the whole song (`Separator.entry` says how exactly).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fanstudio.audio.ranges import Ranges
from fanstudio.audio.samples import Readable, Samples
from fanstudio.inference.cascade import Splitter
from fanstudio.jobs import Work

_BLOCK_FRAMES = 1 << 16

#: Stems by name from one frame of the song on, equally long.
Piece = tuple[int, dict[str, Samples]]


class AheadSplit:
    """One song being split; `ready` says which frames of it have been yielded."""

    def __init__(self, splitter: Splitter, mix: Readable, sample_rate: int, rms: float) -> None:
        """Split `mix` `(channels, frames)`; `rms` is the whole song's."""
        self._splitter = splitter
        self._mix = mix
        self._rate = sample_rate
        self._rms = rms
        self.ready = Ranges()

    def pieces(self, work: Work, wanted: Callable[[], int]) -> Iterator[Piece]:
        """Yield every frame of the song once, what follows `wanted()` as early as the grid allows.

        Raises:
            InputError, ModelError, Cancelled: as `Separator.split` does.

        """
        while (gap := self._next_gap(wanted())) is not None:
            for at, stems in self._run(work, *gap):
                yield at, stems
                end = at + _length(stems)
                self.ready.add(at, end)
                if end >= gap[1] or self._is_elsewhere(wanted(), end):
                    break

    def _next_gap(self, frame: int) -> tuple[int, int] | None:
        """Return the gap at or after `frame`; the song's first where there is none."""
        length = self._mix.shape[1]
        gaps = self.ready.gaps(min(max(0, frame), length), length)
        return next(gaps, None) or next(self.ready.gaps(0, length), None)

    def _is_elsewhere(self, wanted: int, end: int) -> bool:
        """Tell whether a new run would come to the wanted gap sooner than the one that has come to `end`."""
        gap = self._next_gap(wanted)
        return gap is not None and (gap[0] < end or self._splitter.entry(self._rate, gap[0]).heard_from > end)

    def _run(self, work: Work, start: int, end: int) -> Iterator[Piece]:
        """Yield pieces of a gap from `start` up to `end`, and before them what comes out on the way there."""
        entry = self._splitter.entry(self._rate, start)
        start = max((ready for _, ready in self.ready if ready <= start), default=0)
        length = self._mix.shape[1]
        pieces = self._splitter.split(
            self._told_of_the_whole(work),
            _cut(self._mix, entry.read_from),
            sample_rate=self._rate,
            length_frames=length,
            rms=self._rms,
            entry=entry,
        )
        at = entry.heard_from
        for stems in pieces:
            first, at = at, at + _length(stems)
            low, high = max(first, start), min(at, end)
            if low < high:
                yield low, {name: stem[:, low - first : high - first] for name, stem in stems.items()}

    def _told_of_the_whole(self, work: Work) -> Work:
        """Return the Work of a run: what it reports is how much of the whole song is ready."""
        length = max(1, self._mix.shape[1])
        return work.told_to(lambda _run, text: work.report(self.ready.frames / length, text))


def _cut(mix: Readable, start: int) -> Iterator[Samples]:
    for at in range(start, mix.shape[1], _BLOCK_FRAMES):
        yield mix[:, at : at + _BLOCK_FRAMES]


def _length(stems: dict[str, Samples]) -> int:
    return int(next(iter(stems.values())).shape[1])
