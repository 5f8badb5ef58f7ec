"""What is being split already plays and can be mixed: its stems stand in the session before they are whole.

Such stems are pending: they are never saved. When the split ends, they are replaced by the sources in
the pool, everywhere in the history; when it fails, they go, as if it had never begun.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fanstudio.model import edits
from fanstudio.model.session import Clip, Session, Source, Track


@dataclass(frozen=True, slots=True)
class Pending:
    """A split that is under way: its stems, and what the session was like before it."""

    clip_id: str
    parent_id: str
    stem_ids: frozenset[str]
    #: The tracks that the split added.
    track_ids: frozenset[str]
    #: The clips that played the parent before; others that do are parts or copies of the split one.
    known_clips: frozenset[str]
    was_muted: bool


def lay_pending(session: Session, clip_id: str, stems: Sequence[Source]) -> tuple[Session, Pending]:
    """Return the session with stems below a clip, as `edits.split_into_stems`, and what is pending."""
    _, clip = session.clip(clip_id)
    split = edits.split_into_stems(session, clip_id, stems)
    before = {track.id for track in session.tracks}
    pending = Pending(
        clip_id,
        clip.source,
        frozenset(stem.id for stem in stems),
        frozenset(track.id for track in split.tracks if track.id not in before),
        frozenset(other.id for other in session.clips() if other.source == clip.source),
        clip.muted,
    )
    return split, pending


def settle(session: Session, stems: Mapping[str, Source]) -> Session:
    """Return the session with whole stems in place of the pending ones, given by their ids."""
    if not any(source.id in stems for source in session.sources):
        return session
    settled = [stems.get(source.id, source) for source in session.sources]
    sources = tuple({source.id: source for source in reversed(settled)}.values())[::-1]

    def renew(clip: Clip) -> Clip:
        return replace(clip, source=stems[clip.source].id) if clip.source in stems else clip

    tracks = tuple(_with_clips(track, tuple(map(renew, track.clips))) for track in session.tracks)
    return replace(session, sources=sources, tracks=tracks)


def take_out(session: Session, pending: Pending) -> Session:
    """Return the session without what is pending: as it would be had the split not begun."""
    if not any(source.id in pending.stem_ids for source in session.sources):
        return session

    def sounding(clip: Clip) -> Clip:
        split = clip.id == pending.clip_id or clip.id not in pending.known_clips
        unmute = split and clip.source == pending.parent_id and clip.muted and not pending.was_muted
        return replace(clip, muted=False) if unmute else clip

    tracks = []
    for track in session.tracks:
        clips = tuple(sounding(clip) for clip in track.clips if clip.source not in pending.stem_ids)
        if clips or track.id not in pending.track_ids:
            tracks.append(_with_clips(track, clips))
    sources = tuple(source for source in session.sources if source.id not in pending.stem_ids)
    return replace(session, sources=sources, tracks=tuple(tracks))


def _with_clips(track: Track, clips: tuple[Clip, ...]) -> Track:
    """Return the track itself where nothing changed: who compares by identity need not look again."""
    same = len(clips) == len(track.clips) and all(map(lambda a, b: a is b, clips, track.clips))
    return track if same else replace(track, clips=clips)
