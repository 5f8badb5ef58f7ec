"""Where the beats and bars of a song lie."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

#: Gaps that one tempo is measured over.
_RUN = 16


@dataclass(frozen=True, slots=True)
class BeatGrid:
    """The beats of a song in seconds from its start, ascending; `downbeats_s` are those that begin a bar.

    `tempo_bpm` is the usual tempo, 0 where nothing has a beat (then there are no beats at all), and
    `confidence`, 0..1, says how sure the tempo is: low where half or double of it fits nearly as well.
    Beats are counted from 0; a place between two beats is a fraction: 2.5 lies halfway from beat 2 to 3.
    """

    beats_s: tuple[float, ...] = ()
    downbeats_s: tuple[float, ...] = ()
    tempo_bpm: float = 0.0
    beats_per_bar: int = 4
    confidence: float = 0.0

    def __bool__(self) -> bool:
        """Tell whether there is a grid: two beats at least."""
        return len(self.beats_s) > 1

    @property
    def first_downbeat(self) -> int:
        """Return the number of the first beat that begins a bar; 0 where none is known."""
        return self.beats_s.index(self.downbeats_s[0]) if self.downbeats_s else 0

    def at(self, time_s: float) -> float:
        """Return the beat at a time in seconds, with its fraction; outside, the outer beats go on.

        The grid must not be empty.
        """
        before = min(max(0, bisect_right(self.beats_s, time_s) - 1), len(self.beats_s) - 2)
        start, end = self.beats_s[before : before + 2]
        return before + (time_s - start) / (end - start)

    def at_frame(self, frame: int, sample_rate: int) -> float:
        """Return the beat at a frame, as `at` does."""
        return self.at(frame / sample_rate)

    def time_of(self, beat: float) -> float:
        """Return the time in seconds of a beat, whole or not: the inverse of `at`."""
        before = min(max(0, int(beat // 1)), len(self.beats_s) - 2)
        start, end = self.beats_s[before : before + 2]
        return start + (beat - before) * (end - start)

    def frame_of(self, beat: float, sample_rate: int) -> int:
        """Return the frame nearest to a beat, whole or not; it may be negative before the first."""
        return round(self.time_of(beat) * sample_rate)

    def frames(self, sample_rate: int) -> tuple[int, ...]:
        """Return the frames of all beats."""
        return tuple(round(beat * sample_rate) for beat in self.beats_s)

    def halved(self) -> BeatGrid:
        """Return every second beat, half as fast; bars keep their number of beats, so become twice as long.

        The first downbeat stays one. Bars of six, which `doubled` makes of three, become three again.
        """
        first = self.first_downbeat
        beats = self.beats_s[first % 2 :: 2]
        if self.beats_per_bar % 4 == 2 and self.beats_per_bar > 2:
            return self._counted(beats, first // 2, self.beats_per_bar // 2, 0.5)
        return self._counted(beats, first // 2, self.beats_per_bar, 0.5)

    def doubled(self) -> BeatGrid:
        """Return the beats and the places halfway between them, twice as fast.

        Bars keep their number of beats, so become half as long; where that number is odd, it doubles
        instead, and bars stay as they are.
        """
        between = ((start + end) / 2 for start, end in pairwise(self.beats_s))
        beats = tuple(sorted((*self.beats_s, *between)))
        beats_per_bar = self.beats_per_bar * (1 + self.beats_per_bar % 2)
        return self._counted(beats, 2 * self.first_downbeat, beats_per_bar, 2.0)

    def moved(self, seconds: float) -> BeatGrid:
        """Return the grid so much later; beats that fall before zero are left out."""
        beats, downbeats = (
            tuple(beat + seconds for beat in times if beat + seconds >= 0)
            for times in (self.beats_s, self.downbeats_s)
        )
        return replace(self, beats_s=beats, downbeats_s=downbeats)

    def _counted(self, beats: tuple[float, ...], first: int, beats_per_bar: int, factor: float) -> BeatGrid:
        """Return a grid of other beats, its bars counted from beat `first`, both ways."""
        start = first % beats_per_bar if self.downbeats_s else len(beats)
        return replace(
            self,
            beats_s=beats,
            downbeats_s=beats[start::beats_per_bar],
            tempo_bpm=self.tempo_bpm * factor,
            beats_per_bar=beats_per_bar,
        )


def grid_of(beats_s: Iterable[float], first_downbeat: int, beats_per_bar: int, confidence: float) -> BeatGrid:
    """Return the grid of beats in seconds, ascending, its bars counted from beat `first_downbeat`.

    The tempo is that of the middle one of all runs of sixteen gaps.
    """
    beats = tuple(beats_s)
    run = min(_RUN, len(beats) - 1)
    if run < 1:
        return BeatGrid()
    runs = sorted(end - start for start, end in zip(beats, beats[run:], strict=False))
    middle = runs[len(runs) // 4 : len(runs) - len(runs) // 4]
    tempo_bpm = 60 * run * len(middle) / sum(middle)
    return BeatGrid(beats, beats[first_downbeat::beats_per_bar], tempo_bpm, beats_per_bar, confidence)
