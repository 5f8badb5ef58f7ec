"""Gets ready for the first preview: what it would have to load and hear, done while the fan still chooses."""

from __future__ import annotations

from importlib import import_module

from fanstudio.jobs import Work
from fanstudio.model.audibility import audible_clips
from fanstudio.studio.project import Project
from fanstudio.studio.style.octaves import with_octave
from fanstudio.studio.style.recipes import shipped_recipes
from fanstudio.studio.style.voices import net_options


def hear_ahead(work: Work, project: Project) -> None:
    """Load what effects filter with, and find the octaves in which the shipped styles play a song's stems.

    Raises:
        InputError, RecipeError: a stem holds no numbers, or a style is damaged.
        AudioFileError, ModelError: a file or a net is missing, damaged or failed.
        Cancelled: within a second.

    """
    import_module("scipy.signal")
    session = project.document.session
    stems = {(track.stem, clip.source) for track, clip in audible_clips(session)}
    for recipe in shipped_recipes():
        for stem, source_id in sorted(stems):
            work.check()
            told = recipe.stem(stem)
            if told is not None and told.timbre is not None:
                source = session.source(source_id)
                with_octave(work, project, source, told.timbre, net_options(told.timbre))
