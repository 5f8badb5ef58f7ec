"""Which splitter a fan gets, for how many stems and how well."""

from __future__ import annotations

from fanstudio.errors import InputError
from fanstudio.inference import catalogue
from fanstudio.inference.cascade import Cascade, Splitter
from fanstudio.inference.harmonic_percussive import HarmonicPercussive
from fanstudio.inference.separation import Quality, Separator

#: The model that takes the vocals out, unless another is chosen.
VOCALS = "spleeter_2stems"


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
        ModelError: there is no such model, or it is damaged.
        DeviceError: the device asked for cannot be used.

    """
    if stems not in (2, 4):
        raise InputError(f"A song is split into 2 or 4 stems, not {stems}.")
    first = Separator(catalogue.find(model_id or VOCALS), device, threads=threads, quality=quality)
    if stems == 2 or first.stems[1:] != ("accompaniment",):
        return first
    return Cascade(first, HarmonicPercussive())


def stem_names(stems: int = 2, model_id: str | None = None) -> tuple[str, ...]:
    """Return the names of the stems of `open_splitter(stems, model_id=model_id)`, without loading it.

    Raises:
        ModelError: there is no such model, or it is damaged.

    """
    names = catalogue.find(model_id or VOCALS).stems
    return (
        ("vocals", *HarmonicPercussive().stems) if stems == 4 and names[1:] == ("accompaniment",) else names
    )
