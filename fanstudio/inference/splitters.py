"""Which splitter a fan gets, for how many stems and how well."""

from __future__ import annotations

from fanstudio.errors import InputError, ModelError
from fanstudio.inference import catalogue
from fanstudio.inference.cascade import Cascade, Splitter
from fanstudio.inference.harmonic_percussive import HarmonicPercussive
from fanstudio.inference.heap import give_back_early, keep_freed
from fanstudio.inference.manifest import ModelManifest
from fanstudio.inference.rule_of_thumb import STEMS
from fanstudio.inference.separation import Quality, Separator

#: The model that takes the vocals out, unless another is chosen.
VOCALS = catalogue.BUILT_IN
#: The model that takes the rest apart; a rule of thumb does where it is not installed.
ACCOMPANIMENT = "drums_bass_other"


def open_splitter(
    stems: int = 2,
    quality: Quality = "fast",
    model_id: str | None = None,
    device: str = "auto",
    threads: int | None = None,
) -> Splitter:
    """Load what separates a song into 2 or 4 stems: vocals first, the last is what the others leave.

    A model that has two stems, the second of them the accompaniment, is made to give four by a second
    stage; a model with other stems than these is taken as it is, whatever number is asked for.

    Raises:
        InputError: the number of stems is neither 2 nor 4.
        ModelError: there is no such model, it is damaged, or it takes only accompaniments.
        DeviceError: the device asked for cannot be used.

    """
    if stems not in (2, 4):
        raise InputError(f"A song is split into 2 or 4 stems, not {stems}.")
    alone = stems == 2 and quality == "fast" and model_id in (None, VOCALS)
    (keep_freed if alone else give_back_early)()
    first = Separator(_find(model_id), device, threads=threads, quality=quality, unpack=alone)
    if not _takes_two(stems, first.stems):
        return first
    if not _has_second():
        return Cascade(first, HarmonicPercussive())
    second = catalogue.find(ACCOMPANIMENT)
    return Cascade(first, Separator(second, device, threads=threads, quality=quality))


def stem_names(stems: int = 2, model_id: str | None = None) -> tuple[str, ...]:
    """Return the names of the stems of `open_splitter(stems, model_id=model_id)`, without loading it.

    Raises:
        ModelError: there is no such model, its manifest is not in order, or it takes only accompaniments.

    """
    names = _find(model_id).stems
    return ("vocals", *STEMS) if _takes_two(stems, names) else names


def is_approximate(stems: int, own: tuple[str, ...]) -> bool:
    """Tell whether a model with the stems `own` is helped by a rule of thumb to give so many."""
    return _takes_two(stems, own) and not _has_second()


def _find(model_id: str | None) -> ModelManifest:
    model = catalogue.find(model_id or VOCALS)
    if model.task != "separation":
        raise ModelError(
            f"{model.id} takes only accompaniments apart.",
            hint="It is used of itself where four stems are asked for.",
        )
    return model


def _takes_two(stems: int, names: tuple[str, ...]) -> bool:
    """Tell whether a second stage is needed for so many stems after a model with stems `names`."""
    return stems == 4 and names == ("vocals", "accompaniment")


def _has_second() -> bool:
    return any(folder.name == ACCOMPANIMENT for folder in catalogue.model_folders())
