"""The steps of an export: reserve, renew, finalise, abandon; each is one transaction and safe to repeat."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from typing import Any

from sqlalchemy import Connection, Row, select
from starlette.responses import Response

from fanstudio.platform.contract import (
    POLICY_VERSION,
    RESERVATION_SECONDS,
    ExportRequest,
    FinaliseRequest,
    Reservation,
    canonical,
    encode_base64url,
    pack_mark,
)
from fanstudio.platform.shares import shares
from fanstudio.sandbox import audit, ledger, schema
from fanstudio.sandbox.accounts import SignedIn, require_fan
from fanstudio.sandbox.catalogue import credit_entries
from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.permits import current_permit, issue_permit, read_permit, spend_permit
from fanstudio.sandbox.problems import refuse
from fanstudio.sandbox.receipts import issue_receipt, kept_receipt, revoke_receipt
from fanstudio.sandbox.rights import require_grants
from fanstudio.sandbox.store import first
from fanstudio.sandbox.web import Call, data

_KEY = re.compile(r"[!-~]{8,128}")
_table = schema.export


def reserve(site: Deployment, call: Call) -> Response:
    """Reserve an export and answer its permit; the same key and request bring the same export again.

    They do so after it was finalised too: a client that died then asks anew, and gets its receipt.
    """
    who = require_fan(site, call)
    request = ExportRequest.parse(call.json())
    key = call.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        raise refuse("invalid-request", "An Idempotency-Key of 8 to 128 characters is needed.")
    _check_request(who, request)
    site.reservations.use(who.fan.user_id, site.clock())
    with site.store.write() as connection:
        row = first(
            connection,
            select(_table).where(_table.c.user_id == who.fan.user_id, _table.c.idempotency_key == key),
        )
        if row is None:
            require_grants(connection, request, site.now())
            row = _new_export(connection, site, who, request, key)
        elif row.request_digest != _digest(request):
            raise refuse("conflict", "This key was used for another export.")
        elif row.state != "finalised":
            _require_open(site, row)
        permit = _permit_for(connection, site, who, row, request)
    return data(_reservation(row, permit), 201)


def renew(site: Deployment, call: Call) -> Response:
    """Answer a new permit for an export that is still reserved, if it is still granted."""
    who = require_fan(site, call)
    with site.store.write() as connection:
        row = find_export(connection, who, call)
        _require_open(site, row)
        request = export_request(row)
        _check_request(who, request)
        require_grants(connection, request, site.now())
        permit = issue_permit(connection, site, who, row.id, request)
    return data(_reservation(row, permit))


def finalise(site: Deployment, call: Call) -> Response:
    """Take the finished file's digests, spend the permit, book the shares; answer the receipt."""
    who = require_fan(site, call)
    made = FinaliseRequest.parse(call.json())
    with site.store.write() as connection:
        row = find_export(connection, who, call)
        request = export_request(row)
        permit = read_permit(site, made.permit, who, row.id, request)
        if row.state == "finalised":
            if row.finalise_digest != _made_digest(made):
                raise refuse("conflict", "This export was finalised with another file.")
            return data({"receipt": kept_receipt(connection, row.id).token})
        _require_open(site, row)
        if made.essence.format != request.format:
            raise refuse("invalid-request", "The file is not in the format that was asked for.")
        spend_permit(connection, site, permit)
        receipt = _settle(connection, site, row, request, made)
        audit.note(connection, site.now(), who.fan.user_id, "finalise", row.id)
    return data({"receipt": receipt})


def show(site: Deployment, call: Call) -> Response:
    """Answer an export's state."""
    who = require_fan(site, call)
    with site.store.read() as connection:
        row = find_export(connection, who, call)
    times = {"created_at": row.created_at, "expires_at": row.expires_at}
    return data({"export_id": row.id, "state": row.state, **times})


def abandon(site: Deployment, call: Call) -> Response:
    """Give an export back: a reservation is cancelled, a finalised one revoked and its booking reversed."""
    who = require_fan(site, call)
    with site.store.write() as connection:
        row = find_export(connection, who, call)
        state = {"reserved": "cancelled", "finalised": "revoked"}.get(row.state, row.state)
        if state != row.state:
            connection.execute(_table.update().where(_table.c.id == row.id).values(state=state))
            audit.note(connection, site.now(), who.fan.user_id, state, row.id)
        if row.state == "finalised":
            ledger.reverse_export(connection, row.id, site.now())
            revoke_receipt(connection, row.id)
    return data({"export_id": row.id, "state": state})


def find_export(connection: Connection, who: SignedIn, call: Call) -> Row[Any]:
    """Return the export that a request names, if it is the fan's own; PlatformError `not-found` if not."""
    mine = (_table.c.id == call.names["export_id"], _table.c.user_id == who.fan.user_id)
    row = first(connection, select(_table).where(*mine))
    if row is None:
        raise refuse("not-found", "You have no such export.")
    return row


def export_request(row: Row[Any]) -> ExportRequest:
    """Return what an export was reserved for."""
    return ExportRequest.parse(json.loads(row.request))


def _check_request(who: SignedIn, request: ExportRequest) -> None:
    if not who.fan.may_export:
        raise refuse("addon-required", "Exporting needs Premium with the remix add-on.")
    if request.device_jkt != who.jkt:
        raise refuse("invalid-request", "The request names another device than the one that sent it.")
    if request.territory != who.fan.territory:
        raise refuse("invalid-request", f"The account is at home in {who.fan.territory}.")
    if request.usage.policy_version != POLICY_VERSION:
        raise refuse("invalid-request", f"The platform's policy is {POLICY_VERSION}; update fanstudio.")


def _new_export(
    connection: Connection, site: Deployment, who: SignedIn, request: ExportRequest, key: str
) -> Row[Any]:
    export_id = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    now = site.now()
    connection.execute(
        _table.insert().values(
            id=export_id,
            user_id=who.fan.user_id,
            idempotency_key=key,
            request_digest=_digest(request),
            request=canonical(request.to_json()).decode(),
            state="reserved",
            created_at=now,
            expires_at=now + RESERVATION_SECONDS,
        )
    )
    _note_sources(connection, export_id, request)
    audit.note(connection, now, who.fan.user_id, "reserve", export_id)
    return connection.execute(select(_table).where(_table.c.id == export_id)).one()


def _permit_for(
    connection: Connection, site: Deployment, who: SignedIn, row: Row[Any], request: ExportRequest
) -> str:
    """Return the export's permit, bound to the device that asks: a fan who signed in anew has another key."""
    said = canonical(request.to_json()).decode()
    if row.request == said:
        return current_permit(connection, site, who, row.id, request)
    connection.execute(_table.update().where(_table.c.id == row.id).values(request=said))
    return issue_permit(connection, site, who, row.id, request)


def _note_sources(connection: Connection, export_id: str, request: ExportRequest) -> None:
    usage = request.usage
    sources = [
        *(("track", track.isrc) for track in usage.tracks),
        *(("work", work.iswc) for work in usage.works),
        *(("declared", item.source_digest) for item in usage.declared),
    ]
    rows = [{"export_id": export_id, "kind": kind, "code": code} for kind, code in sources]
    connection.execute(schema.export_source.insert(), rows)


def _settle(
    connection: Connection, site: Deployment, row: Row[Any], request: ExportRequest, made: FinaliseRequest
) -> str:
    usage = request.usage
    codes = {track.isrc for track in usage.tracks} | {work.iswc for work in usage.works}
    parts = shares(usage, credit_entries(connection, codes))
    ledger.book_export(connection, row.id, parts, site.now())
    connection.execute(
        _table.update()
        .where(_table.c.id == row.id)
        .values(state="finalised", finalise_digest=_made_digest(made))
    )
    return issue_receipt(connection, site, row.id, request, made, parts)


def _require_open(site: Deployment, row: Row[Any]) -> None:
    if row.state != "reserved":
        raise refuse("conflict", f"This export is {row.state}.", state=row.state)
    if row.expires_at <= site.now():
        raise refuse("conflict", "This reservation has run out; export again.", state="expired")


def _reservation(row: Row[Any], permit: str) -> dict[str, Any]:
    mark = encode_base64url(pack_mark(row.id))
    return Reservation(row.id, permit, mark, POLICY_VERSION, row.expires_at).to_json()


def _digest(request: ExportRequest) -> str:
    """Return what must be the same when a key comes again: all but the device."""
    said = {name: value for name, value in request.to_json().items() if name != "device_jkt"}
    return hashlib.sha256(canonical(said)).hexdigest()


def _made_digest(made: FinaliseRequest) -> str:
    said = {name: value for name, value in made.to_json().items() if name != "permit"}
    return hashlib.sha256(canonical(said)).hexdigest()
