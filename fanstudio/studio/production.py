"""Make it sound like that record: a chain of ordinary effects, set after a reference; none of it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fanstudio.audio.prepare import prepare_session
from fanstudio.audio.samples import Readable
from fanstudio.errors import EditError, InputError
from fanstudio.inference.production import Chooser, chain_of, loudness_within_reach
from fanstudio.inference.production_chain import ChainSettings, scaled
from fanstudio.inference.production_features import Features, shared_bands
from fanstudio.inference.production_measure import measure
from fanstudio.inference.production_model import ProductionNet
from fanstudio.inference.production_refine import audition, hold_loudness, refine
from fanstudio.inference.production_words import compare, tell
from fanstudio.jobs import Work
from fanstudio.model.mixer import MASTER, MAX_EFFECTS
from fanstudio.model.mixer_edits import effects_of
from fanstudio.model.session import Session, new_id
from fanstudio.model.style_edits import add_styling, lay_effect, remove_styling
from fanstudio.model.styling import StyleKind, Styling
from fanstudio.studio.project import Project
from fanstudio.studio.reference import hear_reference
from fanstudio.studio.strip_sound import StripSound
from fanstudio.text import name_of

#: Edits a session; where what it is about has gone, it leaves the session as it is.
Change = Callable[[Session], Session]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What makes a strip sound like a record: one change, the styling, the whole chain and words for it.

    `own` and `wanted` are what was heard; `notes` compares them in words.
    """

    change: Change
    styling: Styling
    chain: ChainSettings
    own: Features
    wanted: Features
    words: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LikeOptions:
    """How a reference is followed: how much of it, how many settings are tried by ear, and its loudness.

    Without a word, the whole song takes the reference's loudness as far as a little limiting goes, and a
    single strip keeps its own, so that it stays in its place in the mix.
    """

    amount: float = 1.0
    steps: int = 0
    keep_loudness: bool | None = None
    name: str = ""


def like_reference(
    work: Work,
    project: Project,
    strip_id: str | None,
    reference: Path | Features,
    options: LikeOptions | None = None,
    *,
    chooser: Chooser | None = None,
) -> Likeness:
    """Return what makes a track, a bus or (None) the whole song sound like a reference.

    Only the measures of the reference are used, to set effects; none of its sound is. A likeness that the
    strip already has is replaced. At an amount of 0 the change lays nothing.

    Raises:
        EditError: the strip is gone.
        InputError: reference or strip are silent or shorter than a second, or the amount is not 0 to 1.
        AudioFileError: the reference is not usable audio, or a source is missing or damaged.
        ModelError: the net's files are damaged.
        ChildError: the reference made its decoder crash or run over its limits.
        Cancelled: within some seconds.

    """
    options = options or LikeOptions()
    if not 0 <= options.amount <= 1:
        raise InputError("The amount runs from 0 to 1.")
    strip = strip_id or MASTER
    session = without_likeness(project.document.session, strip)
    wanted, name = _wanted(work.part(0.0, 0.2, "Listening to the reference"), reference, options.name)
    prepare_session(work.part(0.2, 0.3), project.pool, session)
    sound = StripSound(session, project.pool.samples_at(session.sample_rate), strip)
    own = measure(work.part(0.3, 0.5, "Listening to the song"), sound, session.sample_rate)
    chooser = chooser or find_chooser()
    chain = _set(work.part(0.5, 1.0), sound, session.sample_rate, own, wanted, chooser, options, strip)
    styling = Styling(
        id=new_id(),
        kind=StyleKind.PRODUCTION,
        name=f"Like {name}",
        target="" if strip == MASTER else strip,
        amount=options.amount,
        reference=name,
        model_id=chooser.model_id,
        model_sha256=chooser.model_sha256,
        ai=bool(chooser.model_id),
    )
    laid = scaled(chain, options.amount)
    _check_room(session, strip, laid)
    notes = compare(own, wanted, laid)
    return Likeness(_change(strip, laid, styling), styling, chain, own, wanted, tell(laid), notes)


def apply_likeness(project: Project, likeness: Likeness) -> bool:
    """Lay a likeness, as one undo step; False where its strip is gone."""
    before = project.document.session
    project.document.apply(likeness.styling.name, likeness.change)
    return project.document.session is not before


@cache
def find_chooser() -> Chooser:
    """Return what sets the knobs: the shipped net, loaded once.

    Raises:
        ModelError: its files are missing or damaged.

    """
    return ProductionNet()


def without_likeness(session: Session, strip: str) -> Session:
    """Return a session without the likenesses that a strip (or `MASTER`) has."""
    target = "" if strip == MASTER else strip
    for styling in session.stylings:
        if styling.kind is StyleKind.PRODUCTION and styling.target == target:
            session = remove_styling(session, styling.id)
    return session


def _wanted(work: Work, reference: Path | Features, name: str) -> tuple[Features, str]:
    if isinstance(reference, Features):
        return reference, name or "a record"
    return hear_reference(work, reference), name or name_of(reference)


def _set(
    work: Work,
    sound: Readable,
    rate: int,
    own: Features,
    wanted: Features,
    chooser: Chooser,
    options: LikeOptions,
    strip: str,
) -> ChainSettings:
    counts = shared_bands(own, wanted)
    whole = strip == MASTER
    heard = audition(sound, rate, own, counts)
    choice = refine(work.part(0.0, 0.8), heard, chooser.choose(own, wanted), options.steps)
    keep = not whole if options.keep_loudness is None else options.keep_loudness
    loudness = own.loudness_lufs if keep else loudness_within_reach(own, wanted)
    chain = chain_of(own, choice, counts, loudness)
    return hold_loudness(work.part(0.8, 1.0), heard, chain, loudness, limited=whole)


def _check_room(session: Session, strip: str, chain: ChainSettings) -> None:
    if len(effects_of(session, strip)) + len(chain.effects) > MAX_EFFECTS:
        raise EditError(
            f"A strip holds at most {MAX_EFFECTS} effects, and this would add {len(chain.effects)}.",
            hint="Remove some first.",
        )


def _change(strip: str, chain: ChainSettings, styling: Styling) -> Change:
    def change(session: Session) -> Session:
        try:
            styled = add_styling(without_likeness(session, strip), styling)
            for effect in chain.effects:
                styled = lay_effect(styled, strip, effect.kind, dict(effect.values), styling.id)
        except EditError:
            return session
        return styled

    def nothing(session: Session) -> Session:
        return session

    return change if chain.effects else nothing
