"""The beats that a style's groove goes by, and where in the drums sounds begin."""

from __future__ import annotations

from dataclasses import replace

from fanstudio.audio.onsets import find_onsets
from fanstudio.jobs import Work
from fanstudio.model.beat_grid import BeatGrid, grid_of
from fanstudio.model.recipe_edits import Laying
from fanstudio.model.session import Session, Source, Stem
from fanstudio.studio.project import Project

#: What a song must have at least for a groove to be changed.
_LEAST_BEATS = 8


def with_groove(
    work: Work, project: Project, session: Session, laying: Laying
) -> tuple[Laying, tuple[str, ...]]:
    """Return what is laid with the beats it needs, and in words what it does without.

    Raises:
        AudioFileError, ModelError: a source or the net is missing or damaged.
        Cancelled: within a second.

    """
    groove = laying.recipe.groove
    if laying.styling.target or not (groove.half_time or groove.swing):
        return laying, ()
    drums = _drums(session)
    if not drums:
        return laying, ("There are no drums to change the groove of.",)
    grid = song_grid(work.part(0.0, 0.7), project, session)
    if grid is None:
        return laying, ("No steady beat was found; the groove stays.",)
    attacks = {
        source.id: tuple(find_onsets(work.part(0.7, 1.0), samples, session.sample_rate).tolist())
        for source in drums
        for samples in (project.pool.samples(source, session.sample_rate),)
    }
    return replace(laying, grid=grid, attacks=attacks), ()


def song_grid(work: Work, project: Project, session: Session) -> BeatGrid | None:
    """Return the beats of a session: those of its tempo where one is set."""
    if session.tempo:
        return _set_grid(session)
    return None


def _set_grid(session: Session) -> BeatGrid | None:
    """Return the beats of a session's tempo, which is the first one's if it changes."""
    tempo = session.tempo[0]
    beat_s = 60 / tempo.bpm
    count = int(session.length / session.sample_rate / beat_s) + 1
    if count < _LEAST_BEATS or len(session.tempo) > 1:
        return None
    return grid_of((beat_s * number for number in range(count)), 0, tempo.beats_per_bar, 1.0)


def _drums(session: Session) -> list[Source]:
    found = {
        clip.source: session.source(clip.source)
        for track in session.tracks
        if track.stem is Stem.DRUMS and not track.muted
        for clip in track.clips
        if not clip.muted
    }
    return list(found.values())
