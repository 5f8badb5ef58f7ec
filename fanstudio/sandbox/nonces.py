"""DPoP nonces that need no memory, and the memory of proofs already seen (RFC 9449, sections 8 and 11.1)."""

from __future__ import annotations

import hmac
import secrets
import threading

from fanstudio.errors import PermitError
from fanstudio.platform.contract import decode_base64url, encode_base64url

_LIFE_S = 300
_TIME_BYTES = 8
_TAG_BYTES = 16
_MOST_PROOFS = 200_000


class Nonces:
    """Makes and checks nonces under a key that lives as long as the process."""

    def __init__(self) -> None:
        """Draw the key."""
        self._key = secrets.token_bytes(32)

    def make(self, now: float) -> str:
        """Return a nonce that is good for five minutes."""
        head = int(now).to_bytes(_TIME_BYTES, "big")
        return encode_base64url(head + self._tag(head))

    def good(self, nonce: object, now: float) -> bool:
        """Tell whether a nonce is ours and fresh."""
        try:
            data = decode_base64url(nonce) if isinstance(nonce, str) else b""
        except PermitError:
            return False
        head, tag = data[:_TIME_BYTES], data[_TIME_BYTES:]
        ours = hmac.compare_digest(tag, self._tag(head))
        return ours and 0 <= int(now) - int.from_bytes(head, "big") <= _LIFE_S

    def _tag(self, head: bytes) -> bytes:
        return hmac.digest(self._key, head, "sha256")[:_TAG_BYTES]


class ReplayGuard:
    """Remembers the `jti` of proofs for as long as their nonce could be good."""

    def __init__(self) -> None:
        """Remember nothing."""
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def first_use(self, jti: str, now: float) -> bool:
        """Note a proof; tell whether it was not seen before."""
        with self._lock:
            self._forget(now)
            if jti in self._seen or len(self._seen) >= _MOST_PROOFS:
                return False
            self._seen[jti] = now + 2 * _LIFE_S
            return True

    def _forget(self, now: float) -> None:
        while self._seen:
            oldest = next(iter(self._seen))
            if self._seen[oldest] > now:
                return
            del self._seen[oldest]
