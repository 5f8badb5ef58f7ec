"""Drums at half-time: what one bar holds is spread over two, at its own pitch, and every second bar goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.lanes import cut_at
from fanstudio.model.session import Clip
from fanstudio.model.slices import Attacks, Cuts, Slice, cuts_of, lay_slices, slice_clips

#: Where a source's attacks are not known, it is cut at so many steps of a beat.
_STEPS: Final = 2
#: A sound that comes so much of a beat early still belongs to the bar that follows.
_EARLY_BEATS: Final = 1 / 8
#: The last part of a ring that is cut off falls away.
_FALL_S: Final = 0.025


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two bars from `beat` on, in frames: sounds that begin from `start` up to `middle` fill it to `end`."""

    beat: int
    start: int
    middle: int
    end: int


def halve(
    clips: Sequence[Clip], grid: BeatGrid, sample_rate: int, first_beats: Iterable[int], attacks: Attacks
) -> tuple[Clip, ...]:
    """Return a track's clips with the pairs of bars that begin at some beats at half-time.

    A ring that comes over from a bar that goes is not heard; a clip's own start counts as a sound.
    """
    rest = list(clips)
    slices: list[Slice] = []
    stays: list[Clip] = []
    pairs = [_pair(grid, sample_rate, beat) for beat in first_beats]
    for pair in pairs:
        before, rest = _split(rest, pair.start)
        first, rest = _split(rest, pair.middle)
        _, rest = _split(rest, pair.end)
        stays += before
        slices += _spread(first, grid, sample_rate, pair, attacks)
    edges = {edge for pair in pairs for edge in (pair.start, pair.end)}
    for clip in (*stays, *rest):
        slices.append(Slice(clip, 0, clip.position, clip.position in edges, clip.end in edges))
    return lay_slices(slices, sample_rate, fill=False, fall_s=_FALL_S)


def _pair(grid: BeatGrid, sample_rate: int, beat: int) -> _Pair:
    edges = (beat, beat + grid.beats_per_bar, beat + 2 * grid.beats_per_bar)
    return _Pair(beat, *(grid.frame_of(edge - _EARLY_BEATS, sample_rate) for edge in edges))


def _spread(
    clips: Sequence[Clip], grid: BeatGrid, sample_rate: int, pair: _Pair, attacks: Attacks
) -> list[Slice]:
    """Return the sounds of a pair's first bar as slices that are to fill it."""

    def later(frame: int) -> int:
        beat = pair.beat + 2 * (grid.at_frame(frame, sample_rate) - pair.beat)
        return max(0, grid.frame_of(beat, sample_rate))

    cuts = {clip.id: _cuts_within(clip, grid, sample_rate, pair, attacks) for clip in clips}
    begun = [_from_first(clip, cuts[clip.id]) for clip in clips if cuts[clip.id]]
    slices = slice_clips([clip for clip in begun if clip], lambda clip: cuts[clip.id], later, sample_rate)
    return [replace(item, rough_start=True, rough_end=True) for item in slices]


def _cuts_within(clip: Clip, grid: BeatGrid, sample_rate: int, pair: _Pair, attacks: Attacks) -> Cuts:
    cuts = cuts_of(clip, grid, sample_rate, _STEPS, attacks)
    return [(cut, attack) for cut, attack in cuts if pair.start <= attack < pair.middle]


def _from_first(clip: Clip, cuts: Cuts) -> Clip | None:
    """Return a clip from its first cut on; None where nothing is left."""
    dropped = max(0, cuts[0][0] - clip.position)
    if dropped >= clip.length:
        return None
    return replace(cut_at(clip, dropped)[1], id=clip.id) if dropped else clip


def _split(clips: Sequence[Clip], frame: int) -> tuple[list[Clip], list[Clip]]:
    """Return what of clips lies before a frame, and what from it on."""
    before: list[Clip] = []
    after: list[Clip] = []
    for clip in clips:
        if clip.position < frame < clip.end:
            left, right = cut_at(clip, frame - clip.position)
            before.append(left)
            after.append(right)
        else:
            (before if clip.end <= frame else after).append(clip)
    return before, after
