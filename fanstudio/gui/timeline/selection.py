"""Which clip the arrow keys lead to, and the selection in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from fanstudio.gui.timeline.badges import warp_words
from fanstudio.model.session import Clip, Session
from fanstudio.model.timebase import bar_and_beat, clock
from fanstudio.text import counted

_NOTHING: Mapping[str, str] = MappingProxyType({})


def beside(session: Session, clip_id: str | None, direction: int, from_frame: int = 0) -> str | None:
    """Return the clip before (−1) or after (+1) a clip in its lane; from none, one near a frame."""
    found = session.find_clip(clip_id) if clip_id else None
    if found is None:
        return _nearest(tuple(session.clips()), from_frame)
    track, clip = found
    index = track.clips.index(clip) + direction
    return track.clips[index].id if 0 <= index < len(track.clips) else None


def above_or_below(session: Session, clip_id: str | None, direction: int, from_frame: int = 0) -> str | None:
    """Return the clip nearest in the next lane up (−1) or down (+1) that has any."""
    found = session.find_clip(clip_id) if clip_id else None
    if found is None:
        return _nearest(tuple(session.clips()), from_frame)
    track, clip = found
    index = session.tracks.index(track) + direction
    while 0 <= index < len(session.tracks):
        if session.tracks[index].clips:
            return _nearest(session.tracks[index].clips, clip.position)
        index += direction
    return None


def existing(session: Session, selected: Collection[str]) -> frozenset[str]:
    """Return the selected ids that are still in the session."""
    return frozenset(clip.id for clip in session.clips() if clip.id in selected)


def describe(session: Session, selected: Collection[str], offline: Mapping[str, str] = _NOTHING) -> str:
    """Say what the timeline holds and what is selected, for those who do not see it.

    `offline` says by id of sources that cannot be read why.
    """
    clips = tuple(session.clips())
    content = f"{counted(len(session.tracks), 'track')}, {counted(len(clips), 'clip')}."
    silent = sum(clip.source in offline for clip in clips)
    content += f" {counted(silent, 'clip')} offline." if silent else ""
    chosen = [clip for clip in clips if clip.id in selected]
    if not chosen:
        return f"{content} Nothing selected."
    if len(chosen) > 1:
        return f"{content} {len(chosen)} clips selected."
    fault = offline.get(chosen[0].source, "")
    return f"{content} Selected: {describe_clip(session, chosen[0])}{fault and f', {fault}'}."


def describe_clip(session: Session, clip: Clip) -> str:
    """Say a clip's name, track and place."""
    track, _ = session.clip(clip.id)
    if session.tempo:
        bar, beat = bar_and_beat(session, clip.position)
        place = f"bar {bar} beat {beat}"
    else:
        place = clock(clip.position, session.sample_rate)
    length = clip.length / session.sample_rate
    warped = f", {warp_words(clip.warp)}" if clip.warp else ""
    muted = ", muted" if clip.muted else ""
    return f"{clip.name} on {track.name}, at {place}, {length:.1f} seconds{warped}{muted}"


def _nearest(clips: Collection[Clip], frame: int) -> str | None:
    return min(clips, key=lambda clip: _distance(clip, frame)).id if clips else None


def _distance(clip: Clip, frame: int) -> int:
    return max(clip.position - frame, frame - clip.end + 1, 0)
