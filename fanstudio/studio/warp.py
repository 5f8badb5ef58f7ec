"""Warps: clips at another speed or pitch, rendered in the background and before they leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fanstudio.errors import EditError
from fanstudio.jobs import Work, side_by_side
from fanstudio.model.session import Session, Source
from fanstudio.model.timebase import tempo_at
from fanstudio.model.warp import Warp
from fanstudio.model.warp_edits import warp_clips
from fanstudio.studio.project import Project

#: A source, and how it is warped.
Warped = tuple[Source, Warp]


def warps_in_use(session: Session) -> tuple[Warped, ...]:
    """Return each source that a clip warps, with the warp, once, in the order of the timeline's tracks."""
    sources = {source.id: source for source in session.sources}
    pairs = ((sources[clip.source], clip.warp) for clip in session.clips() if clip.warp)
    return tuple(dict.fromkeys((source, warp) for source, warp in pairs if not warp.idle))


def unrendered(project: Project, session: Session) -> tuple[Warped, ...]:
    """Return what a project's session warps and the cache lacks; stems still being made come later."""
    pending = {stem for split in project.document.pending for stem in split.stem_ids}
    return tuple(
        (source, warp)
        for source, warp in warps_in_use(session)
        if source.id not in pending and not project.pool.ready(source, session.sample_rate, warp)
    )


def render_warp(work: Work, project: Project, source: Source, warp: Warp) -> None:
    """Render a warped source, which plays from then on, and make room for it in the cache.

    Raises:
        AudioFileError: the source's file is missing, changed or damaged.
        ChildError: the process that renders it crashed or ran over its limits.
        StorageError: the disk is full or gone.

    """
    session = project.document.session
    project.pool.prepare(work, source, session.sample_rate, warp)
    project.pool.make_room(warps_in_use(session), session.sample_rate)


def render_warps(work: Work, project: Project, session: Session) -> None:
    """Render all that a session warps, for what is about to leave it; raises as `render_warp` does."""
    missing = unrendered(project, session)
    together = work.part(0.0, 1.0, "Stretching clips")
    for _ in side_by_side(together, missing, lambda part, warped: render_warp(part, project, *warped)):
        work.check()


def set_speed(session: Session, clip_ids: Iterable[str], speed: float) -> Session:
    """Let clips play at `speed` times their sources' speed, at the pitch that they have."""
    if not speed > 0:
        raise EditError("The speed must be more than 0 %.")
    return warp_clips(session, clip_ids, lambda warp: replace(warp, stretch=1 / speed))


def set_pitch(session: Session, clip_ids: Iterable[str], semitones: float) -> Session:
    """Let clips sound `semitones` above their sources, at the speed that they have."""
    return warp_clips(session, clip_ids, lambda warp: replace(warp, semitones=semitones))


def keep_formants(session: Session, clip_ids: Iterable[str], keep: bool) -> Session:
    """Let voices in clips keep their character while their pitch moves, or not."""
    return warp_clips(session, clip_ids, lambda warp: replace(warp, keep_formants=keep))


def unwarp(session: Session, clip_ids: Iterable[str]) -> Session:
    """Let clips play as their sources are."""
    return warp_clips(session, clip_ids, lambda _warp: Warp())


def fit_tempo(session: Session, clip_ids: Iterable[str], source_bpm: float) -> Session:
    """Stretch clips whose sources have a tempo of `source_bpm` to the session's tempo where they begin.

    Raises:
        EditError: that is more than a clip can be stretched, or no tempo.

    """
    chosen = [session.clip(clip_id)[1] for clip_id in clip_ids]
    if not chosen:
        return session
    if not source_bpm > 0:
        raise EditError("The tempo must be more than 0 beats a minute.")
    bpm = tempo_at(session, min(clip.position for clip in chosen)).bpm
    return set_speed(session, [clip.id for clip in chosen], bpm / source_bpm)
