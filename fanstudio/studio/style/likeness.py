"""Sounding like a record, in the words of a style: what `studio/production` finds, ready to be applied."""

from __future__ import annotations

from fanstudio.errors import InputError
from fanstudio.jobs import Work
from fanstudio.studio.production import LikeOptions, like_reference
from fanstudio.studio.project import Project
from fanstudio.studio.style.choice import Means, Step, StyleChoice, Styled


def plan_likeness(work: Work, project: Project, choice: StyleChoice) -> Styled:
    """Return what makes the song, or a strip of it, sound like a reference; see `styles.plan`."""
    if choice.reference is None:
        raise InputError("A record to sound like is missing.", hint="Choose a song, or drop its file.")
    options = LikeOptions(choice.amount)
    like = like_reference(work, project, choice.target or None, choice.reference, options)
    means = Means.AI if like.styling.ai else Means.DSP
    steps = tuple(Step(text, means) for text in like.words)
    return Styled(like.styling.name, like.styling, like.change, steps=steps, notes=like.notes)
