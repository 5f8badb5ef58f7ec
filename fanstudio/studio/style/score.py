"""How well a sound matches a style, 0 to 100, by what is measured of a render and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fanstudio.jobs import Work
from fanstudio.model.recipe import Aim, Recipe
from fanstudio.studio.style.against import semitones_against, speed_against
from fanstudio.studio.style.figures import FIGURES, Sound, listen_to, measure
from fanstudio.studio.style.plan import Heard

#: Figures that compare the song with how it was before the style.
AGAINST: Final = ("speed", "semitones")
KNOWN: Final = (*FIGURES, *AGAINST)


@dataclass(frozen=True, slots=True)
class Match:
    """The score of a song before and after a style, and the figures that both had."""

    before: float
    after: float
    figures_before: Mapping[str, float]
    figures_after: Mapping[str, float]


def score(work: Work, recipe: Recipe, heard: Heard) -> Match | None:
    """Return how well windows of a song match a recipe before and after it; None where it has no aims.

    A recipe describes its sound by aims: figures that are measured of any sound (`figures.FIGURES`), and
    speed and pitch against the song before. What the recipe lays has no part in it, so that a style whose
    effects were switched off would score as the song did before. Each aim that is met counts its weight,
    one that is missed by `within` half of it; the score is their mean, in per cent.
    """
    aims = [aim for aim in recipe.aims if aim.feature in KNOWN]
    if not aims or not heard.before:
        return None
    before, after = listen_to(heard.before, heard.sample_rate), listen_to(heard.after, heard.sample_rate)
    was = _figures(work.part(0.0, 0.5), before, before)
    now = _figures(work.part(0.5, 1.0), after, before)
    return Match(match_of(aims, was), match_of(aims, now), was, now)


def match_of(aims: list[Aim], figures: Mapping[str, float]) -> float:
    """Return how well figures match aims, 0 to 100."""
    total = sum(aim.weight for aim in aims)
    met = sum(aim.weight * aim.match(figures[aim.feature]) for aim in aims)
    return round(100 * met / total, 1) if total > 0 else 0.0


def _figures(work: Work, sound: Sound, original: Sound) -> dict[str, float]:
    figures = measure(work, sound)
    return figures | {
        "speed": speed_against(sound, original),
        "semitones": semitones_against(sound, original),
    }
