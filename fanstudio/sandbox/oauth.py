"""The OAuth endpoints for programs: metadata, keys, tokens, revocation (OAuth 2.1, RFC 8414, RFC 7009)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select
from starlette.responses import Response

from fanstudio.errors import PlatformError
from fanstudio.platform.contract import CLIENT_ID, SCOPE
from fanstudio.sandbox import schema, tokens
from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.device_grant import DEVICE_GRANT, poll
from fanstudio.sandbox.dpop import check_proof
from fanstudio.sandbox.problems import OAuthRefusal, refuse_oauth
from fanstudio.sandbox.store import first
from fanstudio.sandbox.web import Call, data

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def metadata(site: Deployment, call: Call) -> Response:
    """Answer the authorization server's metadata."""
    endpoints = {
        "authorization_endpoint": "/oauth/authorize",
        "device_authorization_endpoint": "/oauth/device",
        "token_endpoint": "/oauth/token",
        "revocation_endpoint": "/oauth/revoke",
        "jwks_uri": "/jwks",
    }
    return data(
        {
            "issuer": site.issuer,
            **{name: site.issuer + path for name, path in endpoints.items()},
            "scopes_supported": SCOPE.split(),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", DEVICE_GRANT],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "dpop_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


def jwks(site: Deployment, call: Call) -> Response:
    """Answer the public keys of permits and receipts."""
    return data(site.keys.jwks())


def token(site: Deployment, call: Call) -> Response:
    """Exchange a grant for tokens; the proof is checked first, so that no grant is spent in vain."""
    form = call.form()
    if form.get("client_id") != CLIENT_ID:
        raise refuse_oauth("invalid_client", "The client is not known.", status=401)
    jkt = _proved(site, call)
    exchange = _GRANTS.get(form.get("grant_type", ""))
    if exchange is None:
        raise refuse_oauth("unsupported_grant_type", "This grant is not supported.")
    with site.store.write() as connection:
        issued = exchange(connection, site, form, jkt)
    if isinstance(issued, OAuthRefusal):
        raise issued
    return data(issued)


def revoke(site: Deployment, call: Call) -> Response:
    """End the sign-in that a token belongs to; unknown tokens are answered alike (RFC 7009, 2.2)."""
    with site.store.write() as connection:
        tokens.revoke(connection, call.form().get("token", ""), site.now())
    return data({})


#: What a grant brings; a refusal that is returned, not raised, keeps what was written with it.
Issued = dict[str, Any] | OAuthRefusal


def _by_code(connection: Connection, site: Deployment, form: Mapping[str, str], jkt: str) -> Issued:
    row = first(
        connection,
        select(schema.auth_code).where(schema.auth_code.c.digest == tokens.digest(form.get("code", ""))),
    )
    if row is None or row.expires_at <= site.now() or row.redirect_uri != form.get("redirect_uri"):
        raise refuse_oauth("invalid_grant", "The code is not valid.")
    if row.family_id is not None:
        tokens.revoke_family(connection, row.family_id, site.now())
        return refuse_oauth("invalid_grant", "The code was used before; its sign-in is ended.")
    if not _proves(form.get("code_verifier", ""), row.challenge):
        raise refuse_oauth("invalid_grant", "The code verifier does not match.")
    return _begin(connection, site, row.user_id, jkt, row.digest)


def _begin(connection: Connection, site: Deployment, user_id: str, jkt: str, code: str) -> dict[str, Any]:
    family = tokens.new_family(connection, user_id, jkt)
    table = schema.auth_code
    connection.execute(table.update().where(table.c.digest == code).values(family_id=family))
    return tokens.issue(connection, family, site.now())


def _by_device(connection: Connection, site: Deployment, form: Mapping[str, str], jkt: str) -> Issued:
    polled = poll(connection, site, form.get("device_code", ""))
    if isinstance(polled, OAuthRefusal):
        return polled
    return tokens.issue(connection, tokens.new_family(connection, polled, jkt), site.now())


def _by_refresh(connection: Connection, site: Deployment, form: Mapping[str, str], jkt: str) -> Issued:
    issued = tokens.spend_refresh(connection, form.get("refresh_token", ""), jkt, site.now())
    if issued is None:
        return refuse_oauth("invalid_grant", "The refresh token was used before; its sign-in is ended.")
    return issued


_GRANTS = {"authorization_code": _by_code, DEVICE_GRANT: _by_device, "refresh_token": _by_refresh}


def _proved(site: Deployment, call: Call) -> str:
    try:
        return check_proof(site, call)
    except PlatformError as error:
        refusal = refuse_oauth(str(error.members.get("error", "invalid_dpop_proof")), error.message)
        refusal.members = error.members
        raise refusal from None


def _proves(verifier: str, challenge: str) -> bool:
    if not _VERIFIER.fullmatch(verifier):
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)
