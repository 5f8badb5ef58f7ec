"""Checking DPoP proofs (RFC 9449): the request comes from the key that the tokens are bound to."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from fanstudio.errors import InputError, PermitError
from fanstudio.platform.contract import LEEWAY_SECONDS, Record, decode_base64url, encode_base64url, load
from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.problems import refuse
from fanstudio.sandbox.web import Call

_COMPACT = re.compile(r"([A-Za-z0-9_-]{1,1024})\.([A-Za-z0-9_-]{1,2048})\.([A-Za-z0-9_-]{86})")
_COORDINATE = re.compile(r"[A-Za-z0-9_-]{43}")
_CLAIMS = ("jti", "htm", "htu", "iat", "nonce")


def check_proof(site: Deployment, call: Call, *, token: str = "") -> str:
    """Check the proof of a request and return its key's RFC 7638 thumbprint.

    Args:
        site: the platform.
        call: the request.
        token: the access token that came with it, which the proof must name.

    Raises:
        PlatformError: `sign-in-required`, its member `error` as RFC 9449 has it, or `clock-skew`.

    """
    try:
        key, claims = _verified(call.headers.get("dpop", ""))
        _check_request(site, call, claims, token)
    except (InputError, PermitError) as error:
        raise _invalid(error.message) from None
    _check_fresh(site, claims)
    return key.thumbprint()


def _verified(proof: str) -> tuple[ECKey, dict[str, Any]]:
    match = _COMPACT.fullmatch(proof)
    if match is None:
        raise PermitError("The DPoP proof is missing or not a compact ES256 JWS.")
    header = Record(
        load(decode_base64url(match[1]), limit=1024), "DPoP proof's header", ("typ", "alg", "jwk")
    )
    header.word("typ", ("dpop+jwt",))
    header.word("alg", ("ES256",))
    key = header.part("jwk", _public_key)
    try:
        jws.deserialize_compact(proof, key, algorithms=["ES256"])
    except (JoseError, ValueError, TypeError):
        raise PermitError("The DPoP proof's signature is wrong.") from None
    claims = load(decode_base64url(match[2]), limit=2048)
    if not isinstance(claims, dict):
        raise PermitError("The DPoP proof holds no claims.")
    return key, claims


def _public_key(value: object) -> ECKey:
    record = Record(value, "DPoP proof's key", ("kty", "crv", "x", "y"))
    parts: dict[str, str | list[str]] = {
        "kty": record.word("kty", ("EC",)),
        "crv": record.word("crv", ("P-256",)),
        "x": record.text("x", pattern=_COORDINATE),
        "y": record.text("y", pattern=_COORDINATE),
    }
    try:
        key = ECKey.import_key(parts)
        key.check_key_op("verify")
    except (JoseError, ValueError, TypeError):
        raise PermitError("The DPoP proof's key is not a point of P-256.") from None
    return key


def _check_request(site: Deployment, call: Call, claims: dict[str, Any], token: str) -> None:
    names = [*_CLAIMS, "ath"] if token else list(_CLAIMS)
    record = Record({"nonce": None, **claims}, "DPoP proof", names)
    record.word("htm", (call.method,))
    record.word("htu", (site.issuer + call.path,))
    record.whole("iat", 0, 2**40)
    record.text("jti", longest=128)
    if token:
        record.word("ath", (encode_base64url(hashlib.sha256(token.encode()).digest()),))


def _check_fresh(site: Deployment, claims: dict[str, Any]) -> None:
    now = site.clock()
    if abs(claims["iat"] - now) > LEEWAY_SECONDS:
        raise refuse(
            "clock-skew",
            "This machine's clock disagrees with the platform's.",
            server_time=int(now),
            error="invalid_dpop_proof",
        )
    if not site.nonces.good(claims.get("nonce"), now):
        raise refuse("sign-in-required", "Use the nonce in DPoP-Nonce.", error="use_dpop_nonce")
    if not site.proofs.first_use(claims["jti"], now):
        raise _invalid("The DPoP proof was used before.")


def _invalid(detail: str) -> Exception:
    return refuse("sign-in-required", detail, error="invalid_dpop_proof")
