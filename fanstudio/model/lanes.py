"""How clips lie on a track: laying, cutting, sorting; and the session with one part replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from fanstudio.errors import EditError
from fanstudio.model.mixer import MAX_GAIN_DB, MIN_GAIN_DB
from fanstudio.model.session import MAX_FRAMES, Clip, Session, Track, new_id


def clean_name(text: str) -> str:
    """Return a name without stray blanks, at most 200 characters; raise EditError for an empty one."""
    cleaned = " ".join(text.split())[:200]
    if not cleaned:
        raise EditError("A name cannot be empty.")
    return cleaned


def held_gain(gain_db: float) -> float:
    """Return a gain held within −60…+12 dB."""
    return min(MAX_GAIN_DB, max(MIN_GAIN_DB, float(gain_db)))


def check_frame(position: int, length: int) -> None:
    """Raise EditError where a stretch lies off the timeline."""
    if position < 0 or position + length > MAX_FRAMES:
        raise EditError("A clip cannot start before the beginning or end after 24 hours.")


def fit_fades(clip: Clip) -> Clip:
    """Shorten the fade out where it would overlap the fade in."""
    room = clip.length - clip.fade_in_shown
    if clip.fade_out_shown <= room:
        return clip
    return replace(clip, fade_out=room, fade_out_cut=0)


def cut_at(clip: Clip, cut: int) -> tuple[Clip, Clip]:
    """Return what lies before and after frame `cut` of a clip; each keeps its part of the fades' curves."""
    rest = clip.length - cut
    faded_in = cut >= clip.fade_in_shown
    fades_out = rest < clip.fade_out_shown
    left = replace(
        clip,
        length=cut,
        fade_out=clip.fade_out if fades_out else 0,
        fade_out_cut=clip.fade_out_cut + rest if fades_out else 0,
    )
    right = replace(
        clip,
        id=new_id(),
        position=clip.position + cut,
        offset=clip.offset + cut,
        length=rest,
        fade_in=0 if faded_in else clip.fade_in,
        fade_in_start=0 if faded_in else clip.fade_in_start + cut,
    )
    return left, right


def in_order(clips: Iterable[Clip]) -> tuple[Clip, ...]:
    """Return clips sorted by position."""
    return tuple(sorted(clips, key=lambda clip: (clip.position, clip.id)))


def without(track: Track, clip_id: str) -> tuple[Clip, ...]:
    """Return a track's clips but one."""
    return tuple(clip for clip in track.clips if clip.id != clip_id)


def keep_clips(track: Track, wanted: Callable[[Clip], bool]) -> Track:
    """Return a track with only the clips that are wanted."""
    return replace(track, clips=tuple(clip for clip in track.clips if wanted(clip)))


def map_tracks(session: Session, function: Callable[[Track], Track]) -> Session:
    """Return the session with every track replaced."""
    return replace(session, tracks=tuple(function(track) for track in session.tracks))


def with_track(session: Session, track: Track) -> Session:
    """Return the session with the track of this id replaced."""
    return map_tracks(session, lambda old: track if old.id == track.id else old)


def with_clip(session: Session, clip: Clip) -> Session:
    """Return the session with the clip of this id replaced."""
    track, _ = session.clip(clip.id)
    clips = tuple(clip if old.id == clip.id else old for old in track.clips)
    return with_track(session, replace(track, clips=clips))


def relay(session: Session, track: Track, clip: Clip) -> Session:
    """Return the session with a changed clip laid on its track anew."""
    return with_track(session, lay(replace(track, clips=without(track, clip.id)), clip))


def lay(track: Track, clip: Clip) -> Track:
    """Put a clip on a track and cut away what it covers."""
    remaining = [part for old in track.clips for part in _uncovered(old, clip)]
    return replace(track, clips=in_order((*remaining, clip)))


def _uncovered(old: Clip, new: Clip) -> list[Clip]:
    if old.end <= new.position or new.end <= old.position:
        return [old]
    parts = []
    if old.position < new.position:
        left = cut_at(old, new.position - old.position)[0]
        parts.append(replace(left, fade_out=0, fade_out_cut=0))
    if new.end < old.end:
        right = cut_at(old, new.end - old.position)[1]
        right = replace(right, fade_in=0, fade_in_start=0)
        parts.append(right if parts else replace(right, id=old.id))
    return parts
