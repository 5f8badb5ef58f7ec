"""Import: files become sources of the project, each on a track of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fanstudio.audio.decode import probe
from fanstudio.errors import AudioFileError, ChildError, InputError
from fanstudio.jobs import Crew, Work, side_by_side
from fanstudio.model import edits
from fanstudio.model.integrity import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Session, Source
from fanstudio.studio.project import Project
from fanstudio.text import name_of


@dataclass(frozen=True, slots=True)
class Declaration:
    """On what basis the fan uses files of their own: made by them, or under an open licence."""

    basis: Basis = Basis.OWN
    licence_url: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """Files that are in the pool, conformed to `sample_rate`, and wait to be placed."""

    sources: tuple[Source, ...]
    sample_rate: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A file or folder that was not imported, and why."""

    path: Path
    error: InputError | ChildError


def parse_declaration(text: str) -> Declaration:
    """Read `own` or `open:URL`; raise InputError for anything else."""
    if text == "own":
        return Declaration()
    kind, _colon, url = text.partition(":")
    if kind == "open" and url.startswith(("http://", "https://")) and url.isprintable() and " " not in url:
        return Declaration(Basis.OPEN, url)
    raise InputError(
        f"“{text}” does not say how the music may be used.",
        hint="Write own, or open: followed by the licence's web address.",
    )


def import_files(
    work: Work,
    project: Project,
    paths: Sequence[Path],
    declaration: Declaration,
    *,
    downmix: bool = False,
) -> Imported:
    """Bring files into the pool, conformed to the session's rate; `downmix` takes surround sound as stereo.

    An empty session takes the rate of the first file. The session itself changes only when
    `place_sources` is called, on the main thread.

    Raises:
        AudioFileError: a file is not usable audio; those before it stay in the pool.
        TooManyChannels: the same, where mixing it down would make it usable.
        ChildError: a file made its decoder crash or run over its limits.
        StorageError: the disk is full or read-only.

    """
    rate = session_rate(project.document.session, paths, downmix=downmix)
    sources = []
    for outcome in _import_each(work, project, paths, rate, declaration, downmix=downmix):
        if isinstance(outcome, Refused):
            raise outcome.error
        sources.append(outcome)
    return Imported(tuple(sources), rate)


def import_usable(
    work: Work,
    project: Project,
    paths: Sequence[Path],
    declaration: Declaration,
    *,
    downmix: bool = False,
) -> tuple[Imported, tuple[Refused, ...]]:
    """Bring files into the pool as `import_files` does, and leave out those that are not usable audio.

    Each is told (`Work.tell`) as an `Imported` as soon as those before it are there.

    Raises:
        StorageError: the disk is full or read-only.

    """
    rate = _first_rate(project.document.session, paths, downmix=downmix)
    sources: list[Source] = []
    refused: list[Refused] = []
    for outcome in _import_each(work, project, paths, rate, declaration, downmix=downmix):
        if isinstance(outcome, Refused):
            refused.append(outcome)
        else:
            sources.append(outcome)
            work.tell(Imported((outcome,), rate))
    return Imported(tuple(sources), rate), tuple(refused)


def _import_each(
    work: Work,
    project: Project,
    paths: Sequence[Path],
    rate: int,
    declaration: Declaration,
    *,
    downmix: bool,
) -> Iterator[Source | Refused]:
    def bring(step: Work, path: Path) -> Source | Refused:
        origin = Origin(declaration.basis, name_of(path), licence_url=declaration.licence_url)
        step = step.part(0.0, 1.0, f"Importing “{path.name}”")
        try:
            return project.pool.import_file(
                step, path, rate, origin, downmix=downmix, in_child=crew.run_child
            )
        except (AudioFileError, ChildError) as error:
            return Refused(path, error)

    with Crew() as crew:
        yield from side_by_side(work, paths, bring)


def _first_rate(session: Session, paths: Sequence[Path], *, downmix: bool) -> int:
    """Return `session_rate`, of the first file that says its rate."""
    for path in paths:
        with contextlib.suppress(AudioFileError):
            return session_rate(session, [path], downmix=downmix)
    return session.sample_rate


def session_rate(session: Session, paths: Sequence[Path], *, downmix: bool = False) -> int:
    """Return the rate that imports are conformed to: the session's, or while it is empty the first file's."""
    if session.sources or not paths:
        return session.sample_rate
    return min(max(probe(paths[0], downmix=downmix).sample_rate, MIN_SAMPLE_RATE), MAX_SAMPLE_RATE)


def place_sources(
    project: Project,
    imported: Imported,
    position: int = 0,
    *,
    label: str = "",
    shared: str = "",
    after: Session | None = None,
) -> Session:
    """Lay each source on a track of its own at `position`, as one undo step; return the session.

    An empty session takes over the rate that the files were conformed to. Tracks and clips are called as
    the files are, without the beginning that these share (`song_files.shared_beginning`). With `after`,
    which this returned before, it joins that step if nothing was changed since.
    """

    def edit(session: Session) -> Session:
        if not session.sources:
            session = replace(session, sample_rate=imported.sample_rate)
        for source in imported.sources:
            name = source.name.removeprefix(shared)
            session = edits.import_source(session, source, position=position, name=name)
        return session

    names = imported.sources[0].name if len(imported.sources) == 1 else f"{len(imported.sources)} files"
    return project.document.apply(label or f"Import {names}", edit, after=after)
