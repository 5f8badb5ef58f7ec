"""Compact JWS, ES256 only: one shape of header, canonical base64url, a known key, or one clear refusal."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from fanstudio.errors import InputError, PermitError
from fanstudio.platform.strict import Record, canonical, load
from fanstudio.platform.vocabulary import MAX_TOKEN_CHARS

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})")
_KID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def sign(claims: Mapping[str, Any], key: ECKey, kid: str, kind: str) -> str:
    """Return `claims` as a compact JWS of type `kind`, signed with a P-256 key."""
    header = {"alg": "ES256", "kid": kid, "typ": kind}
    return jws.serialize_compact(header, canonical(dict(claims)), key, algorithms=["ES256"])


def key_id(token: str, kind: str) -> str:
    """Return the key id that a token of type `kind` names, without trusting anything else of it.

    Raises:
        PermitError: the token is not of exactly our shape.

    """
    return _split(token, kind)[0]


def verify(token: str, keys: Mapping[str, ECKey], kind: str) -> Any:
    """Return the JSON value signed in `token`; its claims are still to be parsed.

    Args:
        token: a compact JWS whose header is exactly `alg` ES256, `kid` and `typ` = `kind`.
        keys: the issuer's public keys by key id.
        kind: the type expected.

    Raises:
        PermitError: anything about its form, key or signature is wrong.

    """
    kid, payload = _split(token, kind)
    key = keys.get(kid)
    if key is None:
        raise PermitError("The token is signed with a key that the platform does not have.")
    try:
        jws.deserialize_compact(token, key, algorithms=["ES256"])
    except (JoseError, ValueError, TypeError):
        raise PermitError("The token's signature is wrong.") from None
    return _decode(payload)


def peek(token: str, kind: str) -> Any:
    """Return the JSON value in a token without checking its signature, to show what it says."""
    return _decode(_split(token, kind)[1])


def decode_base64url(text: str) -> bytes:
    """Decode canonical base64url without padding.

    Raises:
        PermitError: a wrong alphabet, padding, or bits that a canonical encoder leaves 0.

    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise PermitError("The token is not base64url.") from None
    if encode_base64url(data) != text:
        raise PermitError("The token is not canonical base64url.")
    return data


def encode_base64url(data: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _split(token: str, kind: str) -> tuple[str, bytes]:
    match = _COMPACT.fullmatch(token) if len(token) <= MAX_TOKEN_CHARS else None
    if match is None:
        raise PermitError("The token is not a compact ES256 JWS.")
    header, payload, signature = (decode_base64url(part) for part in match.groups())
    if len(signature) != 64:
        raise PermitError("The token's signature has the wrong length.")
    try:
        record = Record(load(header, limit=1024), "token's header", ("alg", "kid", "typ"))
        record.word("alg", ("ES256",))
        record.word("typ", (kind,))
        return record.text("kid", pattern=_KID), payload
    except InputError as error:
        raise PermitError(error.message) from None


def _decode(payload: bytes) -> Any:
    try:
        return load(payload, limit=MAX_TOKEN_CHARS)
    except InputError as error:
        raise PermitError(error.message) from None
