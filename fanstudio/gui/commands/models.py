"""The sheet of models, and models that are dropped on the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.models import ModelsDialog
from fanstudio.gui.model_jobs import ModelJobs
from fanstudio.gui.workspace import Workspace
from fanstudio.studio.models import looks_like_model


class ModelCommands:
    """Shows the models and takes in new ones."""

    def __init__(self, window: QWidget, workspace: Workspace, appearance: Appearance) -> None:
        """Work on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self.jobs = ModelJobs(workspace, window)

    def show(self, on: QWidget | None = None) -> None:
        """Open the sheet, on top of `on` or the window."""
        ModelsDialog(on or self._window, self._appearance, self.jobs, self._workspace.bridge).open()

    def take_paths(self, paths: Sequence[Path]) -> Sequence[Path]:
        """Add the models among files that were dropped, and show the sheet; return the other files."""
        found = [path for path in paths if looks_like_model(path)]
        if found:
            self.show()
        for path in found:
            self.jobs.add(path)
        return [path for path in paths if path not in found]
