"""Plans a whole-song style: what is made for it, what is laid, how loud, and how well it then fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from fanstudio.audio.samples import Readable, Samples, SampleSource
from fanstudio.errors import InputError
from fanstudio.jobs import Work, side_by_side
from fanstudio.model.audibility import audible_clips, audible_end
from fanstudio.model.recipe import GrooveRecipe, Recipe, SongRecipe, StemRecipe
from fanstudio.model.recipe_edits import Laying, lay_recipe, take_others_away
from fanstudio.model.recipe_file import recipe_digest
from fanstudio.model.session import Session, Stem, new_id
from fanstudio.model.styling import Styling
from fanstudio.studio.style.amounts import scaled
from fanstudio.studio.style.choice import StyleChoice
from fanstudio.studio.style.level import CEILING_DB, choose_level, loudness_of
from fanstudio.studio.style.produced import with_production
from fanstudio.studio.style.windows import Window, WindowSamples, hear, open_windows

_WINDOWS: Final = 4
_WINDOW_S: Final = 6.0

_Listened = tuple[tuple[Samples, ...], WindowSamples]


@dataclass(frozen=True, slots=True)
class Heard:
    """Windows of a song before and after a style, `(2, frames)` each, at a rate."""

    before: tuple[Samples, ...]
    after: tuple[Samples, ...]
    sample_rate: int
    #: What the last window after was read from.
    samples: WindowSamples


def new_styling(choice: StyleChoice, recipe: Recipe) -> Styling:
    """Return the record of a recipe that is applied as it was chosen."""
    return Styling(
        id=new_id(),
        kind=choice.kind,
        name=recipe.title,
        target=choice.target,
        amount=choice.amount,
        amounts=tuple(sorted((stem.value, amount) for stem, amount in choice.amounts.items())),
        seed=choice.seed,
        recipe_id=recipe.id,
        recipe_sha256=recipe_digest(recipe),
    )


def begin(session: Session, choice: StyleChoice, recipe: Recipe) -> Laying:
    """Return what is to be laid, at its amounts, before anything was made or measured.

    Raises:
        InputError: an amount is none, or the target is gone.

    """
    if not all(0 <= amount <= 1 for amount in (choice.amount, *choice.amounts.values())):
        raise InputError("A style's amount runs from 0 to 1.")
    if choice.target:
        recipe = for_stem(recipe, session.track(choice.target).stem)
    return Laying(scaled(recipe, choice.amount, choice.amounts), new_styling(choice, recipe))


def for_stem(recipe: Recipe, stem: Stem) -> Recipe:
    """Return what of a recipe one stem can have: its own part, or what goes over the whole song."""
    told = recipe.stem(stem) or StemRecipe(effects=recipe.master)
    return replace(
        recipe, song=SongRecipe(), groove=GrooveRecipe(), stems=((stem, told),), production=(), master=()
    )


def level(
    work: Work,
    session: Session,
    laying: Laying,
    read: SampleSource,
    lent: Mapping[str, Readable],
    windows: tuple[Window, ...],
) -> tuple[Laying, Heard]:
    """Return what is laid on a whole song with a limiter that keeps it as loud as it was, and how both sound.

    A single stem keeps its level by what is laid on it; there is no limiter.

    Raises:
        AudioFileError: a source's samples are missing or damaged.
        Cancelled: within a second.

    """
    base = take_others_away(session, laying.styling)
    ratio = 1 / laying.recipe.song.speed
    later = tuple(window.scaled(ratio) for window in windows)
    rate = session.sample_rate
    if laying.recipe.production:
        raw, _ = _hear_all(work.part(0.0, 0.5), lay_recipe(session, laying), later, read, lent)
        laying, work = with_production(laying, raw, rate), work.part(0.5, 1.0)
    heard = listen(work, base, lay_recipe(session, laying), read, lent, (windows, later))
    if laying.styling.target:
        return laying, heard
    chosen, after = choose_level(heard.after, rate, loudness_of(heard.before, rate))
    laying = replace(laying, drive_db=chosen.drive_db, level_db=chosen.level_db, ceiling_db=CEILING_DB)
    return laying, replace(heard, after=tuple(after))


def listen(
    work: Work,
    before: Session,
    after: Session,
    read: SampleSource,
    lent: Mapping[str, Readable],
    windows: tuple[tuple[Window, ...], tuple[Window, ...]],
) -> Heard:
    """Return how windows of two sessions of one rate sound, each with windows of its own.

    Raises:
        AudioFileError: a source's samples are missing or damaged.
        Cancelled: within a second.

    """

    def hear_one(part: Work, which: tuple[Session, tuple[Window, ...]]) -> _Listened:
        return _hear_all(part, *which, read, lent)

    both = side_by_side(work, ((before, windows[0]), (after, windows[1])), hear_one)
    (was, _), (now, samples) = both
    return Heard(was, now, before.sample_rate, samples)


def whole_windows(session: Session) -> tuple[Window, ...]:
    """Return the windows of a song that stand for all of it, evenly spread over what sounds."""
    start = min((clip.position for _, clip in audible_clips(session)), default=0)
    end = audible_end(session)
    span = round(_WINDOW_S * session.sample_rate)
    if end - start <= _WINDOWS * span:
        return (Window(start, end),) if end > start else ()
    step = (end - start - span) / (_WINDOWS - 1)
    return tuple(Window(start + round(n * step), start + round(n * step) + span) for n in range(_WINDOWS))


def missing_stems(session: Session, recipe: Recipe) -> tuple[str, ...]:
    """Return, in words, what of a recipe finds nothing to work on."""
    there = {track.stem for track in session.tracks if track.clips}
    gone = [stem for stem, _ in recipe.stems if stem not in there]
    if not gone:
        return ()
    if there <= {Stem.MIX}:
        return ("The song is not split: only what goes over the whole song is applied.",)
    if Stem.ACCOMPANIMENT in there and not there & {Stem.DRUMS, Stem.BASS}:
        return ("Drums and bass are not apart here; split into four stems for all of the style.",)
    return tuple(f"There is no stem “{stem.value}” here; its part is left out." for stem in gone)


def _hear_all(
    work: Work,
    session: Session,
    windows: tuple[Window, ...],
    read: SampleSource,
    lent: Mapping[str, Readable],
) -> _Listened:
    """Hear windows one by one, so that nothing is warped of what lies between them."""
    heard: list[Samples] = []
    samples = WindowSamples(read, lent, {})
    for number, window in enumerate(windows):
        part = work.part(number / len(windows), (number + 1) / len(windows))
        samples = open_windows(part.part(0.0, 0.5), session, read, lent, (window,))
        heard.append(hear(part.part(0.5, 1.0), session, samples, window))
    return tuple(heard), samples
