"""Clean-up: audio files that nothing in a project refers to any more go when the fan says so."""

from __future__ import annotations

from collections.abc import Iterable

from fanstudio.audio.pool import StoredFile
from fanstudio.errors import ProjectError
from fanstudio.jobs import Work
from fanstudio.model import project_file
from fanstudio.paths import cache_dir
from fanstudio.studio.lease import another_holds
from fanstudio.studio.project import Project


def find_unused(project: Project) -> tuple[StoredFile, ...]:
    """Return the audio files that no source of the project refers to.

    What undo or redo can bring back is needed, and so is all that came since the project was opened here.

    Raises:
        ProjectError: it is not saved, or another window may need them.

    """
    _check_alone(project)
    needed = {source.id for source in project.document.history.sources()}
    return tuple(file for file in project.pool.older_files() if file.source_id not in needed)


def clean_up(work: Work, project: Project, files: Iterable[StoredFile]) -> int:
    """Remove those of `files` that are still unused; return the bytes that this frees.

    Raises:
        ProjectError: as `find_unused` does; nothing is removed then.
        StorageError: the project's folder cannot be written.

    """
    unused = set(find_unused(project))
    freed = 0
    for file in files:
        work.check()
        if file in unused and project.pool.remove(file):
            freed += file.size_bytes
    return freed


def _check_alone(project: Project) -> None:
    """Raise ProjectError unless this window's history is all that is known of the project."""
    kept = (project.folder / project_file.AUTOSAVE_FILE).exists()
    if kept or project.document.changed or project_file.stamp(project.folder) != project.stamp:
        raise ProjectError(f"“{project.title}” is not saved.", hint="Save it first, then clean it up.")
    if another_holds(cache_dir() / "open"):
        raise ProjectError("Another fanstudio is open: it may need these files.", hint="Close it first.")
