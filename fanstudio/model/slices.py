"""Clips cut where sounds begin, and moved slice by slice without clicks, doubled attacks or holes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.lanes import cut_at, fit_fades
from fanstudio.model.session import Clip, new_id
from fanstudio.model.swing_time import TimeMap, step_at, steps_between

#: Where sounds begin in sources: frames at the session's rate, ascending, by the source's id.
Attacks = Mapping[str, Sequence[int]]
#: (Where to cut, where the sound begins) on the timeline, ascending.
Cuts = Sequence[tuple[int, int]]

#: A cut lies so long before its attack, so that the fade in leaves it whole.
_LEAD_S: Final = 0.002
FADE_S: Final = 0.0015
#: Slices that move alike within this stay one, unless it is said otherwise.
ALIKE_S: Final = 0.0005
#: So many attacks before a clip are told, which say how its first part moves.
_REMEMBERED: Final = 64
#: So much behind an attack is never repeated to fill a hole.
_ATTACK_S: Final = 0.03


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a clip, still where it was, that is to begin `moved` frames later.

    `attack` is the timeline frame of the last sound that begins in it; its start where none is known.
    An edge is `rough` where sound went on beyond it.
    """

    clip: Clip
    moved: int
    attack: int
    rough_start: bool = False
    rough_end: bool = False

    @property
    def start(self) -> int:
        """Return where it is to begin."""
        return self.clip.position + self.moved

    def joins(self, after: Slice) -> bool:
        """Tell whether it plays on into the next one, as it did."""
        return self.clip.end == after.clip.position and self.moved == after.moved


def cuts_of(clip: Clip, grid: BeatGrid, sample_rate: int, steps: int, attacks: Attacks) -> Cuts:
    """Return where a clip may be cut, up to its end: at its source's attacks, the last before it as well.

    Where those are not known it is cut at every one of so many steps of a beat, from the one it begins in.
    """
    known = attacks.get(clip.source)
    if known is None:
        begun = step_at(grid, sample_rate, clip.position, steps)
        first = grid.frame_of(begun / steps, sample_rate)
        found = steps_between(grid, sample_rate, first, clip.end, steps)
        return [(frame, frame) for frame, _ in found]
    lead = round(_LEAD_S * sample_rate)
    origin = clip.position - clip.offset
    first = max(0, bisect_right(known, clip.offset / clip.stretch) - _REMEMBERED)
    last = bisect_right(known, (clip.offset + clip.length + lead) / clip.stretch + 1)
    places = [origin + round(frame * clip.stretch) for frame in known[first:last]]
    return [(place - lead, place) for place in places if place - lead < clip.end]


def slice_clips(
    clips: Sequence[Clip], cuts: Callable[[Clip], Cuts], later: TimeMap, sample_rate: int
) -> list[Slice]:
    """Cut a track's clips where what begins moves otherwise than what was before.

    `later` says where what begins at a frame is to begin. What begins before a clip moves its first part.
    """
    slices: list[Slice] = []
    for clip in clips:
        parts = slice_clip(clip, cuts(clip), later, sample_rate)
        if slices and slices[-1].clip.end == clip.position:
            slices[-1] = replace(slices[-1], rough_end=True)
            parts[0] = replace(parts[0], rough_start=True)
        slices.extend(parts)
    return slices


def slice_clip(
    clip: Clip, cuts: Cuts, later: TimeMap, sample_rate: int, alike_s: float = ALIKE_S
) -> list[Slice]:
    """Cut one clip as `slice_clips` does; at least one slice."""
    alike = alike_s * sample_rate
    kept: list[tuple[int, int, int]] = []
    for cut, attack in cuts:
        moved = later(attack) - attack
        if kept and abs(moved - kept[-1][1]) <= alike:
            kept[-1] = (*kept[-1][:2], attack)
        else:
            kept.append((cut, moved, attack))
    first = bisect_right([cut for cut, _, _ in kept], clip.position)
    _, moved, attack = kept[first - 1] if first else (0, 0, clip.position)
    parts: list[Slice] = []
    for cut, shift, begun in kept[first:]:
        if cut >= clip.end:
            break
        left, clip = cut_at(clip, cut - clip.position)
        parts.append(Slice(left, moved, attack, bool(parts), rough_end=True))
        moved, attack = shift, begun
    return [*parts, Slice(clip, moved, attack, bool(parts))]


def lay_slices(
    slices: Iterable[Slice], sample_rate: int, *, fill: bool = True, fall_s: float = FADE_S
) -> tuple[Clip, ...]:
    """Return slices in their new places as clips that never overlap.

    What would reach into the next one is cut; where a hole opens between two that touched, the end of
    the first sounds once more, if `fill` says so. Rough edges that no longer join rise in a moment and
    fall within `fall_s` seconds.
    """
    fade, fall = max(1, round(FADE_S * sample_rate)), max(1, round(fall_s * sample_rate))
    ordered = _apart(slices)
    laid: list[Clip] = []
    for number, item in enumerate(ordered):
        before = ordered[number - 1] if number else None
        after = ordered[number + 1] if number + 1 < len(ordered) else None
        clip = replace(item.clip, position=item.start)
        cut = after is not None and clip.end > after.start
        if after is not None and cut:
            clip = cut_at(clip, after.start - clip.position)[0]
        if item.rough_start and not (before and before.joins(item)):
            clip = _risen(clip, fade)
        if cut or (item.rough_end and not (after and item.joins(after))):
            clip = _fallen(clip, min(fall, clip.length // 2))
        laid.append(clip)
        if fill and after is not None and item.clip.end == after.clip.position and clip.end < after.start:
            laid.extend(_filler(item, clip, after.start - clip.end, sample_rate))
    return tuple(laid)


def _apart(slices: Iterable[Slice]) -> list[Slice]:
    """Return slices in order of their new places, of which no two begin at one frame."""
    by_start = {item.start: item for item in slices}
    return [by_start[start] for start in sorted(by_start)]


def _filler(item: Slice, clip: Clip, frames: int, sample_rate: int) -> list[Clip]:
    """Return the end of a slice once more, as much as holds no attack."""
    quiet = item.clip.end - item.attack - round(_ATTACK_S * sample_rate)
    frames = min(frames, quiet, clip.length)
    fade = max(1, round(FADE_S * sample_rate))
    if frames < 3 * fade:
        return []
    bare = replace(clip, id=new_id(), fade_in=0, fade_in_start=0, fade_out=0, fade_out_cut=0)
    offset = clip.offset + clip.length - frames
    filler = replace(bare, position=clip.end, offset=offset, length=frames)
    return [_fallen(_risen(filler, fade), fade)]


def _risen(clip: Clip, fade: int) -> Clip:
    """Return a clip whose start does not click."""
    if clip.fade_in_shown:
        return clip
    room = clip.length - clip.fade_out_shown
    return replace(clip, fade_in=min(fade, room), fade_in_start=0)


def _fallen(clip: Clip, fade: int) -> Clip:
    """Return a clip whose end does not click."""
    if clip.fade_out_shown:
        return clip
    return fit_fades(replace(clip, fade_out=min(fade, clip.length), fade_out_cut=0))
