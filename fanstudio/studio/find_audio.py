"""Audio files that a project lacks, found again by their content: in a folder, or in other projects."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from fanstudio.audio.digest import hash_file
from fanstudio.errors import AudioFileError
from fanstudio.jobs import Work
from fanstudio.model.project_file import AUDIO_FOLDER
from fanstudio.model.session import Source
from fanstudio.studio.project import Project


def missing_sources(project: Project) -> tuple[Source, ...]:
    """Return the sources of the session whose files are not in the project, or were found to be changed."""
    return project.pool.missing(project.document.settled.sources)


def find_in_projects(work: Work, project: Project, folders: Sequence[Path]) -> tuple[Source, ...]:
    """Bring back what other projects hold; return what was found.

    Raises:
        StorageError: the project cannot be written.

    """
    places = [folder / AUDIO_FOLDER for folder in folders if folder != project.folder]
    found = []
    for source in missing_sources(project):
        candidates = (place / f"{source.id}{source.suffix}" for place in places)
        if any(_restored(work, project, source, path) for path in candidates if path.is_file()):
            found.append(source)
    return tuple(found)


def find_in_folder(work: Work, project: Project, folder: Path) -> tuple[Source, ...]:
    """Bring back what lies in a folder or below it, whatever it is called; return what was found.

    Files of the name that a source was imported by are looked at first.

    Raises:
        StorageError: the project cannot be written.
        Cancelled: the work was cancelled; what was found stays.

    """
    wanted = {source.id: source for source in missing_sources(project)}
    found: list[Source] = []
    for path, share in _by_likelihood(folder, wanted):
        if not wanted:
            break
        work.report(share, f"Looking at “{path.name}”")
        with contextlib.suppress(AudioFileError):
            source = wanted.pop(hash_file(work.part(share, share), path), None)
            if source is not None and _restored(work.part(share, share), project, source, path):
                found.append(source)
    return tuple(found)


def _by_likelihood(folder: Path, wanted: Mapping[str, Source]) -> Iterator[tuple[Path, float]]:
    """Yield files that may be one of these, the likeliest first, and how far through them each is."""
    suffixes = {source.suffix for source in wanted.values()}
    names = {name for source in wanted.values() for name in (source.name, source.origin.title, source.id)}
    files = [path for path in _walk(folder) if path.suffix.lower() in suffixes]
    files.sort(key=lambda path: (path.stem not in names, path))
    for number, path in enumerate(files):
        yield path, number / len(files)


def _walk(folder: Path) -> Iterable[Path]:
    for place, _folders, files in os.walk(folder):
        yield from (Path(place) / name for name in files)


def _restored(work: Work, project: Project, source: Source, path: Path) -> bool:
    """Tell whether a file turned out to be the source's, which then has it."""
    try:
        project.pool.restore(work, source, path)
    except AudioFileError:
        return False
    return True
