"""Drums at half-time: what one bar holds is stretched over two, at its own pitch, and every second bar goes.

Stretched, for slices that keep their pace leave holes between them (half of a real drum track was silence).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fanstudio.errors import EditError
from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.lanes import cut_at, fit_fades
from fanstudio.model.session import Clip, Session, Track
from fanstudio.model.slices import Attacks, Cuts, Slice, cuts_of, lay_slices, slice_clip
from fanstudio.model.warp import MAX_STRETCH, Warp

#: Where a source's attacks are not known, it is cut at so many steps of a beat.
_STEPS: Final = 2
#: A sound that comes so much of a beat early still belongs to the bar that follows.
EARLY_BEATS: Final = 1 / 8
#: Beats are heard by chance a little off: only where a bar drifts further is it cut.
_ALIKE_S: Final = 0.01
#: The last part of a ring that is cut off falls away.
_FALL_S: Final = 0.025


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two bars from `beat` on, in frames: sounds that begin from `start` up to `middle` fill it to `end`.

    All three are a little early; `line` is the bar line up to which those sounds ring.
    """

    beat: int
    start: int
    middle: int
    end: int
    line: int


def halve(
    session: Session, track: Track, grid: BeatGrid, first_beats: Iterable[int], attacks: Attacks
) -> tuple[Clip, ...]:
    """Return a track's clips with the pairs of bars that begin at some beats at half-time.

    Where the tempo holds a bar stays one clip; where it drifts it is cut at sounds that begin. What
    rings over from a bar that goes is not heard where a sound begins the next one.

    Raises:
        EditError: a clip is stretched too far already.

    """
    rest = list(track.clips)
    sample_rate = session.sample_rate
    slices: list[Slice] = []
    stays: list[Clip] = []
    pairs = [_pair(grid, sample_rate, beat) for beat in first_beats]
    for pair in pairs:
        before, rest = _split(rest, pair.start)
        first, rest = _split(rest, pair.line)
        _, rest = _split(rest, pair.end)
        stays += before
        slices += _spread(first, session, grid, pair, attacks)
    edges = {edge for pair in pairs for edge in (pair.start, pair.end)}
    for clip in (*stays, *rest):
        slices.append(Slice(clip, 0, clip.position, clip.position in edges, clip.end in edges))
    return lay_slices(slices, sample_rate, fill=False, fall_s=_FALL_S)


def _pair(grid: BeatGrid, sample_rate: int, beat: int) -> _Pair:
    second = beat + grid.beats_per_bar
    edges = (beat, second, second + grid.beats_per_bar)
    start, middle, end = (grid.frame_of(edge - EARLY_BEATS, sample_rate) for edge in edges)
    return _Pair(beat, start, middle, end, grid.frame_of(second, sample_rate))


def _spread(
    clips: Sequence[Clip], session: Session, grid: BeatGrid, pair: _Pair, attacks: Attacks
) -> list[Slice]:
    """Return the sounds of a pair's first bar, stretched, as slices that are to fill it."""
    rate = session.sample_rate
    origin = grid.frame_of(pair.beat, rate)

    def later(frame: int) -> int:
        played = grid.at((origin + (frame - origin) / 2) / rate)
        return max(0, grid.frame_of(pair.beat + 2 * (played - pair.beat), rate))

    slices: list[Slice] = []
    for clip in clips:
        cuts = cuts_of(clip, grid, rate, _STEPS, attacks)
        own = _own_cuts(cuts, pair, origin)
        begun = _between(clip, own[0][0], _first_from(cuts, pair.middle, clip.end))
        if begun is not None:
            slow = [(origin + 2 * (cut - origin), origin + 2 * (attack - origin)) for cut, attack in own]
            slices += slice_clip(_stretched(session, begun, origin), slow, later, rate, _ALIKE_S)
    return [replace(item, rough_start=True, rough_end=True) for item in slices]


def _own_cuts(cuts: Cuts, pair: _Pair, origin: int) -> Cuts:
    """Return the cuts of a pair's first bar; where no sound begins about its bar line, the first is there."""
    own = [cut for cut in cuts if pair.start <= cut[1] < pair.middle]
    early = origin - pair.start
    return own if own and own[0][1] <= origin + early else [(origin, origin), *own]


def _first_from(cuts: Cuts, frame: int, otherwise: int) -> int:
    """Return the first cut whose sound begins at a frame or behind it."""
    return next((cut for cut, attack in cuts if attack >= frame), otherwise)


def _between(clip: Clip, start: int, end: int) -> Clip | None:
    """Return what of a clip lies from a frame up to another; None where nothing does."""
    start, end = max(start, clip.position), min(end, clip.end)
    if start >= end:
        return None
    if end < clip.end:
        clip = cut_at(clip, end - clip.position)[0]
    return replace(cut_at(clip, start - clip.position)[1], id=clip.id) if start > clip.position else clip


def _stretched(session: Session, clip: Clip, origin: int) -> Clip:
    """Return a clip at half its pace, where time runs so about a frame."""
    old = clip.warp or Warp()
    warp = replace(old, stretch=2 * old.stretch)
    if warp.stretch > MAX_STRETCH:
        raise EditError("A clip is stretched too far already for half-time.")
    slow = replace(clip, warp=warp, position=origin + 2 * (clip.position - origin))
    material = session.material_length(slow)
    offset = min(2 * clip.offset, material - 1)
    slow = replace(
        slow,
        offset=offset,
        length=min(2 * clip.length, material - offset),
        fade_in=2 * clip.fade_in,
        fade_in_start=2 * clip.fade_in_start,
        fade_out=2 * clip.fade_out,
        fade_out_cut=2 * clip.fade_out_cut,
    )
    return fit_fades(slow)


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
