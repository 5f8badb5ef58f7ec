"""Proof that a request comes from the key that the sign-in is bound to (DPoP, RFC 9449)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import urlsplit, urlunsplit

from cryptography.hazmat.primitives import serialization
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from fanstudio.platform import strict


class DeviceKey:
    """A P-256 key of this device; its thumbprint stands in permits as `cnf.jkt`."""

    def __init__(self, key: ECKey) -> None:
        """Wrap a private P-256 key."""
        self._key = key
        self._public = {
            name: str(value) for name, value in key.as_dict(private=False).items() if name != "kid"
        }

    @classmethod
    def generate(cls) -> DeviceKey:
        """Make a new key."""
        return cls(ECKey.generate_key("P-256", private=True))

    @classmethod
    def parse(cls, text: str) -> DeviceKey:
        """Read what `text` wrote; raises ValueError."""
        try:
            key = ECKey.import_key(base64.b64decode(text, validate=True))
        except (JoseError, TypeError) as error:
            raise ValueError("not a key") from error
        if not key.is_private or key.curve_name != "P-256":
            raise ValueError("not a private P-256 key")
        return cls(key)

    def text(self) -> str:
        """Return the private key as one short line (PKCS #8 in base64, 184 characters)."""
        der = self._key.private_key.private_bytes(  # type: ignore[union-attr]
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return base64.b64encode(der).decode()

    @property
    def thumbprint(self) -> str:
        """Return the RFC 7638 thumbprint, base64url without padding."""
        return self._key.thumbprint()

    def proof(self, method: str, url: str, *, now: float, nonce: str = "", token: str = "") -> str:
        """Return the DPoP header for one request; with `token`, bound to that access token."""
        claims: dict[str, str | int] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": _without_query(url),
            "iat": int(now),
        }
        if nonce:
            claims["nonce"] = nonce
        if token:
            claims["ath"] = _base64url(hashlib.sha256(token.encode()).digest())
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self._public}
        return jws.serialize_compact(header, strict.canonical(claims), self._key, algorithms=["ES256"])


def _without_query(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
