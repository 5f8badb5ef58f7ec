"""Swing for what sounds on: each step of a beat is stretched or squeezed, by one of two warps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fanstudio.errors import EditError
from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.lanes import cut_at, fit_fades
from fanstudio.model.session import Clip, Session, Track
from fanstudio.model.swing_time import TimeMap, off_beat, step_at, steps_between, swung
from fanstudio.model.warp import MAX_STRETCH, MIN_STRETCH
from fanstudio.model.warp_edits import warp_of

#: Two renditions never meet in phase: between them the sound dips for so long, either side.
_FADE_S: Final = 0.003


def stretch_steps(
    session: Session, track: Track, grid: BeatGrid, amount: float, subdivision: int
) -> tuple[Clip, ...]:
    """Return a track's clips cut at every step, those on the beat longer, those off it shorter.

    All steps share two warps, whatever the tempo does, so that a source has two more renditions.

    Raises:
        EditError: a clip is stretched so far already that this does not go.

    """
    rate = session.sample_rate
    later = swung(grid, rate, amount, subdivision)
    ratios = (2 * off_beat(amount), 2 * (1 - off_beat(amount)))
    laid: list[Clip] = []
    for clip in track.clips:
        for part, number in _steps_of(clip, grid, rate, subdivision):
            laid.append(_stretched(session, track, part, ratios[number % 2], later))
    return tuple(laid)


def _steps_of(clip: Clip, grid: BeatGrid, rate: int, subdivision: int) -> Iterator[tuple[Clip, int]]:
    """Yield a clip's parts and the numbers of the steps in which they lie, with fades where they were cut."""
    fade = max(1, round(_FADE_S * rate))
    number = step_at(grid, rate, clip.position, subdivision)
    for frame, begun in steps_between(grid, rate, clip.position + 1, clip.end, subdivision):
        left, clip = cut_at(clip, frame - clip.position)
        yield _fallen(left, fade), number
        clip, number = _risen(clip, fade), begun
    yield clip, number


def _stretched(session: Session, track: Track, clip: Clip, ratio: float, later: TimeMap) -> Clip:
    """Return a part of a clip in the room that it gets."""
    position = later(clip.position)
    room = max(1, later(clip.end) - position)
    old = warp_of(track, clip)
    warp = replace(old, stretch=old.stretch * ratio)
    if not MIN_STRETCH <= warp.stretch <= MAX_STRETCH:
        raise EditError("A clip is stretched too far already to swing.")
    warped = replace(clip, warp=None if warp.idle else warp, position=position)
    material = session.material_length(warped)
    offset = min(round(clip.offset * ratio), material - 1)
    warped = replace(
        warped,
        offset=offset,
        length=min(room, material - offset),
        fade_in=round(clip.fade_in * ratio),
        fade_in_start=round(clip.fade_in_start * ratio),
        fade_out=round(clip.fade_out * ratio),
        fade_out_cut=round(clip.fade_out_cut * ratio),
    )
    return fit_fades(warped)


def _risen(clip: Clip, fade: int) -> Clip:
    return clip if clip.fade_in_shown else replace(clip, fade_in=min(fade, clip.length // 2), fade_in_start=0)


def _fallen(clip: Clip, fade: int) -> Clip:
    if clip.fade_out_shown:
        return clip
    return replace(clip, fade_out=min(fade, clip.length - clip.fade_in_shown), fade_out_cut=0)
