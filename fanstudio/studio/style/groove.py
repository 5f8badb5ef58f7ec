"""The beats that a style's groove goes by, and where in the drums sounds begin."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from fanstudio.audio.onsets import find_onsets
from fanstudio.errors import EditError
from fanstudio.jobs import Work
from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.document import Document
from fanstudio.model.recipe_edits import Laying
from fanstudio.model.session import Session, Source, Stem
from fanstudio.studio.analyse import analyse_song
from fanstudio.studio.project import Project

#: What a song must have at least for a groove to be changed.
_LEAST_BEATS = 8
#: A beat this near before the next tempo is that one's first.
_NEARLY = 1e-3


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
    """Return the beats of a session: those of its tempo where one is set, else those that are heard."""
    if session.tempo:
        grid = _set_grid(session)
    else:
        stage = Project(project.folder, Document(session), project.pool)
        try:
            grid = analyse_song(work, stage).grid
        except EditError:
            return None
    return grid if len(grid.beats_s) >= _LEAST_BEATS else None


def _set_grid(session: Session) -> BeatGrid:
    """Return the beats of a session's tempo; bars begin anew where it changes."""
    beats: list[float] = []
    downbeats: list[float] = []
    rate = session.sample_rate
    for number, change in enumerate(session.tempo):
        following = session.tempo[number + 1 :]
        start_s = change.frame / rate if number else 0.0
        end_s = (following[0].frame if following else session.length) / rate
        count = max(0, ceil((end_s - start_s) * change.bpm / 60 - _NEARLY))
        times = [start_s + beat * 60 / change.bpm for beat in range(count)]
        beats += times
        downbeats += times[:: change.beats_per_bar]
    first = session.tempo[0]
    return BeatGrid(tuple(beats), tuple(downbeats), first.bpm, first.beats_per_bar, 1.0)


def _drums(session: Session) -> list[Source]:
    found = {
        clip.source: session.source(clip.source)
        for track in session.tracks
        if track.stem is Stem.DRUMS and not track.muted
        for clip in track.clips
        if not clip.muted
    }
    return list(found.values())
