"""Bringing audio in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtWidgets import QWidget

from fanstudio.errors import TooManyChannels
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.project import ProjectCommands
from fanstudio.gui.commands.split import SplitCommands
from fanstudio.gui.dialogs.declare import DeclareDialog
from fanstudio.gui.dialogs.files import choose_files
from fanstudio.gui.dialogs.question import Question
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.project_file import SUFFIX
from fanstudio.studio.import_audio import Declaration, Imported, import_files, place_sources
from fanstudio.studio.song_files import expand_folders

_MIX_DOWN = "Mix down"


@dataclass(frozen=True, slots=True)
class _Request:
    """Files and folders to import at a frame; `split` has each song split into stems afterwards."""

    paths: tuple[Path, ...]
    position: int
    declaration: Declaration
    split: bool = False
    downmix: bool = False

    @property
    def title(self) -> str:
        count = len(self.paths)
        return f"Importing “{self.paths[0].name}”" if count == 1 else f"Importing {count} files"


class AudioCommands:
    """Imports files and folders, as jobs; the declaration is asked once a window."""

    def __init__(
        self,
        window: QWidget,
        workspace: Workspace,
        appearance: Appearance,
        project: ProjectCommands,
        split: SplitCommands,
    ) -> None:
        """Work on a workspace, asking on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self._project = project
        self._split = split
        self._declaration: Declaration | None = None

    def choose_files(self) -> None:
        """Ask for audio files and import them."""
        choose_files(self._window, "Import audio", self.take_paths)

    def take_paths(self, paths: Sequence[Path], position: int = 0) -> None:
        """Import audio files and folders of them at a frame, or open a project that was dropped."""
        projects = [path for path in paths if path.suffix == SUFFIX]
        if projects:
            self._project.when_safe(lambda: self._project.open_path(projects[0]))
            return
        if not paths or not self._workspace.is_open:
            return
        if self._declaration is not None:
            self._import(_Request(tuple(paths), position, self._declaration))
            return

        def declared(declaration: Declaration) -> None:
            self._declaration = declaration
            split = dialog.split.isChecked()
            self._import(_Request(tuple(paths), position, declaration, split))

        names = tuple(path.name for path in paths)
        dialog = DeclareDialog(self._window, self._appearance, names, declared)
        dialog.open()

    def _import(self, request: _Request) -> None:
        project = self._workspace.project

        def run(work: Work) -> Imported:
            songs = expand_folders(request.paths)
            return import_files(work, project, songs, request.declaration, downmix=request.downmix)

        def done(imported: Imported) -> None:
            if self._workspace.is_open and self._workspace.project is project:
                place_sources(project, imported, request.position)
                if request.split:
                    self._split_each(imported)

        def failed(error: BaseException) -> bool:
            if isinstance(error, TooManyChannels):
                self._offer_downmix(error, lambda: self._import(replace(request, downmix=True)))
                return True
            return False

        self._workspace.bridge.run(request.title, run, done=done, failed=failed)

    def _split_each(self, imported: Imported) -> None:
        fresh = {source.id for source in imported.sources}
        clips = {clip.source: clip for clip in self._workspace.session.clips() if clip.source in fresh}
        self._split.split(tuple(clips.values()), self._split.options)

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
