"""Bringing audio in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QWidget

from fanstudio.errors import TooManyChannels
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.project import ProjectCommands
from fanstudio.gui.dialogs.declare import DeclareDialog
from fanstudio.gui.dialogs.files import choose_files
from fanstudio.gui.dialogs.question import Question
from fanstudio.gui.workspace import Workspace
from fanstudio.model.project_file import SUFFIX
from fanstudio.studio.import_audio import Declaration, Imported, import_files, place_sources

_MIX_DOWN = "Mix down"


class AudioCommands:
    """Imports files, as jobs; the declaration is asked once a window."""

    def __init__(
        self, window: QWidget, workspace: Workspace, appearance: Appearance, project: ProjectCommands
    ) -> None:
        """Work on a workspace, asking on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self._project = project
        self._declaration: Declaration | None = None

    def choose_files(self) -> None:
        """Ask for audio files and import them."""
        choose_files(self._window, "Import audio", self.take_paths)

    def take_paths(self, paths: Sequence[Path], position: int = 0) -> None:
        """Import audio files at a frame, or open a project that was dropped."""
        projects = [path for path in paths if path.suffix == SUFFIX]
        if projects:
            self._project.when_safe(lambda: self._project.open_path(projects[0]))
            return
        if not paths or not self._workspace.is_open:
            return
        if self._declaration is not None:
            self._import(paths, position, self._declaration)
            return

        def declared(declaration: Declaration) -> None:
            self._declaration = declaration
            self._import(paths, position, declaration)

        names = tuple(path.name for path in paths)
        DeclareDialog(self._window, self._appearance, names, declared).open()

    def _import(
        self, paths: Sequence[Path], position: int, declaration: Declaration, *, downmix: bool = False
    ) -> None:
        project = self._workspace.project

        def done(imported: Imported) -> None:
            if self._workspace.is_open and self._workspace.project is project:
                place_sources(project, imported, position)

        def failed(error: BaseException) -> bool:
            if not isinstance(error, TooManyChannels):
                return False
            self._offer_downmix(error, partial(self._import, paths, position, declaration, downmix=True))
            return True

        title = f"Importing “{paths[0].name}”" if len(paths) == 1 else f"Importing {len(paths)} files"
        self._workspace.bridge.run(
            title,
            lambda work: import_files(work, project, paths, declaration, downmix=downmix),
            done=done,
            failed=failed,
        )

    def _offer_downmix(self, error: TooManyChannels, again: Callable[[], None]) -> None:
        Question(
            self._window,
            self._appearance,
            "Mix it down to stereo?",
            f"{error.message} Mixed down, the middle and the rear loudspeakers sound from the left and the"
            " right. Your file stays as it is.",
            ("Cancel", _MIX_DOWN),
            lambda answer: again() if answer == _MIX_DOWN else None,
        ).open()
