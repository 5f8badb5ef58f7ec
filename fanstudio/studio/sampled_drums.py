"""Has a drum stem played by a kit: strokes are found by their bands, and struck anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fanstudio.audio.blend import as_channels, blend, busiest_start, matching_gain
from fanstudio.audio.chip_kit import chip_kit
from fanstudio.audio.drum_hits import Hit, find_hits
from fanstudio.audio.kit import Kit
from fanstudio.audio.kit_player import play_hits
from fanstudio.audio.samples import Readable, Samples
from fanstudio.errors import InputError
from fanstudio.jobs import Work
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Operation
from fanstudio.model.session import Source
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.project import Project
from fanstudio.studio.sampled_options import SampledOptions

#: What the ids of kits begin with, so that none is taken for an instrument.
_PREFIX: Final = "kit-"
#: The kit that is computed; the others are those of the shelf.
_CHIP_KIT: Final = "kit-8-bit"
_COMPARED_S = 20.0


@dataclass(frozen=True, slots=True)
class KitOffer:
    """A kit that can play a drum stem; `computed` where it needs no files."""

    id: str
    title: str
    computed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Drummed:
    """What a kit plays: blocks `(channels, frames)`, to be taken once, and the strokes that were heard."""

    blocks: Iterator[Samples]
    hits: tuple[Hit, ...]


def list_kits(machine: DrumMachine | None = None) -> tuple[KitOffer, ...]:
    """Return the kits that can play a drum stem.

    Raises:
        InputError: the table of the shelf is missing or damaged.

    """
    kits = (machine or DrumMachine()).shelf.kits
    chip = KitOffer(_CHIP_KIT, "8-bit drums", computed=True)
    return (chip, *(KitOffer(_PREFIX + kit.id, f"{kit.name} drums") for kit in kits))


def is_kit(instrument_id: str) -> bool:
    """Tell whether an id is that of a kit, not of an instrument."""
    return instrument_id.startswith(_PREFIX)


def drummed_source(
    work: Work, project: Project, source: Source, kit_id: str, options: SampledOptions | None = None
) -> Source:
    """Play a drum source on a kit, and keep the result in the pool; its lineage tells which.

    No net takes part.

    Raises:
        InputError: no strokes are heard in it, or there is no such kit.
        AudioFileError, StorageError: a file or the disk failed.
        Cancelled: within a second; no file is left.

    """
    options = options or SampledOptions()
    rate = project.document.session.sample_rate
    sound = project.pool.samples(source, rate)
    drummed = drum_as(work.part(0.0, 0.9), sound, rate, kit_id, options)
    writer = project.pool.writer(rate, source.channels)
    try:
        for block in drummed.blocks:
            writer.write(block)
        lineage = _lineage(source, kit_id, options)
        made = writer.finish(work.part(0.9, 1.0), source.name, rate, source.origin, source.stem, lineage)
    finally:
        writer.discard()
    return replace(made, name=f"{source.name} ({_title(kit_id)})")


def drum_as(
    work: Work, sound: Readable, sample_rate: int, kit_id: str, options: SampledOptions | None = None
) -> Drummed:
    """Return a drum stem `(channels, frames)` played on a kit, as long and as loud as it was.

    Strokes are heard at once, samples are made as the blocks are taken.

    Raises:
        InputError: there is no such kit, or no strokes are heard.
        AudioFileError: a file of the kit is missing or damaged.
        Cancelled: within a second.

    """
    options = options or SampledOptions()
    options.check()
    kit = _kit(kit_id, sample_rate)
    hits = find_hits(work.part(0.0, 0.5, "Hearing the drums"), sound, sample_rate)
    if not hits:
        raise InputError("No drums are heard.", hint="Choose a drum stem.")
    gain = _gain(work.part(0.5, 0.6), sound, sample_rate, hits, kit)
    wet, dry = options.gains
    made = _blocks(work.part(0.6, 1.0), sound, hits, kit, sample_rate)
    return Drummed(blend(made, sound, gain * wet, dry), hits)


def _gain(work: Work, sound: Readable, rate: int, hits: Sequence[Hit], kit: Kit) -> float:
    """Return the factor that makes the kit as loud as the sound, heard where most is struck."""
    span = round(_COMPARED_S * rate)
    start = int(busiest_start([hit.frame for hit in hits], span))
    part = sound[:, start : start + span]
    here = [replace(hit, frame=hit.frame - start) for hit in hits if start <= hit.frame < start + span]
    return matching_gain(_blocks(work, part, here, kit, rate), part, rate)


def _blocks(work: Work, sound: Readable, hits: Sequence[Hit], kit: Kit, rate: int) -> Iterator[Samples]:
    channels, frames = sound.shape
    for block in play_hits(work, hits, kit, rate, frames):
        yield as_channels(block, channels)


def _kit(kit_id: str, sample_rate: int) -> Kit:
    if kit_id == _CHIP_KIT:
        return chip_kit(sample_rate)
    return DrumMachine().kit(kit_id.removeprefix(_PREFIX), sample_rate)


def _title(kit_id: str) -> str:
    return next((kit.title for kit in list_kits() if kit.id == kit_id), kit_id)


def _lineage(source: Source, kit_id: str, options: SampledOptions) -> Lineage:
    wet, dry = options.gains
    settings = (("kit", kit_id), ("wet", f"{wet:g}"), ("dry", f"{dry:g}"))
    return Lineage(Operation.RESTYLE, (source.id,), settings=settings)
