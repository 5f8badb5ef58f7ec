"""An open project: its session, its pool and its folder; made, opened, saved."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fanstudio.audio.pool import Pool
from fanstudio.errors import ProjectError
from fanstudio.files import allow_many_files, desk_in, storage_error, sync_folder
from fanstudio.jobs import Work
from fanstudio.model import project_file
from fanstudio.model.document import Document
from fanstudio.model.session import DEFAULT_SAMPLE_RATE, Session, new_session
from fanstudio.paths import cache_dir
from fanstudio.settings import Settings
from fanstudio.studio.leftovers import hold

MOST_RECENT = 8


@dataclass(eq=False)
class Project:
    """A project that is open: the folder on disk, the document in memory, the pool between them."""

    folder: Path
    document: Document
    pool: Pool
    #: Tells whether the session was found in autosave and differs from the one saved.
    recovered: bool = False
    #: The session file's stamp when it was read or written here last; None is not compared.
    stamp: tuple[int, ...] | None = None
    #: Held while the project's files are written: an autosave must not end after a save that it precedes.
    writing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def title(self) -> str:
        """Return the session's title."""
        return self.document.session.title


def project_folder(path: Path) -> Path:
    """Return the folder of a project, given with or without `.fanstudio`, or by its session file."""
    if path.name == project_file.SESSION_FILE:
        return path.parent
    return path if path.suffix == project_file.SUFFIX else path.with_name(path.name + project_file.SUFFIX)


def create_project(folder: Path, title: str, sample_rate: int | None = None) -> Project:
    """Make a new project with an empty session; without a rate the first import sets it.

    Raises:
        ProjectError: there is something at `folder` already.
        StorageError: it cannot be written.

    """
    folder = project_folder(folder)
    _check_free(folder)
    try:
        (folder / project_file.AUDIO_FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from error
    session = new_session(title, sample_rate or DEFAULT_SAMPLE_RATE)
    project_file.save(folder, session)
    return _project(folder, session)


@contextlib.contextmanager
def filled_project(folder: Path, title: str, sample_rate: int | None = None) -> Iterator[Project]:
    """Yield an empty project to fill; after the block it is saved and stands at `folder`, or nothing does.

    Raises:
        ProjectError: there is something at `folder` already.
        StorageError: it cannot be written.

    """
    folder = project_folder(folder)
    _check_free(folder)
    with desk_in(folder.parent) as desk:
        project = create_project(desk / folder.name, title, sample_rate)
        yield project
        save_project(project)
        try:
            if folder.exists():
                folder.rmdir()
            project.folder.rename(folder)
            sync_folder(folder.parent)
        except OSError as error:
            raise storage_error(error, folder) from error
    project.folder, project.pool = folder, _pool(folder)


def open_project(work: Work, folder: Path) -> Project:
    """Open a project; a session that autosave kept is opened instead of the saved one.

    Raises:
        ProjectError: there is none; it may be a song's file.
        DamagedProject: its files contradict themselves.
        NewerProject: a newer fanstudio wrote it.

    """
    given, folder = folder, project_folder(folder)
    if given.is_file() and not folder.exists():
        raise ProjectError(f"“{given.name}” is not a project.", hint="A song is imported into a project.")
    work.report(0.0, "Opening")
    stamp = project_file.stamp(folder)
    opened = project_file.read(folder)
    project = _project(folder, opened.session)
    project.stamp = stamp
    project.document.mark_saved(opened.saved)
    project.recovered = opened.recovered is not None
    return project


def save_project(project: Project) -> None:
    """Write the session to the project's folder.

    Raises:
        ProjectError: another window or program wrote it since; nothing is changed.
        StorageError: it cannot be written.

    """
    with project.writing:
        found = project_file.stamp(project.folder)
        if None not in (found, project.stamp) and found != project.stamp:
            raise ProjectError(
                f"“{project.title}” was saved by another window since it was opened here.",
                hint="Save it under another name, so that neither is lost.",
            )
        session = project.document.settled
        project_file.save(project.folder, session)
        project.stamp = project_file.stamp(project.folder)
        project.document.mark_saved(session)


def autosave(project: Project) -> None:
    """Keep the unsaved session beside the saved one, or nothing where they are equal; from any thread."""
    with project.writing:
        session = project.document.settled
        if project.document.changed:
            project_file.autosave(project.folder, session)
        else:
            _remove_autosave(project.folder)


def discard_autosave(project: Project) -> None:
    """Forget what autosave kept: the fan does not want it."""
    with project.writing:
        _remove_autosave(project.folder)


def _remove_autosave(folder: Path) -> None:
    with contextlib.suppress(OSError):
        (folder / project_file.AUTOSAVE_FILE).unlink(missing_ok=True)


def save_project_as(work: Work, project: Project, folder: Path) -> Project:
    """Write the project with all its audio to another folder and return it opened from there.

    The document goes along, so that undo reaches as far back as before.

    Raises:
        ProjectError: there is something at `folder` already.
        StorageError: it cannot be written; nothing is left there then.

    """
    session = project.document.settled
    with filled_project(folder, project.title, session.sample_rate) as copy:
        _copy_audio(work, project, copy)
        copy.document = Document(session)
    copy.document = project.document
    copy.document.mark_saved(session)
    return copy


def recent_projects(settings: Settings) -> tuple[Path, ...]:
    """Return the projects opened last that are still there, latest first."""
    paths = (Path(line) for line in settings.text("recent_projects").splitlines())
    return tuple(path for path in paths if (path / project_file.SESSION_FILE).is_file())


def remember_project(settings: Settings, folder: Path) -> None:
    """Put a project at the head of the recent ones."""
    folder = folder.resolve()
    others = (path for path in recent_projects(settings) if path != folder)
    settings.set("recent_projects", "\n".join(map(str, (folder, *others)[:MOST_RECENT])))


def _project(folder: Path, session: Session) -> Project:
    return Project(folder, Document(session), _pool(folder), stamp=project_file.stamp(folder))


def _pool(folder: Path) -> Pool:
    allow_many_files()
    pool = Pool(folder / project_file.AUDIO_FOLDER, cache_dir())
    hold(pool)
    return pool


def _check_free(folder: Path) -> None:
    try:
        taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise storage_error(error, folder) from error
    if taken:
        raise ProjectError(f"{folder} exists already.", hint="Choose another name, or open it.")


def _copy_audio(work: Work, project: Project, copy: Project) -> None:
    history = project.document.history
    pending = {stem for split in history.pending for stem in split.stem_ids}
    sources = [source for source in history.sources() if source.id not in pending]
    for number, source in enumerate(sources):
        work.report(number / len(sources), f"Copying “{source.name}”")
        stored = project.pool.path(source)
        target = copy.pool.path(source)
        try:
            shutil.copyfile(stored, target)
        except OSError as error:
            raise storage_error(error, target) from error
