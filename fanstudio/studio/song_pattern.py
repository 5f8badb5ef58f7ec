"""A drum pattern of the shelf that plays along with a song, in its tempo and on its bar lines."""

from __future__ import annotations

from dataclasses import replace

from fanstudio.errors import InputError
from fanstudio.jobs import Work
from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.grid_pattern import pattern_bpm
from fanstudio.studio import drum_grid
from fanstudio.studio.drum_grid import Rendered
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.project import Project
from fanstudio.studio.shelf_table import ShelfItem


def render_for_song(
    work: Work, project: Project, machine: DrumMachine, pattern_id: str, grid: BeatGrid
) -> Rendered:
    """Render one pass of a pattern into the pool in a song's tempo, for `grid_pattern.lay_pattern`.

    Raises:
        EditError: the song has no beats.
        InputError: there is no such pattern, or its kit is damaged.
        StorageError: the disk is full or gone.

    """
    item = find_pattern(machine, pattern_id)
    assert item.pattern is not None
    pattern = replace(item.pattern, bpm=pattern_bpm(grid))
    return drum_grid.render(work, project, machine, pattern, item.name)


def find_pattern(machine: DrumMachine, pattern_id: str) -> ShelfItem:
    """Return a drum pattern of the shelf; raise InputError where there is none of this id."""
    for item in machine.shelf.items:
        if item.id == pattern_id and item.pattern is not None:
            return item
    raise InputError(f"There is no drum pattern “{pattern_id[:40]}” on the shelf.")
