"""Sign-in: by the system's browser, or as the demo fan of the embedded platform."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from fanstudio.errors import Cancelled
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.bridge import Task
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.panels.job_cards import describe_error
from fanstudio.gui.widgets.labels import button, label
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.studio.account import AccountStatus, sign_in, sign_in_demo


class SignInDialog(Sheet):
    """Signs in and then calls `then(status)`; closing it while it waits cancels."""

    def __init__(
        self,
        parent: QWidget,
        appearance: Appearance,
        workspace: Workspace,
        then: Callable[[AccountStatus], object] = lambda _status: None,
        open_url: Callable[[str], object] | None = None,
    ) -> None:
        """Offer the ways to sign in; `open_url` opens the browser."""
        super().__init__(parent, appearance, "Sign in")
        self._workspace = workspace
        self._then = then
        self._open_url = open_url or (lambda url: QDesktopServices.openUrl(QUrl(url)))
        self._task: Task | None = None
        self._address = ""
        account = workspace.account
        embedded = workspace.studio.platform_url == ""
        self.choice = self._make_choice(embedded, account)
        self.waiting = self._make_waiting()
        self.error = label("", "error", wraps=True)
        self.error.hide()
        for part in (self.choice, self.waiting, self.error):
            self.body.addWidget(part)
        self.cancel_button = self.add_button("Cancel", self.reject)
        self.finished.connect(self._cancel)

    def _make_choice(self, embedded: bool, account: AccountStatus | None) -> QWidget:
        where = "the embedded demo platform" if embedded else self._workspace.studio.platform_url
        text = (
            "Only export asks for an account: the platform checks what each right holder permits and "
            f"credits everyone who is due. You sign in at {where}."
        )
        part, column = _column()
        column.addWidget(label(text, "muted", wraps=True))
        if account is not None and account.notice:
            column.addWidget(label(account.notice, "small", wraps=True))
        self.browser_button = button("Open browser", self.use_browser, "primary")
        column.addWidget(self.browser_button)
        self.demo_button = button("Use the demo fan", self.use_demo)
        self.demo_button.setMinimumHeight(38)
        self.demo_button.setVisible(embedded)
        column.addWidget(self.demo_button)
        note = label("Embedded demo platform: proves nothing elsewhere", "small", wraps=True)
        note.setVisible(embedded)
        column.addWidget(note)
        return part

    def _make_waiting(self) -> QWidget:
        part, column = _column()
        self.state = label("", wraps=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Waiting")
        row = QHBoxLayout()
        self.again_button = button("Open it again", self._open_again, "link")
        self.copy_button = button("Copy the address", self._copy, "link")
        row.addWidget(self.again_button)
        row.addWidget(self.copy_button)
        row.addStretch(1)
        column.addWidget(self.state)
        column.addWidget(self.bar)
        column.addLayout(row)
        part.hide()
        return part

    def use_browser(self) -> None:
        """Sign in by the system's browser."""
        post = self._workspace.bridge.post
        self._start(
            "Waiting for you in the browser…",
            lambda work: sign_in(work, self._workspace.studio, lambda url: post(lambda: self._browse(url))),
        )

    def use_demo(self) -> None:
        """Sign in as the demo fan."""
        self._start("Signing in the demo fan…", lambda work: sign_in_demo(work, self._workspace.studio))

    def _start(self, state: str, function: Callable[[Work], AccountStatus]) -> None:
        self.state.setText(state)
        self.again_button.hide()
        self.copy_button.hide()
        self.choice.hide()
        self.error.hide()
        self.waiting.show()
        self.adjustSize()
        self._task = self._workspace.bridge.run(
            "Sign in", function, done=self._signed_in, failed=self._failed, shown=False
        )

    def _browse(self, url: str) -> None:
        self._address = url
        self.again_button.show()
        self.copy_button.show()
        self._open_again()

    def _open_again(self) -> None:
        if self._open_url(self._address) is False:
            self.state.setText("No browser opened. Copy the address into one, on this machine.")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._address)

    def _signed_in(self, status: AccountStatus) -> None:
        self._task = None
        self._workspace.set_account(status)
        self.accept()
        self._then(status)

    def _failed(self, error: BaseException) -> bool:
        if self._task is None:
            return True
        self._task = None
        self.waiting.hide()
        self.choice.show()
        if not isinstance(error, Cancelled):
            self.error.setText(" ".join(part for part in describe_error(error) if part))
            self.error.show()
        self.adjustSize()
        return True

    def _cancel(self) -> None:
        if self._task is not None:
            task, self._task = self._task, None
            task.job.cancel()


def _column() -> tuple[QWidget, QVBoxLayout]:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(12)
    return part, column
