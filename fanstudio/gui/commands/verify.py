"""Verifying a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.facts import VerificationDialog
from fanstudio.gui.dialogs.files import choose_files
from fanstudio.gui.workspace import Workspace
from fanstudio.studio.verify import Verification, verify_file


class VerifyCommands:
    """Says what a file is made of; nothing is imported."""

    def __init__(self, window: QWidget, workspace: Workspace, appearance: Appearance) -> None:
        """Show results on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance

    def choose_file(self) -> None:
        """Ask for a file and verify it."""
        choose_files(self._window, "Verify a file", self.verify, several=False)

    def verify(self, paths: Sequence[Path]) -> None:
        """Verify files, each as a job of its own."""
        for path in paths:
            self._verify(path)

    def _verify(self, path: Path) -> None:
        studio = self._workspace.studio
        self._workspace.bridge.run(
            f"Verifying “{path.name}”",
            lambda work: verify_file(work, studio, path),
            done=self._show,
            safe="The file was only read.",
        )

    def _show(self, result: Verification) -> None:
        VerificationDialog(self._window, self._appearance, result).open()
