"""What a fan chooses of a style, and what comes of it before it is applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from fanstudio.model.recipe import Recipe, RecipeTimbre, Voice
from fanstudio.model.session import Session, Source, Stem
from fanstudio.model.styling import StyleKind, Styling

#: Changes a session purely, and leaves out what is gone from it meanwhile.
Change = Callable[[Session], Session]


class Means(StrEnum):
    """How a step is done, in words for a fan: a neural net takes part, or signal processing alone."""

    AI = "AI"
    DSP = "DSP"


@dataclass(frozen=True, slots=True)
class StyleChoice:
    """A style and where it goes: a track's id, or the whole song where `target` is empty.

    `id` is a recipe's or an instrument's. `recipe` stands for one that is not on the shelf, as a surprise
    is; `reference` is the record to sound like; `timbre` refines an instrument. `amounts` are those of
    single stems, 0..1, times `amount`.
    """

    kind: StyleKind
    id: str = ""
    target: str = ""
    amount: float = 1.0
    amounts: Mapping[Stem, float] = field(default_factory=dict)
    seed: int = 0
    recipe: Recipe | None = None
    timbre: RecipeTimbre | None = None
    reference: Path | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a style does, in words, and by what means."""

    text: str
    means: Means

    @property
    def ai(self) -> bool:
        """Tell whether a neural net takes part."""
        return self.means is Means.AI


@dataclass(frozen=True, slots=True)
class Styled:
    """A style that is ready to be applied: sources in the pool, and the one change that places them.

    `notes` say what could not be done and why. Scores run from 0 to 100; None where a style describes no
    sound to be compared with.
    """

    title: str
    styling: Styling
    change: Change
    sources: tuple[Source, ...] = ()
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    score_before: float | None = None
    score_after: float | None = None


@dataclass(frozen=True, slots=True)
class PreviewPair:
    """A window of a song before and after a style, equally loud, to be played in turn.

    Play either session from its start frame for `length` frames of it. `gain_db` is what was taken from
    the louder one, positive where that is the session after. `lent` are ids to be given back to the pool.
    """

    before: Session
    after: Session
    before_start: int
    after_start: int
    before_length: int
    after_length: int
    gain_db: float
    lent: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimbreOffer:
    """An instrument that can be chosen: `means` says how it plays, `about` in a few words.

    `drums` tells a kit, which plays drum stems and no others.
    """

    id: str
    title: str
    means: Means
    about: str
    family: str = ""
    voice: Voice = Voice.NET
    drums: bool = False
