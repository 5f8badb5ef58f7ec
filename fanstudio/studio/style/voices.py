"""Stems that are played anew by an instrument: by a net, or from notes by sampled and synthetic ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from fanstudio.audio.samples import Samples, padded
from fanstudio.errors import InputError, ModelError
from fanstudio.jobs import Work, side_by_side
from fanstudio.model.audibility import audible_clips
from fanstudio.model.recipe import Recipe, RecipeTimbre, StemRecipe, Voice
from fanstudio.model.recipe_edits import Laying, Playing
from fanstudio.model.session import Session, Source, Stem, Track, new_id
from fanstudio.studio import sampled, timbre
from fanstudio.studio.pitch import Pitches
from fanstudio.studio.project import Project
from fanstudio.studio.style.choice import Means, TimbreOffer
from fanstudio.studio.style.octaves import with_octave
from fanstudio.studio.style.remembered import remembered
from fanstudio.studio.style.windows import Placed, Window, source_windows

#: A mix beyond which nothing of the stem itself is left.
_WHOLE = 0.999
_UNDER_DB = -6.0


@dataclass(frozen=True, slots=True)
class Voices:
    """What was made of stems: by track id, what is lent for a preview, and what could not be made."""

    playing: Mapping[str, Playing] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    lent: Mapping[str, Placed] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


#: Makes of a source, by an instrument, another one; None where nothing of it is wanted.
Make = Callable[[Work, Source, RecipeTimbre], Source | None]


def list_timbres() -> tuple[TimbreOffer, ...]:
    """Return what a stem can be played by: instruments of the net, those that play notes, and drum kits.

    Raises:
        ModelError, InputError: the net's manifest, or the table of the instruments or kits, is damaged.

    """
    nets = [
        TimbreOffer(row.id, row.title, Means.AI, "made by a net", row.family)
        for row in timbre.list_instruments()
    ]
    others = [
        TimbreOffer(row.id, row.title, Means.AI, _heard(computed=row.computed), row.family, Voice.SAMPLED)
        for row in sampled.list_instruments()
    ]
    kits = [
        TimbreOffer(row.id, row.title, Means.DSP, "struck as the drums are", "kit", Voice.SAMPLED, drums=True)
        for row in sampled.list_kits()
    ]
    return (*nets, *others, *kits)


def _heard(*, computed: bool) -> str:
    return f"notes found by AI, played by {'formulas' if computed else 'samples'}"


def instrument_recipe(told: RecipeTimbre, stem: Stem, title: str = "") -> Recipe:
    """Return the recipe that has a stem played by an instrument, and nothing else."""
    name = title or told.instrument.replace("-", " ").capitalize()
    return Recipe(told.instrument, name, stems=((stem, StemRecipe(timbre=told)),))


@contextmanager
def taken_back(project: Project) -> Iterator[list[Source]]:
    """Yield a list for sources that are made; on an error what they brought into the pool goes again."""
    made: list[Source] = []
    try:
        yield made
    except BaseException:
        for source in made:
            project.pool.drop(source)
        raise


def play_stems(work: Work, project: Project, session: Session, laying: Laying, made: list[Source]) -> Voices:
    """Make what a recipe has played anew, whole, keep it in the pool, and put it on the list `made`.

    Raises:
        AudioFileError, ModelError, StorageError: a file, a net or the disk failed.
        Cancelled: within a second; no file is left.

    """
    pitches = Pitches(project.pool, session.sample_rate)

    def make(part: Work, source: Source, told: RecipeTimbre) -> Source:
        told = with_octave(part.part(0.0, 0.1), project, source, told, net_options(told))
        part = part.part(0.1, 1.0)
        if told.voice is Voice.NET:
            new = timbre.timbre_source(part, project, pitches, source, net_options(told))
        else:
            options = note_options(told, source.stem)
            new = sampled.sampled_source(part, project, source, told.instrument, options)
        made.append(new)
        return new

    voices = _play(work, session, laying, make)
    for source in made:
        if source not in voices.sources:
            project.pool.drop(source)
    return voices


def play_windows(work: Work, project: Project, session: Session, laying: Laying, window: Window) -> Voices:
    """Make what a recipe has played anew for a window of the song only, to be lent to the pool."""
    rate = session.sample_rate
    spans: dict[str, Window] = {}
    for (source_id, warp), span in source_windows(session, [window]).items():
        plain = span.scaled(1 / (warp.stretch if warp else 1.0)).widened(rate // 2)
        old = spans.get(source_id, plain)
        spans[source_id] = Window(min(old.start, plain.start), max(old.end, plain.end))
    lent: dict[str, Placed] = {}

    def make(part: Work, source: Source, told: RecipeTimbre) -> Source | None:
        if source.id not in spans:
            return None
        told = with_octave(part.part(0.0, 0.5), project, source, told, net_options(told))
        part = part.part(0.5, 1.0)
        span = Window(spans[source.id].start, min(source.length, spans[source.id].end))
        made = replace(source, id=new_id())
        lent[made.id] = Placed(_played(part, project, source, told, span), span.start, source.length)
        return made

    voices = _play(work, session, laying, make)
    return replace(voices, lent=lent)


def _played(work: Work, project: Project, source: Source, told: RecipeTimbre, span: Window) -> Samples:
    """Return frames of a source as they are played anew, kept for another amount; its mix is the mixer's."""
    rate, told = project.document.session.sample_rate, replace(told, mix=1.0)

    def play() -> Samples:
        sound = padded(project.pool.samples(source, rate), span.start, span.end)
        return _restyled(work, sound, rate, told, source.stem)

    return remembered(project.pool).get_or_make((source.id, source.stem, rate, span, told), play)


def net_options(told: RecipeTimbre) -> timbre.TimbreOptions:
    """Return how the net plays; how much of the stem stays is a matter of the mixer."""
    return timbre.TimbreOptions(
        told.instrument,
        told.second,
        told.morph,
        told.octave,
        told.glide_s,
        told.vibrato,
        pass_chords=not told.double,
    )


def note_options(told: RecipeTimbre, stem: Stem) -> sampled.SampledOptions:
    """Return how notes are read and played; a voice is one line."""
    return sampled.SampledOptions(told.octave, single_line=stem is Stem.VOCALS)


def _restyled(work: Work, sound: Samples, rate: int, told: RecipeTimbre, stem: Stem) -> Samples:
    if told.voice is Voice.NET:
        blocks = timbre.voice_as(work, sound, rate, net_options(told)).blocks
    else:
        blocks = sampled.play_as(work, sound, rate, told.instrument, note_options(told, stem)).blocks
    return np.concatenate(list(blocks), axis=1)


def _play(work: Work, session: Session, laying: Laying, make: Make) -> Voices:
    def play(part: Work, of: tuple[Track, RecipeTimbre]) -> tuple[Track, Playing | str]:
        track, told = of
        try:
            made = _each_source(part, session, track, told, make)
        except (InputError, ModelError) as error:
            return track, f"{track.name}: {error.message}"
        return track, Playing(_named(track, told), made, *_gains(told))

    done = tuple(side_by_side(work, _wanted(session, laying), play))
    playing = {track.id: found for track, found in done if isinstance(found, Playing)}
    sources = tuple(source for one in playing.values() for source in one.made.values())
    return Voices(playing, sources, notes=tuple(found for _, found in done if isinstance(found, str)))


def _wanted(session: Session, laying: Laying) -> list[tuple[Track, RecipeTimbre]]:
    found = []
    for track in session.tracks:
        told = laying.recipe.stem(track.stem)
        if told is None or told.timbre is None or laying.styling.target not in ("", track.id):
            continue
        if told.timbre.mix > 0 and any(own is track for own, _ in audible_clips(session)):
            found.append((track, told.timbre))
    return found


def _each_source(
    work: Work, session: Session, track: Track, told: RecipeTimbre, make: Make
) -> dict[str, Source]:
    ids = list(dict.fromkeys(clip.source for clip in track.clips if not clip.muted))
    found = {
        source_id: make(work.part(n / len(ids), (n + 1) / len(ids)), session.source(source_id), told)
        for n, source_id in enumerate(ids)
    }
    made = {source_id: source for source_id, source in found.items() if source is not None}
    if not made:
        raise InputError("It is not heard here.")
    return made


def _gains(told: RecipeTimbre) -> tuple[float, float | None]:
    """Return the gain of what was made, and the change of the stem's own; None mutes it."""
    made = 20 * math.log10(told.mix)
    if told.double:
        return made + _UNDER_DB, 0.0
    return made, None if told.mix >= _WHOLE else 20 * math.log10(1 - told.mix)


def _named(track: Track, told: RecipeTimbre) -> str:
    return f"{track.name} ({told.instrument.replace('-', ' ')})"
