"""Split into files: a song becomes `Song - Vocals.wav` and its siblings in a folder."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from fanstudio.errors import InputError
from fanstudio.export.unmarked import check_may_leave, write_unmarked
from fanstudio.files import desk_in, storage_error
from fanstudio.inference.report import SplitReport
from fanstudio.jobs import Work
from fanstudio.model.rights import Origin
from fanstudio.studio.split_options import SplitOptions
from fanstudio.studio.splitting import kept_stems, split_to_files


class Existing(StrEnum):
    """What becomes of stems that are there already under the names of new ones."""

    REPLACE = "replace"
    SKIP = "skip"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """The stems of a song as files, by stem; `report` is None where they were there already."""

    song: Path
    stems: dict[str, Path]
    report: SplitReport | None = None
    attenuation_db: float = 0.0
    #: Files that new ones took the place of.
    replaced: tuple[Path, ...] = field(default=())


def split_song(
    work: Work,
    song: Path,
    folder: Path,
    origin: Origin,
    options: SplitOptions | None = None,
    *,
    name: str = "",
    format_name: str = "wav",
    existing: Existing = Existing.REPLACE,
) -> SplitFiles:
    """Split a file into files `NAME - Vocals.wav`, `NAME - Accompaniment.wav` in `folder`.

    `name` is the song's file name unless it is given. WAV stems are float32; FLAC stems 24 bit, all lowered
    by one attenuation where one of them passes full scale. No stem takes its place before all are whole.

    Raises:
        NotPermitted: the song is a catalogue track.
        InputError: a stem is wanted that the model does not have, or the song's name is too long.
        AudioFileError: the song is not usable audio.
        ModelError, DeviceError: the model is damaged, the device cannot be used.
        StorageError: the folder cannot be written.
        Cancelled: within a second; no file is left.

    """
    check_may_leave(origin)
    options = options or SplitOptions()
    kept = [stem.name for stem in kept_stems(options)]
    with desk_in(folder) as desk:
        targets = _targets(folder, name or song.stem, kept, format_name, existing)
        there = tuple(target for target in targets.values() if _exists(target))
        if existing is Existing.SKIP and len(there) == len(targets):
            return SplitFiles(song, targets)
        parts = {stem: desk / f"{number}.wav" for number, stem in enumerate(kept)}
        report = split_to_files(work.part(0.0, 0.9), song, parts, options, downmix=options.downmix)
        pairs = [(parts[stem], targets[stem]) for stem in kept]
        attenuation_db = write_unmarked(work.part(0.9, 1.0, "Writing the stems"), pairs, format_name)
    return SplitFiles(song, targets, report, attenuation_db, there)


def _targets(
    folder: Path, name: str, stems: list[str], format_name: str, existing: Existing
) -> dict[str, Path]:
    """Return where each stem goes: under a number where another file has the name and must keep it."""
    number = 1
    while True:
        numbered = name if number == 1 else f"{name} ({number})"
        targets = {stem: folder / f"{numbered} - {stem.capitalize()}.{format_name}" for stem in stems}
        if existing is not Existing.NUMBER or not any(map(_exists, targets.values())):
            return targets
        number += 1


def _exists(target: Path) -> bool:
    """Tell whether a file is there; raise InputError for a name that no file can have."""
    try:
        target.with_name(f"{target.name}.part").exists()
        return target.exists()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise InputError(
                f"“{target.name}” is too long for the name of a file.", hint="Give the song a shorter name."
            ) from error
        raise storage_error(error, target) from error
