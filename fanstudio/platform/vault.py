"""Where a sign-in is kept: the system's keyring, or this process's memory, never a plaintext file."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from typing import Final

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringError, PasswordDeleteError

from fanstudio.errors import AccountError
from fanstudio.files import hold_lock
from fanstudio.jobs import Work
from fanstudio.paths import data_dir
from fanstudio.platform.dpop import DeviceKey

_SERVICE: Final = "fanstudio"
_LOCK_S = 20.0

NOTICE = "No keyring on this system: the sign-in lasts until fanstudio is closed."


class Vault:
    """The refresh token and the device key for one platform, shared between processes by the keyring."""

    def __init__(self, issuer: str, backend: KeyringBackend | None = None) -> None:
        """Open the keyring (`backend`, or the system's); fall back to memory where there is none."""
        self._issuer = issuer
        self._memory: dict[str, str] = {}
        self._backend = _usable(keyring.get_keyring() if backend is None else backend, issuer)
        self._thread_lock = threading.RLock()
        self._depth = 0

    @property
    def storage(self) -> str:
        """Return "keyring" or "memory"."""
        return "memory" if self._backend is None else "keyring"

    @property
    def notice(self) -> str:
        """Return the line to show while the sign-in is in memory only, or nothing."""
        return NOTICE if self._backend is None else ""

    @property
    def refresh_token(self) -> str | None:
        """Return the refresh token, or None when signed out."""
        return self._get("refresh-token")

    def keep_refresh_token(self, token: str) -> None:
        """Replace the refresh token."""
        self._set("refresh-token", token)

    def device_key(self) -> DeviceKey:
        """Return the key of this device, made and kept at first use."""
        with self.locked(Work()):
            kept = self._get("device-key")
            if kept is not None:
                with contextlib.suppress(ValueError):
                    return DeviceKey.parse(kept)
            key = DeviceKey.generate()
            self._set("device-key", key.text())
            return key

    def forget(self) -> None:
        """Delete the refresh token and the key."""
        for name in ("refresh-token", "device-key"):
            self._memory.pop(name, None)
            if self._backend is not None:
                with contextlib.suppress(PasswordDeleteError), _keyring_trouble():
                    self._backend.delete_password(_SERVICE, self._entry(name))

    @contextlib.contextmanager
    def locked(self, work: Work) -> Iterator[None]:
        """Hold the sign-in alone, among this process's threads and this user's processes; may be nested."""
        with self._thread_lock:
            if self._backend is None or self._depth:
                yield
                return
            digest = hashlib.sha256(self._issuer.encode()).hexdigest()[:16]
            busy = AccountError(
                "Another fanstudio holds the sign-in and does not let go.", hint="Close the other one."
            )
            with hold_lock(data_dir() / f"sign-in-{digest}.lock", work.check, _LOCK_S, busy):
                self._depth = 1
                try:
                    yield
                finally:
                    self._depth = 0

    def _entry(self, name: str) -> str:
        return f"{name} {self._issuer}"

    def _get(self, name: str) -> str | None:
        if self._backend is None:
            return self._memory.get(name)
        with _keyring_trouble():
            return self._backend.get_password(_SERVICE, self._entry(name))

    def _set(self, name: str, value: str) -> None:
        if self._backend is None:
            self._memory[name] = value
            return
        with _keyring_trouble():
            self._backend.set_password(_SERVICE, self._entry(name), value)


def _usable(backend: KeyringBackend, issuer: str) -> KeyringBackend | None:
    """Return the backend if it answers, keeps what it is given, and not in a plain file."""
    first = next(iter(getattr(backend, "backends", ())), backend)
    if isinstance(first, NullKeyring) or "plaintext" in type(first).__name__.lower():
        return None
    try:
        backend.get_password(_SERVICE, f"refresh-token {issuer}")
    except (KeyringError, RuntimeError, OSError):
        return None
    return backend


@contextlib.contextmanager
def _keyring_trouble() -> Iterator[None]:
    try:
        yield
    except KeyringError as error:
        if isinstance(error, PasswordDeleteError):
            raise
        raise AccountError(
            f"The system's keyring refused: {error or 'it is locked'}.", hint="Unlock it and try again."
        ) from error
