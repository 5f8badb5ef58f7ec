"""New, open, save, recent, and the question before unsaved changes are lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from fanstudio.errors import FanstudioError
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.files import choose_folder, choose_new_folder
from fanstudio.gui.dialogs.question import Question
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.project_file import SUFFIX
from fanstudio.paths import data_dir
from fanstudio.studio.demo_project import open_demo_project
from fanstudio.studio.project import (
    Project,
    autosave,
    create_project,
    discard_autosave,
    open_project,
    project_folder,
    recent_projects,
    remember_project,
    save_project,
    save_project_as,
)

_AUTOSAVE_MS = 3000


class ProjectCommands:
    """What is done to the project as a whole; autosaves three seconds after a change."""

    def __init__(self, window: QWidget, workspace: Workspace, appearance: Appearance) -> None:
        """Work on a workspace, asking on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self._autosave = QTimer(window, singleShot=True, interval=_AUTOSAVE_MS)
        self._autosave.timeout.connect(self.autosave)
        workspace.session_changed.connect(self._autosave.start)

    # ── opening ──────────────────────────────────────────────────────────────────────────────

    def new(self) -> None:
        """Start an empty project in the user's data folder."""
        self.when_safe(self._make_new)

    def open(self) -> None:
        """Ask for a project folder and open it."""
        self.when_safe(lambda: choose_folder(self._window, "Open a project", self.open_path, projects_dir()))

    def open_path(self, folder: Path, instead: Callable[[], object] | None = None) -> None:
        """Open the project in a folder; if that fails, show why and do something `instead`."""
        folder = project_folder(folder)
        self._run_opening(f"Opening “{folder.stem}”", lambda work: open_project(work, folder), instead)

    def open_demo(self) -> None:
        """Open the demo song's project; it is made if it is not there."""
        self.when_safe(self._open_demo)

    def open_first(self, folder: Path | None) -> None:
        """Open a project, or the last one, or the demo song, or at least an empty project."""
        recent = self.recent()
        wanted = folder or (recent[0] if recent else None)
        if wanted is None:
            self._open_demo()
        else:
            self.open_path(wanted, instead=self._open_demo)

    def recent(self) -> tuple[Path, ...]:
        """Return the projects opened last."""
        return recent_projects(self._workspace.settings)

    # ── saving ───────────────────────────────────────────────────────────────────────────────

    def save(self) -> bool:
        """Save the project; tell whether that succeeded."""
        try:
            save_project(self._workspace.project)
        except FanstudioError as error:
            self._workspace.bridge.report("Save", error, "Your changes are still open here.")
            return False
        self._workspace.session_changed.emit()
        return True

    def save_as(self) -> None:
        """Ask for a folder and save the project there."""
        proposal = self._workspace.project.folder.parent / f"{self._workspace.session.title}{SUFFIX}"
        choose_new_folder(self._window, "Save the project as", self.save_to, proposal)

    def save_to(self, folder: Path) -> None:
        """Save the project in another folder, and go on there."""
        project = self._workspace.project
        self._run_opening(
            f"Saving “{project_folder(folder).stem}”", lambda work: save_project_as(work, project, folder)
        )

    def autosave(self) -> None:
        """Keep unsaved changes beside the project, on a worker."""
        if self._workspace.is_open:
            project = self._workspace.project
            self._workspace.bridge.run(
                "Autosave",
                lambda _work: autosave(project),
                shown=False,
                safe="Your changes are still open here: save them elsewhere.",
            )

    def quit(self) -> None:
        """Close the window."""
        self._window.close()

    def when_safe(self, then: Callable[[], object]) -> None:
        """Go on, after asking what to do with unsaved changes."""
        if not self._workspace.is_open or not self._workspace.document.changed:
            then()
            return

        def chosen(answer: str) -> None:
            if answer == "Don't save":
                self._autosave.stop()
                discard_autosave(self._workspace.project)
            elif not self.save():
                return
            then()

        title = self._workspace.session.title
        Question(
            self._window,
            self._appearance,
            f"Save the changes to “{title}”?",
            "What was changed since you saved last is lost otherwise.",
            ("Don't save", "Save"),
            chosen,
        ).open()

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _open_demo(self) -> None:
        studio = self._workspace.studio
        instead = None if self._workspace.is_open else self._make_new
        self._run_opening("Opening the demo song", lambda work: open_demo_project(work, studio), instead)

    def _make_new(self) -> None:
        title, folder = untitled(projects_dir())
        self._run_opening("New project", lambda _work: create_project(folder, title))

    def _run_opening(
        self, title: str, function: Callable[[Work], Project], instead: Callable[[], object] | None = None
    ) -> None:
        def failed(error: BaseException) -> bool:
            self._workspace.bridge.report(title, error)
            if instead is not None:
                instead()
            return True

        self._workspace.bridge.run(title, function, done=self._opened, failed=failed)

    def _opened(self, project: Project) -> None:
        self._workspace.open(project)
        remember_project(self._workspace.settings, project.folder)


def projects_dir() -> Path:
    """Return the folder in which new projects are made; it is made if it is not there."""
    folder = data_dir() / "projects"
    folder.mkdir(exist_ok=True)
    return folder


def untitled(folder: Path) -> tuple[str, Path]:
    """Return the first free title `Untitled`, `Untitled 2`, … in a folder, and its project's folder."""
    number = 1
    while True:
        title = "Untitled" if number == 1 else f"Untitled {number}"
        path = folder / f"{title}{SUFFIX}"
        if not path.exists():
            return title, path
        number += 1
