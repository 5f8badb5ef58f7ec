"""Two splitters in a row: the second takes the first one's last stem further apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from fanstudio.audio.samples import Samples
from fanstudio.inference.grid import SONG_START, Entry
from fanstudio.inference.queues import Queue, Skip
from fanstudio.inference.report import SplitReport
from fanstudio.inference.runner import Device, worst_off
from fanstudio.jobs import Work


class Splitter(Protocol):
    """What separates a mix: a `Separator`, a rule of thumb, or two in a row."""

    @property
    def stems(self) -> tuple[str, ...]:
        """Return the names of the stems, in the order of each yielded dictionary."""

    @property
    def device(self) -> Device:
        """Return what it runs on, and why not on something better."""

    def entry(self, sample_rate: int, frame: int) -> Entry:
        """Return the last place at or before `frame` of a mix where `split` may begin."""

    def split(
        self,
        work: Work,
        blocks: Iterable[Samples],
        *,
        sample_rate: int,
        length_frames: int,
        rms: float,
        entry: Entry = SONG_START,
    ) -> Iterator[dict[str, Samples]]:
        """Yield the stems of `blocks` piece by piece, as `Separator.split` does."""

    def report(self, *, seconds: float, audio_seconds: float) -> SplitReport:
        """Describe a split of `audio_seconds` that took `seconds`."""


@dataclass(frozen=True, slots=True)
class ChainedEntry(Entry):
    """An entry of a cascade: where the first splitter begins, and where the second."""

    first: Entry = SONG_START
    second: Entry = SONG_START


class Cascade:
    """A splitter like each of its two: streaming, exact in length, its stems sum to the mix."""

    def __init__(self, first: Splitter, second: Splitter) -> None:
        """Let `second` split the last stem of `first`."""
        self._first = first
        self._second = second

    @property
    def stems(self) -> tuple[str, ...]:
        """Return the stems that the first keeps, then those of the second."""
        return (*self._first.stems[:-1], *self._second.stems)

    @property
    def device(self) -> Device:
        """Return what both run on, and why not on something better: the worst off, if they differ."""
        return worst_off((self._first.device, self._second.device))

    def entry(self, sample_rate: int, frame: int) -> Entry:
        """Return the last place at or before `frame` of a mix where `split` may begin."""
        second = self._second.entry(sample_rate, frame)
        first = self._first.entry(sample_rate, second.read_from)
        return ChainedEntry(first.read_from, second.heard_from, first=first, second=second)

    def split(
        self,
        work: Work,
        blocks: Iterable[Samples],
        *,
        sample_rate: int,
        length_frames: int,
        rms: float,
        entry: Entry = SONG_START,
    ) -> Iterator[dict[str, Samples]]:
        """Yield the stems of `blocks`, as `Separator.split` does.

        What the first splitter keeps is held back until the second has come as far.
        """
        places = entry if isinstance(entry, ChainedEntry) else ChainedEntry()
        held = _Held(self._first.stems, places)
        pieces = self._first.split(
            work, blocks, sample_rate=sample_rate, length_frames=length_frames, rms=rms, entry=places.first
        )
        parts = self._second.split(
            work.told_to(lambda _fraction, _text: None),
            held.pass_on(pieces),
            sample_rate=sample_rate,
            length_frames=length_frames,
            rms=rms,
            entry=places.second,
        )
        for stems in parts:
            yield held.join(stems)

    def report(self, *, seconds: float, audio_seconds: float) -> SplitReport:
        """Describe a split by both: the models' names joined by `+`, one hash over their hashes."""
        first = self._first.report(seconds=seconds, audio_seconds=audio_seconds)
        second = self._second.report(seconds=seconds, audio_seconds=audio_seconds)
        return replace(
            first,
            model=f"{first.model}+{second.model}",
            sha256=_join_hashes(first.sha256, second.sha256),
            device=self.device.name,
            why_not_better=self.device.why_not,
            note="; ".join(dict.fromkeys(note for note in (first.note, second.note) if note)),
            approximate=first.approximate or second.approximate,
        )


def _join_hashes(first: str, second: str) -> str:
    return hashlib.sha256(f"{first}{second}".encode()).hexdigest() if second else first


class _Held:
    """The stems of the first splitter, on their way past the second."""

    def __init__(self, stems: tuple[str, ...], places: ChainedEntry) -> None:
        *kept, self._passed = stems
        self._to_second = Skip(places.second.read_from - places.first.heard_from)
        self._queues = {stem: Queue(places.second.heard_from - places.first.heard_from) for stem in kept}

    def pass_on(self, pieces: Iterable[dict[str, Samples]]) -> Iterator[Samples]:
        """Keep all stems of each piece but the last, and yield that one from where the second begins."""
        for piece in pieces:
            for stem, queue in self._queues.items():
                queue.push(piece[stem])
            yield self._to_second.push(piece[self._passed])

    def join(self, stems: dict[str, Samples]) -> dict[str, Samples]:
        """Return the kept stems, as long as those of the second, and these."""
        frames = next(iter(stems.values())).shape[1]
        return {stem: queue.pull(frames) for stem, queue in self._queues.items()} | stems
