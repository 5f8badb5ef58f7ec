"""Split: a clip's song becomes stems on tracks of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fanstudio.audio.pool import Pool
from fanstudio.errors import EditError
from fanstudio.inference.report import SplitReport
from fanstudio.inference.runner import choose_device
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Operation
from fanstudio.model.session import Session, Source, Stem
from fanstudio.studio.project import Project
from fanstudio.studio.split_options import KeptStem, SplitOptions
from fanstudio.studio.splitting import MODEL, kept_stems, split_to_files

__all__ = ["MODEL", "SplitResult", "compute_device", "find_song", "place_stems", "split_clip", "stem_lineage"]


@dataclass(frozen=True, slots=True)
class SplitResult:
    """The stems of a clip's source, in the pool, and how they were made."""

    stems: tuple[Source, ...]
    report: SplitReport


def compute_device(device: str = "auto") -> tuple[str, str]:
    """Return what would split a song now, and why nothing better (or an empty text)."""
    chosen = choose_device(device)
    return chosen.name.upper(), chosen.why_not


def split_clip(
    work: Work, project: Project, clip_id: str, options: SplitOptions | None = None
) -> SplitResult:
    """Split the source of a clip; the stems are in the pool, `place_stems` lays them on tracks.

    Raises:
        EditError: the clip is gone, or holds a stem already.
        AudioFileError: the song's file is missing or was changed.
        InputError: a stem is wanted that the model does not have.
        ModelError: the model is damaged.
        DeviceError: the device cannot be used.
        Cancelled: within a second; no file is left.

    """
    options = options or SplitOptions()
    session = project.document.session
    source = find_song(session, clip_id)
    kept = kept_stems(options)
    project.pool.verify(work.part(0.0, 0.01, "Checking"), source)
    with _parts(project.pool, kept) as parts:
        report = split_to_files(work.part(0.01, 0.9), project.pool.path(source), parts, options, downmix=True)
        lineage = stem_lineage(source, report, options.settings(kept))
        adopting = work.part(0.9, 1.0)
        stems = tuple(
            project.pool.adopt(
                adopting.part(number / len(kept), (number + 1) / len(kept), "Keeping the stems"),
                parts[stem.name],
                stem.name.capitalize(),
                session.sample_rate,
                source.origin,
                stem.stem,
                lineage,
            )
            for number, stem in enumerate(kept)
        )
    return SplitResult(stems, report)


def find_song(session: Session, clip_id: str) -> Source:
    """Return the source of a clip, or raise EditError where the clip is gone or holds a stem already."""
    source = session.source(session.clip(clip_id)[1].source)
    if source.stem is not Stem.MIX:
        raise EditError(f"“{source.name}” is a stem already.", hint="Split the song that it came from.")
    return source


def stem_lineage(source: Source, report: SplitReport, settings: tuple[tuple[str, str], ...]) -> Lineage:
    """Return how a stem of `source` came to be, for permits, credentials and the next who asks."""
    return Lineage(Operation.SPLIT, (source.id,), report.model, report.sha256, True, settings)


def place_stems(project: Project, clip_id: str, result: SplitResult) -> bool:
    """Lay the stems on tracks below the clip, as one undo step; False if the clip is gone meanwhile."""
    if project.document.session.find_clip(clip_id) is None:
        return False
    project.document.apply(
        "Split into stems", lambda session: edits.split_into_stems(session, clip_id, result.stems)
    )
    return True


@contextlib.contextmanager
def _parts(pool: Pool, stems: Sequence[KeptStem]) -> Iterator[dict[str, Path]]:
    """Yield a path for each stem to be written to; whatever is still there afterwards is removed."""
    parts = {stem.name: pool.new_part() for stem in stems}
    try:
        yield parts
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
