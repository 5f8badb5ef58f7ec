"""Export: the dialog, the job, and the receipt."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from fanstudio.errors import NotPermitted, SignInRequired
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.account import AccountCommands
from fanstudio.gui.dialogs.export import ExportDialog
from fanstudio.gui.dialogs.facts import ReceiptDialog
from fanstudio.gui.standing import Standing
from fanstudio.gui.workspace import Workspace
from fanstudio.studio.export import ExportOptions, ExportResult, export_project

_SAFE = "Your project is unchanged; no file was written."


class ExportCommands:
    """Exports what is open, with permission."""

    def __init__(
        self, window: QWidget, workspace: Workspace, appearance: Appearance, account: AccountCommands
    ) -> None:
        """Work on a workspace, asking on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self._account = account
        self.standing = Standing(workspace, window)

    def open_dialog(self) -> None:
        """Ask how to export."""
        dialog = ExportDialog(self._window, self._appearance, self._workspace, self.standing.plan, self.start)
        dialog.sign_in_wanted.connect(lambda: self._account.sign_in(on=dialog))
        self.standing.changed.connect(dialog.show_plan)
        dialog.open()
        self.standing.refresh()

    def start(self, options: ExportOptions) -> None:
        """Export as a job."""
        studio, project = self._workspace.studio, self._workspace.project
        self._workspace.bridge.run(
            f"Exporting “{options.target.name}”",
            lambda work: export_project(work, studio, project, options),
            done=self._exported,
            failed=self._failed(options),
            safe=_SAFE,
        )

    def _failed(self, options: ExportOptions) -> Callable[[BaseException], bool]:
        def failed(error: BaseException) -> bool:
            if isinstance(error, SignInRequired):
                self._account.sign_in(lambda: self.start(options))
                return True
            if isinstance(error, NotPermitted):
                self.standing.refuse(error)
            return False

        return failed

    def _exported(self, result: ExportResult) -> None:
        self._workspace.did.emit("export")
        url = f"{result.receipt.iss.rstrip('/')}/v1/receipts/{result.export_id}"
        ReceiptDialog(self._window, self._appearance, result, url).open()
