"""Fans of the platform: their passwords, plans and add-ons, and who a request comes from."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, select

from fanstudio.platform.contract import ADDON
from fanstudio.sandbox import schema
from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.dpop import check_proof
from fanstudio.sandbox.problems import refuse
from fanstudio.sandbox.store import first
from fanstudio.sandbox.tokens import holder
from fanstudio.sandbox.web import Call

_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Fan:
    """A person with an account; `sub` is what permits call them."""

    user_id: str
    sub: str
    name: str
    territory: str
    plan: str
    addons: tuple[str, ...]

    @property
    def may_export(self) -> bool:
        """Tell whether plan and add-ons allow exports at all."""
        return self.plan == "premium" and ADDON in self.addons


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a request comes from, and the thumbprint of the key it was proved with."""

    fan: Fan
    jkt: str


def hash_password(password: str) -> bytes:
    """Return salt and scrypt hash of a password."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return salt + _scrypt(password, salt)


def find_fan(connection: Connection, user_id: str) -> Fan | None:
    """Return a fan by user id."""
    row = first(connection, select(schema.user).where(schema.user.c.id == user_id))
    if row is None:
        return None
    plan = first(
        connection, select(schema.subscription.c.plan).where(schema.subscription.c.user_id == user_id)
    )
    addons = connection.execute(select(schema.addon.c.name).where(schema.addon.c.user_id == user_id))
    names = tuple(sorted(item.name for item in addons))
    return Fan(row.id, row.sub, row.name, row.territory, plan.plan if plan else "free", names)


def check_password(connection: Connection, user_id: str, password: str) -> Fan | None:
    """Return the fan if the password is theirs; takes as long where there is no such user."""
    row = first(connection, select(schema.user.c.password_hash).where(schema.user.c.id == user_id))
    kept = row.password_hash if row else bytes(_SALT_BYTES + 32)
    good = hmac.compare_digest(kept[_SALT_BYTES:], _scrypt(password[:256], kept[:_SALT_BYTES]))
    return find_fan(connection, user_id) if good and row else None


def require_fan(site: Deployment, call: Call) -> SignedIn:
    """Return who a request comes from.

    Raises:
        PlatformError: no valid access token, or a wrong DPoP proof.

    """
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "dpop" or not token:
        raise refuse("sign-in-required", "Sign in to go on.")
    jkt = check_proof(site, call, token=token)
    with site.store.read() as connection:
        user_id = holder(connection, token, jkt, site.now())
        fan = find_fan(connection, user_id) if user_id else None
    if fan is None:
        raise refuse("sign-in-required", "The sign-in has ended.")
    return SignedIn(fan, jkt)


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
