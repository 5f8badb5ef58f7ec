"""Edits: each function takes a session and returns the edited one.

Clips of one track never overlap: where a moved, trimmed or added clip covers another, the covered
part of the other is cut away, as on tape. Raises EditError where an edit makes no sense.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fanstudio.errors import EditError
from fanstudio.model.lanes import (
    check_frame,
    clean_name,
    cut_at,
    fit_fades,
    held_gain,
    in_order,
    keep_clips,
    lay,
    map_tracks,
    relay,
    with_clip,
    with_track,
    without,
)
from fanstudio.model.session import (
    MAX_FRAMES,
    Clip,
    LoopRange,
    Marker,
    Session,
    Source,
    Stem,
    TempoChange,
    Track,
    new_id,
)
from fanstudio.model.tempo import MAX_BPM, MIN_BPM, is_tempo

# ── clips ────────────────────────────────────────────────────────────────────────────────────


def split_clip(session: Session, clip_id: str, frame: int) -> Session:
    """Cut a clip in two at a timeline frame; together they sound as before, fades included."""
    track, clip = session.clip(clip_id)
    cut = frame - clip.position
    if not 0 < cut < clip.length:
        raise EditError("The playhead is not inside that clip.", hint="Move the playhead onto the clip.")
    left, right = cut_at(clip, cut)
    return with_track(session, replace(track, clips=in_order((*without(track, clip.id), left, right))))


def move_clip(session: Session, clip_id: str, position: int, track_id: str | None = None) -> Session:
    """Move a clip to a timeline frame, and to another track if one is named."""
    return move_clips(session, ((clip_id, position, track_id),))


def move_clips(session: Session, moves: Iterable[tuple[str, int, str | None]]) -> Session:
    """Move several clips at once: (clip id, position, track id or None for its own)."""
    lifted: list[tuple[str, Clip]] = []
    for clip_id, position, track_id in tuple(moves):
        track, clip = session.clip(clip_id)
        check_frame(position, clip.length)
        lifted.append((track_id or track.id, replace(clip, position=position)))
        session = with_track(session, replace(track, clips=without(track, clip_id)))
    for target_id, clip in lifted:
        session = with_track(session, lay(session.track(target_id), clip))
    return session


def trim_start(session: Session, clip_id: str, position: int) -> Session:
    """Move a clip's left edge to a timeline frame; the sound stays in place."""
    track, clip = session.clip(clip_id)
    earliest = max(0, clip.position - clip.offset)
    start = min(max(position, earliest), clip.end - 1)
    moved = start - clip.position
    trimmed = replace(clip, position=start, offset=clip.offset + moved, length=clip.length - moved)
    return relay(session, track, fit_fades(trimmed))


def trim_end(session: Session, clip_id: str, end: int) -> Session:
    """Move a clip's right edge to a timeline frame, at most to the end of its source."""
    track, clip = session.clip(clip_id)
    longest = session.material_length(clip) - clip.offset
    length = min(max(end - clip.position, 1), longest)
    return relay(session, track, fit_fades(replace(clip, length=length)))


def set_fades(
    session: Session, clip_id: str, *, fade_in: int | None = None, fade_out: int | None = None
) -> Session:
    """Set the lengths of a clip's fades in frames; the other fade gives way."""
    _, clip = session.clip(clip_id)
    if fade_in is not None:
        fade_in = min(max(0, fade_in), clip.length)
        clip = fit_fades(replace(clip, fade_in=fade_in, fade_in_start=0))
    if fade_out is not None:
        fade_out = min(max(0, fade_out), clip.length)
        clip = replace(clip, fade_out=fade_out, fade_out_cut=0)
        room = clip.length - fade_out
        if clip.fade_in_shown > room:
            clip = replace(clip, fade_in=room, fade_in_start=0)
    return with_clip(session, clip)


def set_clip_gain(session: Session, clip_id: str, gain_db: float) -> Session:
    """Set a clip's gain in dB, held within −60…+12."""
    _, clip = session.clip(clip_id)
    return with_clip(session, replace(clip, gain_db=held_gain(gain_db)))


def mute_clip(session: Session, clip_id: str, muted: bool) -> Session:
    """Mute or unmute a clip."""
    _, clip = session.clip(clip_id)
    return with_clip(session, replace(clip, muted=muted))


def rename_clip(session: Session, clip_id: str, name: str) -> Session:
    """Give a clip another name."""
    _, clip = session.clip(clip_id)
    return with_clip(session, replace(clip, name=clean_name(name)))


def delete_clips(session: Session, clip_ids: Iterable[str]) -> Session:
    """Take clips off the timeline; their sources stay in the pool."""
    gone = frozenset(clip_ids)
    for clip_id in gone:
        session.clip(clip_id)
    return map_tracks(session, lambda track: keep_clips(track, lambda clip: clip.id not in gone))


def duplicate_clip(session: Session, clip_id: str) -> Session:
    """Put a copy of a clip right behind it."""
    track, clip = session.clip(clip_id)
    check_frame(clip.end, clip.length)
    return with_track(session, lay(track, replace(clip, id=new_id(), position=clip.end)))


def add_clip(
    session: Session,
    track_id: str,
    source_id: str,
    position: int,
    *,
    offset: int = 0,
    length: int | None = None,
    name: str = "",
) -> Session:
    """Lay a stretch of a source on a track; to the source's end unless a length is given."""
    source = session.source(source_id)
    length = source.length - offset if length is None else length
    if offset < 0 or length < 1 or offset + length > source.length:
        raise EditError("A clip cannot reach beyond its source.")
    check_frame(position, length)
    clip = Clip(new_id(), source_id, clean_name(name or source.name), position, offset, length)
    return with_track(session, lay(session.track(track_id), clip))


# ── tracks ───────────────────────────────────────────────────────────────────────────────────


def add_track(session: Session, name: str, stem: Stem = Stem.MIX, *, at: int | None = None) -> Session:
    """Add an empty track, last unless `at` says where."""
    track = Track(new_id(), clean_name(name), stem)
    index = len(session.tracks) if at is None else at
    return replace(session, tracks=(*session.tracks[:index], track, *session.tracks[index:]))


def remove_track(session: Session, track_id: str) -> Session:
    """Remove a track and its clips."""
    session.track(track_id)
    return replace(session, tracks=tuple(track for track in session.tracks if track.id != track_id))


def move_track(session: Session, track_id: str, index: int) -> Session:
    """Move a track to another place in the list."""
    track = session.track(track_id)
    others = [other for other in session.tracks if other.id != track_id]
    others.insert(min(max(0, index), len(others)), track)
    return replace(session, tracks=tuple(others))


def rename_track(session: Session, track_id: str, name: str) -> Session:
    """Give a track another name."""
    return with_track(session, replace(session.track(track_id), name=clean_name(name)))


def set_track_gain(session: Session, track_id: str, gain_db: float) -> Session:
    """Set a track's gain in dB, held within −60…+12."""
    return with_track(session, replace(session.track(track_id), gain_db=held_gain(gain_db)))


def set_pan(session: Session, track_id: str, pan: float) -> Session:
    """Set a track's pan, held within −1 (left) … 1 (right)."""
    return with_track(session, replace(session.track(track_id), pan=min(1.0, max(-1.0, float(pan)))))


def mute_track(session: Session, track_id: str, muted: bool) -> Session:
    """Mute or unmute a track."""
    return with_track(session, replace(session.track(track_id), muted=muted))


def solo_track(session: Session, track_id: str, soloed: bool) -> Session:
    """Solo or unsolo a track; while any is soloed, only those sound."""
    return with_track(session, replace(session.track(track_id), soloed=soloed))


def import_source(session: Session, source: Source, *, position: int = 0, name: str = "") -> Session:
    """Add a source and a track of its own that plays it from `position`; both are called `name`, if given."""
    name = name or source.name
    session = add_source(session, source)
    session = add_track(session, name, source.stem)
    session = add_clip(session, session.tracks[-1].id, source.id, position)
    return rename_clip(session, session.tracks[-1].clips[0].id, name)


def split_into_stems(session: Session, clip_id: str, stems: Iterable[Source]) -> Session:
    """Put one track a stem below a clip's track, aligned with the clip, and mute the clip.

    The stems are as long as the clip's source and start where it starts.
    """
    track, clip = session.clip(clip_id)
    at = session.tracks.index(track) + 1
    for stem in stems:
        session = add_source(session, stem)
        copy = replace(clip, id=new_id(), source=stem.id, name=stem.name)
        lane = Track(new_id(), stem.name, stem.stem, (copy,), track.gain_db, track.pan)
        session = replace(session, tracks=(*session.tracks[:at], lane, *session.tracks[at:]))
        at += 1
    return mute_clip(session, clip_id, True)


# ── the session as a whole ───────────────────────────────────────────────────────────────────


def add_source(session: Session, source: Source) -> Session:
    """Make a source known to the session; a known one changes nothing."""
    if any(known.id == source.id for known in session.sources):
        return session
    if not 0 < source.length <= MAX_FRAMES:
        raise EditError(f"“{source.name}” has no usable length.")
    return replace(session, sources=(*session.sources, source))


def set_master_gain(session: Session, gain_db: float) -> Session:
    """Set the master's gain in dB, held within −60…+12."""
    return replace(session, master_gain_db=held_gain(gain_db))


def set_loop(session: Session, start: int, end: int, *, enabled: bool = True) -> Session:
    """Set the loop range to `start` up to `end`."""
    if not 0 <= start < end <= MAX_FRAMES:
        raise EditError("A loop must end after it starts.")
    return replace(session, loop=LoopRange(start, end, enabled))


def enable_loop(session: Session, enabled: bool) -> Session:
    """Turn the loop on or off; without a range it spans the session."""
    if session.loop is None:
        return set_loop(session, 0, max(1, session.length), enabled=enabled)
    return replace(session, loop=replace(session.loop, enabled=enabled))


def set_tempo(session: Session, bpm: float, beats_per_bar: int = 4) -> Session:
    """Set one tempo for the whole timeline; no clip moves."""
    if not is_tempo(bpm) or not 1 <= beats_per_bar <= 16:
        raise EditError(f"The tempo must be {MIN_BPM} to {MAX_BPM} beats a minute, in bars of 1 to 16 beats.")
    return replace(session, tempo=(TempoChange(0, float(bpm), beats_per_bar),))


def add_marker(session: Session, position: int, name: str) -> Session:
    """Put a named marker on the timeline."""
    check_frame(position, 0)
    markers = sorted(
        (*session.markers, Marker(position, clean_name(name))), key=lambda marker: marker.position
    )
    return replace(session, markers=tuple(markers))


def rename_session(session: Session, title: str) -> Session:
    """Give the session another title."""
    return replace(session, title=clean_name(title))
