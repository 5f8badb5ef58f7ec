"""What a recipe does, step by step, in words, and by which means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fanstudio.audio.effects import EFFECTS
from fanstudio.model.recipe import GrooveRecipe, Recipe, RecipeEffect, RecipeTimbre, SongRecipe, Voice
from fanstudio.model.recipe_edits import Laying
from fanstudio.model.session import Session, Stem
from fanstudio.studio.sampled_drums import is_kit
from fanstudio.studio.style.choice import Means, Step

_TITLES: Final = {effect.kind: effect.title for effect in EFFECTS}


def steps_of(session: Session, laying: Laying) -> tuple[Step, ...]:
    """Return the steps of what is laid on a session, without what it has no stem, no beat or no notes for."""
    target = laying.styling.target
    tracks = [track for track in session.tracks if track.clips and target in ("", track.id)]
    there = {track.stem for track in tracks}
    played = {track.stem for track in tracks if track.id in laying.playing}
    recipe = laying.recipe
    stems = {}
    for stem in (*dict(recipe.stems), Stem.ACCOMPANIMENT):
        told = recipe.stem(stem)
        if told is not None and stem in there:
            stems[stem] = told if stem in played else replace(told, timbre=None)
    sent = {name for told in stems.values() for name, _gain in told.sends}
    done = replace(
        recipe,
        groove=recipe.groove if laying.grid is not None else GrooveRecipe(),
        stems=tuple(stems.items()),
        buses=tuple(bus for bus in recipe.buses if bus.name in sent),
    )
    return describe(done, whole=not target, ai=laying.styling.ai)


def describe(recipe: Recipe, *, whole: bool = True, ai: bool = False) -> tuple[Step, ...]:
    """Return the steps of a recipe as it is laid, on a whole song or a stem, in the order of doing.

    `ai` tells whether a net set what is set after a record.
    """
    steps = [*_song_steps(recipe.song), *_groove_steps(recipe.groove)]
    for stem, told in recipe.stems:
        if told.timbre is not None:
            steps.append(_timbre_step(stem, told.timbre))
    for stem, told in recipe.stems:
        if told.muted:
            steps.append(Step(f"{stem.capitalize()}: silent", Means.DSP))
        elif told.effects:
            steps.append(Step(f"{stem.capitalize()}: {_named(told.effects)}", Means.DSP))
    steps += [Step(f"Shared room “{bus.name}”: {_named(bus.effects)}", Means.DSP) for bus in recipe.buses]
    if recipe.master:
        steps.append(Step(f"Whole song: {_named(recipe.master)}", Means.DSP))
    if recipe.production:
        means = Means.AI if ai else Means.DSP
        steps.append(Step("Whole song: set after a record that was measured", means))
    return (*steps, Step("Limiter, as loud as before", Means.DSP)) if whole else tuple(steps)


def _song_steps(song: SongRecipe) -> Iterator[Step]:
    if song.speed != 1:
        yield Step(f"Speed × {song.speed:.2f}", Means.DSP)
    if abs(song.moved_semitones) >= 0.005:
        pitch = f"{song.moved_semitones:+.1f}".replace("-", "−")
        yield Step(f"Pitch {pitch} semitones", Means.DSP)


def _groove_steps(groove: GrooveRecipe) -> Iterator[Step]:
    if groove.half_time:
        yield Step("Drums at half time, on beats that a net heard", Means.AI)
    if groove.swing:
        yield Step(f"Swing {groove.swing * 100:.0f} %, on beats that a net heard", Means.AI)


def _timbre_step(stem: Stem, timbre: RecipeTimbre) -> Step:
    names = (timbre.instrument, timbre.second if timbre.morph else "")
    instrument = " and ".join(filter(None, names)).replace("-", " ")
    doubled = "doubled by" if timbre.double else "played by"
    if timbre.voice is Voice.NET:
        return Step(f"{stem.capitalize()}: {doubled} {instrument}, made by a net", Means.AI)
    if is_kit(timbre.instrument):
        return Step(f"{stem.capitalize()}: {doubled} {instrument.removeprefix('kit ')} drums", Means.DSP)
    return Step(f"{stem.capitalize()}: {doubled} {instrument}, from notes that a net heard", Means.AI)


def _named(effects: tuple[RecipeEffect, ...]) -> str:
    return ", ".join(_TITLES[effect.kind].lower() for effect in effects)
