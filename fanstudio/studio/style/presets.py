"""Makes a whole-song style ready to be applied: its sources, its change, its steps in words."""

from __future__ import annotations

from dataclasses import replace

from fanstudio.jobs import Work
from fanstudio.model.recipe import Recipe
from fanstudio.model.recipe_edits import Laying, lay_recipe, take_others_away
from fanstudio.model.session import Session
from fanstudio.studio.project import Project
from fanstudio.studio.style.choice import Change, StyleChoice, Styled
from fanstudio.studio.style.plan import begin, level, missing_stems, whole_windows
from fanstudio.studio.style.steps import describe
from fanstudio.studio.style.voices import play_stems


def plan_preset(work: Work, project: Project, choice: StyleChoice, recipe: Recipe) -> Styled:
    """Return a style for the song, or a stem of it, ready to be applied; see `styles.plan`."""
    session = project.document.session
    laying = begin(session, choice, recipe)
    if choice.amount == 0:
        return Styled(recipe.title, laying.styling, taking_away(laying))
    voices = play_stems(work.part(0.0, 0.5), project, laying)
    laying = replace(laying, playing=voices.playing)
    read = project.pool.samples_at(session.sample_rate)
    laying, _ = level(work.part(0.5, 1.0), session, laying, read, {}, whole_windows(session))
    return Styled(
        recipe.title,
        laying.styling,
        laid(laying),
        sources=voices.sources,
        steps=describe(laying.recipe),
        notes=(*missing_stems(session, recipe), *voices.notes),
    )


def laid(laying: Laying) -> Change:
    """Return the change that lays a recipe, in place of what was laid before."""

    def change(session: Session) -> Session:
        return lay_recipe(session, laying)

    return change


def taking_away(laying: Laying) -> Change:
    """Return the change of a style of which nothing is wanted: the one before goes."""

    def change(session: Session) -> Session:
        return take_others_away(session, laying.styling)

    return change
