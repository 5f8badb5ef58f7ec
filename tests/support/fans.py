"""What a fan brings to a sign-in: a keyring, and a browser that fills in the platform's real pages."""

from __future__ import annotations

import re
import threading

import requests
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    """A system keyring, as keyring sees one; `locked` refuses everything. Never chosen by itself."""

    viable = False
    priority = 0

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("no such entry")

    def _check(self) -> None:
        if self.locked:
            raise KeyringLocked("locked")


class Browser:
    """Opens an address in a thread, as the system's browser does, signs in and decides."""

    def __init__(self, *, user: str = "demo-fan", password: str = "demo", decision: str = "allow") -> None:
        self._answers = {"user": user, "password": password}
        self._decision = decision
        self.last: requests.Response | None = None
        self.thread: threading.Thread | None = None

    def __call__(self, url: str) -> bool:
        self.thread = threading.Thread(target=self._visit, args=(url,), daemon=True)
        self.thread.start()
        return True

    def _visit(self, url: str) -> None:
        with requests.Session() as session:
            session.trust_env = False
            issuer = url.split("/oauth/")[0]
            page = session.get(url, timeout=10)
            page = self._submit(session, issuer, page, self._answers)
            self.last = self._submit(session, issuer, page, {"decision": self._decision})

    @staticmethod
    def _submit(
        session: requests.Session, issuer: str, page: requests.Response, answers: dict[str, str]
    ) -> requests.Response:
        action = re.findall(r'action="([^"]+)"', page.text)
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text))
        return session.post(issuer + action[0], data={**hidden, **answers}, timeout=10)
