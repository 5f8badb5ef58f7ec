"""How a song is to be split: into which stems, how well, and what of it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from fanstudio.audio.samples import Samples
from fanstudio.errors import InputError
from fanstudio.model.session import Stem

Quality = Literal["fast", "best"]
QUALITIES: tuple[Quality, ...] = get_args(Quality)
#: How many stems → which; in each, the last is what the others leave of the mix.
STEMS: Mapping[int, tuple[str, ...]] = {
    2: ("vocals", "accompaniment"),
    4: ("vocals", "drums", "bass", "other"),
}
#: What the stem is called that holds everything that was not chosen.
REST = "rest"


@dataclass(frozen=True, slots=True)
class KeptStem:
    """A stem that is kept: what it is called, and the splitter's stems whose sum it is."""

    name: str
    parts: tuple[str, ...]

    @property
    def stem(self) -> Stem:
        """Return what a source that holds this is; a rest with the vocals in it is a mix still."""
        name = self.parts[0] if self.name == REST and len(self.parts) == 1 else self.name
        if name in set(Stem):
            return Stem(name)
        if name != REST:
            return Stem.OTHER
        return Stem.MIX if "vocals" in self.parts else Stem.ACCOMPANIMENT

    def mix(self, stems: Mapping[str, Samples]) -> Samples:
        """Return this stem of one piece of a splitter's output, float32 `(channels, frames)`."""
        total = stems[self.parts[0]]
        for part in self.parts[1:]:
            total = total + stems[part]
        return total


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """What a fan chooses before a split; the default is two stems, fast, everything kept."""

    #: 2, 4, or None: four if a stem is wanted that only four have, else two; all that a chosen model has.
    stems: int | None = None
    #: The stems to keep; all of them if it is empty.
    wanted: tuple[str, ...] = ()
    #: Keep what is not wanted too, as one stem: the mix minus the wanted ones.
    keep_rest: bool = False
    quality: Quality = "fast"
    #: None: the model that fanstudio chooses.
    model_id: str | None = None
    device: str = "auto"
    #: Mix more than two channels down to stereo, instead of refusing them.
    downmix: bool = False

    def __post_init__(self) -> None:
        """Refuse what can be known to be wrong before a model is read; raise InputError."""
        if self.stems is not None and self.stems not in STEMS:
            raise InputError(f"A song is split into 2 or 4 stems, not {self.stems}.")
        if self.quality not in QUALITIES:
            raise InputError(f"The quality is fast or best, not “{self.quality}”.")
        if len(set(self.wanted)) != len(self.wanted):
            raise InputError("A stem is named twice.")
        if self.keep_rest and not self.wanted:
            raise InputError(
                "The rest of what?", hint="Name the stems to keep apart from it, such as --only drums."
            )
        if self.model_id is None:
            self.keep(STEMS[self.count])

    @property
    def count(self) -> int:
        """Return how many stems are asked for, where no model says it."""
        if self.stems is not None:
            return self.stems
        return 2 if set(self.wanted) <= set(STEMS[2]) else 4

    def keep(self, stems: Sequence[str]) -> tuple[KeptStem, ...]:
        """Return what is kept of a splitter's `stems`, in their order, the rest last.

        A splitter with more stems than were asked for has the others summed into the last one.

        Raises:
            InputError: a stem is wanted that the splitter does not have.

        """
        whole = self._fold(stems)
        names = [kept.name for kept in whole]
        for name in self.wanted:
            if name not in names:
                raise InputError(f"There is no stem “{name}”.", hint=f"Choose of: {', '.join(names)}.")
        chosen = tuple(kept for kept in whole if not self.wanted or kept.name in self.wanted)
        left = tuple(part for kept in whole if kept not in chosen for part in kept.parts)
        return (*chosen, KeptStem(REST, left)) if self.keep_rest and left else chosen

    def settings(self, kept: Sequence[KeptStem]) -> tuple[tuple[str, str], ...]:
        """Return what a stem's lineage remembers of a split of which these were `kept`."""
        return (("stems", ", ".join(stem.name for stem in kept)), ("quality", self.quality))

    def _fold(self, stems: Sequence[str]) -> tuple[KeptStem, ...]:
        """Return the stems asked for, as sums of those that the splitter has."""
        names = STEMS[self.count] if self.stems or self.model_id is None else tuple(stems)
        *single, last = names
        others = tuple(stem for stem in stems if stem not in single)
        if not others or not set(single) <= set(stems):
            raise InputError(
                f"The model separates {', '.join(stems)}: these {len(names)} stems cannot be made of them.",
                hint="Choose another model, or other stems.",
            )
        return (*(KeptStem(name, (name,)) for name in single), KeptStem(last, others))
