"""Export: what is permitted at present, the dialog, and the job."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from fanstudio.errors import SignInRequired
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.account import AccountCommands
from fanstudio.gui.dialogs.export import ExportDialog
from fanstudio.gui.dialogs.facts import ReceiptDialog
from fanstudio.gui.workspace import Workspace
from fanstudio.studio.export import ExportOptions, ExportPlan, ExportResult, export_project, plan_export

_PLAN_DELAY_MS = 700
_SAFE = "Your project is unchanged; no file was written."


class ExportCommands(QObject):
    """Keeps an ExportPlan up to date, and exports."""

    plan_changed = Signal(object)

    def __init__(
        self, window: QWidget, workspace: Workspace, appearance: Appearance, account: AccountCommands
    ) -> None:
        """Work on a workspace, asking on top of `window`."""
        super().__init__(window)
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self._account = account
        self._dialog: ExportDialog | None = None
        self._asking = self._stale = False
        self.plan: ExportPlan | None = None
        self._delay = QTimer(self, singleShot=True, interval=_PLAN_DELAY_MS)
        self._delay.timeout.connect(self.refresh)
        workspace.opened.connect(self._begin)
        workspace.session_changed.connect(self._delay.start)
        workspace.account_changed.connect(self._delay.start)

    def refresh(self) -> None:
        """Ask anew what may be exported, in the background; one question at a time."""
        if not self._workspace.is_open:
            return
        if self._asking:
            self._stale = True
            return
        if not any(True for _ in self._workspace.session.clips()):
            self._take_plan(None)
            return
        self._asking, self._stale = True, False
        studio, project = self._workspace.studio, self._workspace.project
        self._workspace.bridge.run(
            "Export plan",
            lambda work: plan_export(work, studio, project),
            done=self._answered,
            failed=self._unanswered,
            shown=False,
        )

    def open_dialog(self) -> None:
        """Ask how to export."""
        self._dialog = ExportDialog(self._window, self._appearance, self._workspace, self.plan, self.export)
        self._dialog.finished.connect(self._forget_dialog)
        self._dialog.open()
        self.refresh()

    def export(self, options: ExportOptions) -> None:
        """Export with options; who is not signed in is asked to, first."""
        account = self._workspace.account
        if account is None or not account.signed_in:
            self._account.sign_in(lambda: self._start(options))
        else:
            self._start(options)

    def _start(self, options: ExportOptions) -> None:
        studio, project = self._workspace.studio, self._workspace.project
        self._workspace.bridge.run(
            f"Exporting “{options.target.name}”",
            lambda work: export_project(work, studio, project, options),
            done=self._exported,
            failed=self._sign_in_again(options),
            safe=_SAFE,
        )

    def _sign_in_again(self, options: ExportOptions) -> Callable[[BaseException], bool]:
        def failed(error: BaseException) -> bool:
            if isinstance(error, SignInRequired):
                self._account.sign_in(lambda: self._start(options))
                return True
            return False

        return failed

    def _exported(self, result: ExportResult) -> None:
        self._workspace.did.emit("export")
        url = f"{result.receipt.iss.rstrip('/')}/v1/receipts/{result.export_id}"
        ReceiptDialog(self._window, self._appearance, result, url).open()

    def _begin(self) -> None:
        self._take_plan(None)
        self.refresh()

    def _answered(self, plan: ExportPlan) -> None:
        self._asking = False
        self._take_plan(plan)
        if self._stale:
            self._delay.start()

    def _unanswered(self, error: BaseException) -> bool:
        self._asking = False
        self._workspace.bridge.report("What may be exported", error)
        return True

    def _take_plan(self, plan: ExportPlan | None) -> None:
        self.plan = plan
        if self._dialog is not None:
            self._dialog.show_plan(plan)
        self.plan_changed.emit(plan)

    def _forget_dialog(self) -> None:
        self._dialog = None
