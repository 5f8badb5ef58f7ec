"""Hears what a groove needs: where drums begin to sound, and a pattern of the shelf in the song's tempo."""

from __future__ import annotations

from dataclasses import replace

from fanstudio.audio.onsets import find_onsets
from fanstudio.errors import InputError
from fanstudio.jobs import Work
from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.grid_pattern import pattern_bpm
from fanstudio.model.groove_laying import HeardGroove
from fanstudio.model.recipe import GrooveRecipe
from fanstudio.model.session import Session, Source, Stem
from fanstudio.model.slices import Attacks
from fanstudio.studio import drum_grid
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.project import Project
from fanstudio.studio.shelf_table import ShelfItem


def hear_groove(
    work: Work, project: Project, machine: DrumMachine, groove: GrooveRecipe, grid: BeatGrid
) -> HeardGroove:
    """Return all that laying a groove needs; the pattern's source is in the pool then.

    Raises:
        AudioFileError: a source's samples are missing or damaged.
        EditError: the song has no beats for a pattern.
        InputError: there is no such pattern.
        StorageError: the disk is full or gone.
        Cancelled: within a second.

    """
    moves = groove.half_time or groove.swing
    attacks = hear_attacks(work.part(0.0, 0.8), project, project.document.session) if moves else {}
    heard = HeardGroove(grid, attacks)
    if not groove.pattern:
        return heard
    item = find_pattern(machine, groove.pattern)
    assert item.pattern is not None
    pattern = replace(item.pattern, bpm=pattern_bpm(grid))
    rendered = drum_grid.render(work.part(0.8, 1.0), project, machine, pattern, item.name)
    return replace(heard, pattern=rendered.pattern, source=rendered.source)


def hear_attacks(work: Work, project: Project, session: Session) -> Attacks:
    """Return where sounds begin in the sources of a session's drums; raises as `hear_groove`."""
    sources = drum_sources(session)
    found: dict[str, tuple[int, ...]] = {}
    for number, source in enumerate(sources):
        work.report(number / len(sources), "Listening to the drums")
        samples = project.pool.samples(source, session.sample_rate)
        part = work.part(number / len(sources), (number + 1) / len(sources))
        found[source.id] = tuple(find_onsets(part, samples, session.sample_rate).tolist())
    return found


def drum_sources(session: Session) -> tuple[Source, ...]:
    """Return the sources that drums on tracks play, once each."""
    ids = {clip.source for track in session.tracks if track.stem is Stem.DRUMS for clip in track.clips}
    return tuple(source for source in session.sources if source.id in ids)


def find_pattern(machine: DrumMachine, pattern_id: str) -> ShelfItem:
    """Return a drum pattern of the shelf; raise InputError where there is none of this id."""
    for item in machine.shelf.items:
        if item.id == pattern_id and item.pattern is not None:
            return item
    raise InputError(f"There is no drum pattern “{pattern_id[:40]}” on the shelf.")
