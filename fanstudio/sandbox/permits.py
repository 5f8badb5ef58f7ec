"""Permits as the platform issues and takes them back: signed, each `jti` noted, spent once."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, Row, select

from fanstudio.errors import PermitError
from fanstudio.platform.contract import (
    ADDON,
    CLIENT_ID,
    PERMIT_SECONDS,
    PERMIT_TYPE,
    Confirmation,
    ExportRequest,
    Permit,
    PermittedSource,
    PermittedTrack,
    sign,
    verify,
)
from fanstudio.sandbox import schema
from fanstudio.sandbox.accounts import SignedIn
from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.problems import refuse
from fanstudio.sandbox.store import first

_table = schema.permit
#: A repeated request gets its first permit again while at least this much of its life is left.
_WORTH_REPEATING_S = 300


def current_permit(
    connection: Connection, site: Deployment, who: SignedIn, export_id: str, request: ExportRequest
) -> str:
    """Return the export's newest permit if it will last a while, else a new one."""
    newest = select(_table).where(_table.c.export_id == export_id, _table.c.spent_at.is_(None))
    row = first(connection, newest.order_by(_table.c.issued_at.desc()))
    if row is not None and site.now() < row.issued_at + PERMIT_SECONDS - _WORTH_REPEATING_S:
        return str(row.token)
    return issue_permit(connection, site, who, export_id, request)


def issue_permit(
    connection: Connection, site: Deployment, who: SignedIn, export_id: str, request: ExportRequest
) -> str:
    """Sign a new permit for an export and note its `jti`."""
    now, usage = site.now(), request.usage
    permit = Permit(
        iss=site.issuer,
        aud=CLIENT_ID,
        sub=who.fan.sub,
        iat=now,
        nbf=now,
        exp=now + PERMIT_SECONDS,
        jti=secrets.token_hex(16),
        cnf=Confirmation(request.device_jkt),
        addon=ADDON,
        territory=request.territory,
        export_id=export_id,
        project_digest=request.project_digest,
        policy_version=usage.policy_version,
        destination=request.destination,
        tracks=tuple(PermittedTrack(track.isrc, track.ops) for track in usage.tracks),
        works=usage.works,
        declared=tuple(
            PermittedSource(item.source_digest, item.basis, item.licence_url) for item in usage.declared
        ),
    )
    token = sign(permit.to_json(), site.keys.token_key, site.keys.token_kid, PERMIT_TYPE)
    connection.execute(
        _table.insert().values(jti=permit.jti, export_id=export_id, issued_at=now, token=token)
    )
    return token


def read_permit(
    site: Deployment, token: str, who: SignedIn, export_id: str, request: ExportRequest
) -> Permit:
    """Return the claims of a permit that is ours and for exactly this export; its time is not looked at.

    Raises:
        PermitError: it is forged, malformed or for something else.

    """
    keys = {site.keys.token_kid: site.keys.token_key}
    permit = Permit.parse(verify(token, keys, PERMIT_TYPE))
    expected = (
        (permit.iss == site.issuer, "comes from another platform"),
        (permit.sub == who.fan.sub, "is another fan's"),
        (permit.cnf.jkt == who.jkt, "is for another device"),
        (permit.export_id == export_id, "is for another export"),
        (permit.project_digest == request.project_digest, "is for another state of the project"),
        (permit.destination == request.destination, "is for another destination"),
        (permit.territory == request.territory, "is for another territory"),
        (permit.covers(request.usage), "does not cover everything that the project uses"),
    )
    for good, fault in expected:
        if not good:
            raise PermitError(f"The permit {fault}.")
    return permit


def spend_permit(connection: Connection, site: Deployment, permit: Permit) -> None:
    """Spend a permit, which can be done once and while it lasts.

    Raises:
        PlatformError: `permit-expired`.
        PermitError: its `jti` is not known or is spent.

    """
    if not permit.nbf <= site.now() < permit.exp:
        raise refuse("permit-expired", "The permit has expired.")
    row: Row[Any] | None = first(connection, select(_table).where(_table.c.jti == permit.jti))
    if row is None or row.export_id != permit.export_id or row.spent_at is not None:
        raise PermitError("The permit was used before, or never issued.")
    connection.execute(_table.update().where(_table.c.jti == permit.jti).values(spent_at=site.now()))
