"""The platform's public keys: cached, and asked for again once for each key id that is not known."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from fanstudio.errors import NetworkError
from fanstudio.platform.contract import key_id, verify

_MOST_KEYS = 32
_MOST_UNKNOWN = 256


class PlatformKeys:
    """Verifies tokens against the key set that `fetch` brings."""

    def __init__(self, fetch: Callable[[], Any]) -> None:
        """Keep the way to the key set (RFC 7517); nothing is fetched yet."""
        self._fetch = fetch
        self._keys: Mapping[str, ECKey] = {}
        self._unknown: set[str] = set()
        self._lock = threading.Lock()

    def verified(self, token: str, kind: str) -> Any:
        """Return the JSON value that the platform signed in a token of type `kind`.

        Raises:
            PermitError: anything about its form, key or signature is wrong.
            NetworkError: the keys cannot be fetched.

        """
        kid = key_id(token, kind)
        with self._lock:
            if kid not in self._keys and kid not in self._unknown:
                self._keys = _read_keys(self._fetch())
                if kid not in self._keys and len(self._unknown) < _MOST_UNKNOWN:
                    self._unknown.add(kid)
            return verify(token, self._keys, kind)


def _read_keys(value: Any) -> dict[str, ECKey]:
    entries = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(entries, list) or len(entries) > _MOST_KEYS:
        raise NetworkError("The platform's key set cannot be read.")
    keys = (_read_key(entry) for entry in entries)
    return {kid: key for kid, key in keys if key is not None}


def _read_key(entry: Any) -> tuple[str, ECKey | None]:
    """Return the key id and the public P-256 key for signatures; None for any other key."""
    if not isinstance(entry, dict) or entry.get("kty") != "EC" or entry.get("crv") != "P-256":
        return "", None
    kid, use = entry.get("kid"), entry.get("use", "sig")
    if not isinstance(kid, str) or use != "sig" or entry.get("alg", "ES256") != "ES256" or "d" in entry:
        return "", None
    try:
        return kid, ECKey.import_key({name: entry[name] for name in ("kty", "crv", "x", "y")})
    except (JoseError, ValueError, TypeError, KeyError):
        return "", None
