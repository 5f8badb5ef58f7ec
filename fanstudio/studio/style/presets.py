"""Makes a recipe ready to be applied: its sources, its change, its steps in words."""

from __future__ import annotations

from dataclasses import replace

from fanstudio.errors import InputError
from fanstudio.jobs import Work
from fanstudio.model.recipe import Recipe
from fanstudio.model.recipe_edits import Laying, lay_recipe, take_others_away
from fanstudio.model.session import Session, Source
from fanstudio.model.styling import StyleKind
from fanstudio.studio.project import Project
from fanstudio.studio.style.choice import Change, StyleChoice, Styled
from fanstudio.studio.style.groove import with_groove
from fanstudio.studio.style.plan import begin, level, missing_stems, whole_windows
from fanstudio.studio.style.score import score
from fanstudio.studio.style.steps import steps_of
from fanstudio.studio.style.voices import play_stems, taken_back


def plan_recipe(work: Work, project: Project, choice: StyleChoice, recipe: Recipe) -> Styled:
    """Return a recipe for the song, or for a stem of it, ready to be applied; see `styles.plan`."""
    session = project.document.session
    laying = begin(session, choice, recipe)
    if choice.amount == 0:
        return Styled(recipe.title, laying.styling, taking_away(laying))
    with taken_back(project) as made:
        return _planned(work, project, choice, laying, made)


def _planned(work: Work, project: Project, choice: StyleChoice, laying: Laying, made: list[Source]) -> Styled:
    session, recipe = project.document.session, laying.recipe
    base = take_others_away(session, laying.styling)
    laying, beatless = with_groove(work.part(0.0, 0.1), project, base, laying)
    voices = play_stems(work.part(0.1, 0.5), project, base, laying, made)
    if choice.kind is StyleKind.TIMBRE and not voices.playing:
        raise InputError(first_of(voices.notes), hint="Choose one voice or instrument, without chords.")
    laying = replace(laying, playing=voices.playing)
    read = project.pool.samples_at(session.sample_rate)
    windows = () if choice.target else whole_windows(session)
    laying, heard = level(work.part(0.5, 0.95), session, laying, read, {}, windows)
    match = score(work.part(0.95, 1.0), recipe, heard)
    return Styled(
        recipe.title,
        laying.styling,
        laid(laying),
        sources=voices.sources,
        steps=steps_of(session, laying),
        notes=(*missing_stems(session, laying.recipe), *beatless, *voices.notes),
        score_before=match.before if match else None,
        score_after=match.after if match else None,
    )


def first_of(notes: tuple[str, ...]) -> str:
    """Return the first thing that could not be done, or that there is nothing to play."""
    return notes[0] if notes else "There is nothing here that an instrument could play."


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
