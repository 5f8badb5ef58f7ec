"""Access and refresh tokens: opaque, stored as hashes, bound to a device key, refreshed by rotation."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from sqlalchemy import Connection, Row, select

from fanstudio.platform.contract import SCOPE
from fanstudio.sandbox import schema
from fanstudio.sandbox.problems import refuse_oauth
from fanstudio.sandbox.store import first

ACCESS_S = 600
REFRESH_S = 90 * 24 * 3600
#: For so long a spent refresh token may be repeated: the answer to its first use may have been lost.
GRACE_S = 60

_token, _family = schema.token, schema.token_family


def digest(secret: str) -> str:
    """Return how a secret is stored: its SHA-256, so that the database opens no door."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_family(connection: Connection, user_id: str, jkt: str) -> str:
    """Begin a sign-in of one user on one device key; return its id."""
    family = secrets.token_hex(16)
    connection.execute(_family.insert().values(id=family, user_id=user_id, jkt=jkt))
    return family


def issue(connection: Connection, family_id: str, now: int) -> dict[str, Any]:
    """Return the answer of the token endpoint: a new access and a new refresh token of a sign-in."""
    return {
        "access_token": _new(connection, "access", family_id, now + ACCESS_S),
        "token_type": "DPoP",
        "expires_in": ACCESS_S,
        "refresh_token": _new(connection, "refresh", family_id, now + REFRESH_S),
        "scope": SCOPE,
    }


def spend_refresh(connection: Connection, secret: str, jkt: str, now: int) -> dict[str, Any] | None:
    """Exchange a refresh token for new tokens; None where it was reused and its sign-in is ended by that.

    Raises:
        OAuthRefusal: it is unknown, expired, revoked or another key's.

    """
    row = _find(connection, secret, "refresh")
    if row is None or row.revoked_at is not None or row.expires_at <= now or row.jkt != jkt:
        raise refuse_oauth("invalid_grant", "The refresh token is not valid.")
    if row.used_at is not None and now > row.used_at + GRACE_S:
        revoke_family(connection, row.family_id, now)
        return None
    if row.used_at is None:
        connection.execute(_token.update().where(_token.c.digest == row.digest).values(used_at=now))
    return issue(connection, row.family_id, now)


def revoke(connection: Connection, secret: str, now: int) -> None:
    """End the sign-in that a token belongs to, if it is one of ours."""
    row = _find(connection, secret, "refresh") or _find(connection, secret, "access")
    if row is not None:
        revoke_family(connection, row.family_id, now)


def revoke_family(connection: Connection, family_id: str, now: int) -> None:
    """End a sign-in: none of its tokens is good from now on."""
    connection.execute(_family.update().where(_family.c.id == family_id).values(revoked_at=now))


def holder(connection: Connection, secret: str, jkt: str, now: int) -> str | None:
    """Return the user whose valid access token this is, if it is bound to the key `jkt`."""
    row = _find(connection, secret, "access")
    if row is None or row.revoked_at is not None or row.expires_at <= now or row.jkt != jkt:
        return None
    return str(row.user_id)


def _find(connection: Connection, secret: str, kind: str) -> Row[Any] | None:
    query = select(_token, _family.c.user_id, _family.c.jkt, _family.c.revoked_at).join(_family)
    return first(connection, query.where(_token.c.digest == digest(secret), _token.c.kind == kind))


def _new(connection: Connection, kind: str, family_id: str, expires_at: int) -> str:
    secret = secrets.token_urlsafe(32)
    connection.execute(
        _token.insert().values(digest=digest(secret), kind=kind, family_id=family_id, expires_at=expires_at)
    )
    return secret
