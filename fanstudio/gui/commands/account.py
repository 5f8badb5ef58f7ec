"""Signing in and out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.question import Question
from fanstudio.gui.dialogs.sign_in import SignInDialog
from fanstudio.gui.workspace import Workspace
from fanstudio.studio.account import AccountStatus, account_status, sign_out


class AccountCommands:
    """Keeps the workspace's account up to date."""

    def __init__(self, window: QWidget, workspace: Workspace, appearance: Appearance) -> None:
        """Work on a workspace, asking on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance

    def refresh(self) -> None:
        """Ask who is signed in, in the background."""
        studio = self._workspace.studio
        self._workspace.bridge.run(
            "Account",
            lambda work: account_status(work, studio),
            done=self._workspace.set_account,
            shown=False,
        )

    def toggle(self) -> None:
        """Sign in, or offer to sign out."""
        account = self._workspace.account
        if account is None or not account.signed_in:
            self.sign_in()
            return
        Question(
            self._window,
            self._appearance,
            f"Signed in as {account.name or 'you'}",
            f"{where(account)} Exports need an account; everything else works without one.",
            ("Sign out", "Stay signed in"),
            lambda answer: self._sign_out() if answer == "Sign out" else None,
        ).open()

    def sign_in(self, then: Callable[[], object] = lambda: None, *, on: QWidget | None = None) -> None:
        """Ask the user to sign in, on top of `on` or the window, and go on when that is done."""
        parent = on or self._window
        SignInDialog(parent, self._appearance, self._workspace, lambda _status: then()).open()

    def _sign_out(self) -> None:
        studio = self._workspace.studio
        self._workspace.bridge.run(
            "Sign out",
            lambda work: sign_out(work, studio),
            done=self._workspace.set_account,
            shown=False,
        )


def where(account: AccountStatus) -> str:
    """Return a sentence that says at which platform somebody is signed in."""
    if account.embedded:
        return "This is the embedded demo platform: it proves nothing elsewhere."
    return f"At {account.platform}."
