"""Edits of time and pitch; each takes a session and returns the edited one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from fanstudio.errors import EditError
from fanstudio.model.lanes import check_frame, fit_fades, lay, relay, with_clip, with_track, without
from fanstudio.model.session import Clip, Session, Stem, Track
from fanstudio.model.warp import MAX_SEMITONES, MAX_STRETCH, MIN_STRETCH, Warp


def warp_of(track: Track, clip: Clip) -> Warp:
    """Return how a clip is warped; one that is not starts as it is, a voice with its formants kept."""
    return clip.warp or Warp(keep_formants=track.stem is Stem.VOCALS)


def set_warp(session: Session, clip_id: str, warp: Warp | None) -> Session:
    """Warp a clip, or play it as its source is; it starts where it did and shows the same material.

    Raises:
        EditError: stretch or semitones are out of range, or the clip would end off the timeline.

    """
    track, clip = session.clip(clip_id)
    warp = None if warp is None or warp.idle else _checked(warp)
    ratio = (warp.stretch if warp else 1.0) / clip.stretch
    if ratio == 1.0:
        return with_clip(session, replace(clip, warp=warp))
    return relay(session, track, _rescaled(session, replace(clip, warp=warp), ratio))


def warp_clips(session: Session, clip_ids: Iterable[str], change: Callable[[Warp], Warp]) -> Session:
    """Warp several clips in one edit, each as `change` makes of the warp that it has.

    The first keeps its place, and those after it move along: clips that followed each other without a
    gap still do, and play on from one into the next as before.

    Raises:
        EditError: stretch or semitones are out of range, or a clip would end off the timeline.

    """
    chosen = [session.clip(clip_id) for clip_id in clip_ids]
    start = min((clip.position for _, clip in chosen), default=0)
    warped = []
    for track, clip in chosen:
        warp = change(warp_of(track, clip))
        moved = replace(clip, warp=None if warp.idle else _checked(warp))
        warped.append((track.id, _moved_from(session, start, clip, moved)))
        bare = session.track(track.id)
        session = with_track(session, replace(bare, clips=without(bare, clip.id)))
    for track_id, clip in warped:
        session = with_track(session, lay(session.track(track_id), clip))
    return session


def stretch_clip(session: Session, clip_id: str, start: int, end: int) -> Session:
    """Stretch a clip so that it fills `start` up to `end`, as far as a clip can be stretched.

    Of the two edges the one that is where it was stays there; its pitch stays too.

    Raises:
        EditError: nothing would be left of it, or it would lie off the timeline.

    """
    track, clip = session.clip(clip_id)
    if not 0 <= start < end:
        raise EditError("A clip cannot be stretched to nothing.")
    stretch = min(MAX_STRETCH, max(MIN_STRETCH, clip.stretch * (end - start) / clip.length))
    warp = replace(warp_of(track, clip), stretch=stretch)
    stretched = replace(clip, warp=None if warp.idle else warp)
    stretched = _rescaled(session, stretched, stretch / clip.stretch)
    if start != clip.position:
        stretched = replace(stretched, position=max(0, end - stretched.length))
    return relay(session, track, stretched)


def transpose(session: Session, track_ids: Iterable[str], semitones: float) -> Session:
    """Move every clip of these tracks by semitones, on top of what they are moved already; drums stay."""
    for track_id in track_ids:
        track = session.track(track_id)
        for clip in track.clips if track.stem is not Stem.DRUMS else ():
            warp = warp_of(track, clip)
            session = set_warp(session, clip.id, replace(warp, semitones=warp.semitones + semitones))
    return session


def _checked(warp: Warp) -> Warp:
    if not MIN_STRETCH <= warp.stretch <= MAX_STRETCH:
        raise EditError("A clip can be stretched to a quarter up to four times its length.")
    if not -MAX_SEMITONES <= warp.semitones <= MAX_SEMITONES:
        raise EditError(f"A clip can be moved by at most {MAX_SEMITONES:.0f} semitones.")
    return warp


def _moved_from(session: Session, start: int, clip: Clip, warped: Clip) -> Clip:
    """Return a warped clip in its place, where time from `start` on runs as it now does in the clip."""
    ratio = warped.stretch / clip.stretch
    if ratio == 1.0:
        return warped
    position = start + round((clip.position - start) * ratio)
    end = start + round((clip.end - start) * ratio)
    #: The same frame for all clips that are cut from one, so that no cut is heard.
    origin = round((clip.offset - clip.position + start) * ratio)
    material = session.material_length(warped)
    offset = min(max(0, origin + position - start), material - 1)
    scaled = replace(_rescaled(session, warped, ratio), position=position, offset=offset)
    check_frame(position, end - position)
    return fit_fades(replace(scaled, length=min(max(1, end - position), material - offset)))


def _rescaled(session: Session, clip: Clip, ratio: float) -> Clip:
    material = session.material_length(clip)
    offset = min(round(clip.offset * ratio), material - 1)
    length = min(max(1, round(clip.length * ratio)), material - offset)
    check_frame(clip.position, length)
    scaled = replace(
        clip,
        offset=offset,
        length=length,
        fade_in=round(clip.fade_in * ratio),
        fade_in_start=round(clip.fade_in_start * ratio),
        fade_out=round(clip.fade_out * ratio),
        fade_out_cut=round(clip.fade_out_cut * ratio),
    )
    return fit_fades(scaled)
