"""Receipts: what was exported, countersigned, readable by anyone, naming no fan."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select
from starlette.responses import Response

from fanstudio.platform.contract import (
    RECEIPT_TYPE,
    CreditedTrack,
    ExportRequest,
    FinaliseRequest,
    Receipt,
    Share,
    TrackUse,
    peek,
    sign,
)
from fanstudio.sandbox import schema
from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.problems import refuse
from fanstudio.sandbox.store import first
from fanstudio.sandbox.templates import page
from fanstudio.sandbox.web import Call, data, prefers_page

_table = schema.receipt


def issue_receipt(
    connection: Connection,
    site: Deployment,
    export_id: str,
    request: ExportRequest,
    made: FinaliseRequest,
    parts: tuple[Share, ...],
) -> str:
    """Sign and keep the receipt of an export that is being finalised."""
    usage = request.usage
    receipt = Receipt(
        iss=site.issuer,
        iat=site.now(),
        export_id=export_id,
        title=request.title,
        essence=made.essence,
        pcm_sha256=made.pcm_sha256,
        sample_rate=made.sample_rate,
        length_frames=made.length_frames,
        loudness_lufs=made.loudness_lufs,
        destination=request.destination,
        format=request.format,
        territory=request.territory,
        policy_version=usage.policy_version,
        tracks=tuple(_credited(connection, track) for track in usage.tracks),
        works=usage.works,
        declared=usage.declared,
        shares=parts,
        fingerprint=None,
    )
    token = sign(receipt.to_json(), site.keys.token_key, site.keys.token_kid, RECEIPT_TYPE)
    connection.execute(_table.insert().values(export_id=export_id, token=token, status="active"))
    return token


def kept_receipt(connection: Connection, export_id: str) -> Row[Any]:
    """Return the row of an export's receipt; PlatformError `not-found` if there is none."""
    row = first(connection, select(_table).where(_table.c.export_id == export_id))
    if row is None:
        raise refuse("not-found", "There is no receipt of this export.")
    return row


def revoke_receipt(connection: Connection, export_id: str) -> None:
    """Mark a receipt as revoked; it can still be read."""
    connection.execute(_table.update().where(_table.c.export_id == export_id).values(status="revoked"))


def show(site: Deployment, call: Call) -> Response:
    """Answer a receipt to anyone: a page for browsers, JSON for programs."""
    with site.store.read() as connection:
        row = kept_receipt(connection, call.names["export_id"])
    if prefers_page(call.headers.get("accept", "")):
        receipt = Receipt.parse(peek(row.token, RECEIPT_TYPE))
        response = page("receipt", receipt=receipt, state=row.status)
    else:
        response = data({"status": row.status, "receipt": row.token})
    response.headers["Vary"] = "Accept"
    return response


def _credited(connection: Connection, track: TrackUse) -> CreditedTrack:
    table = schema.recording
    row = connection.execute(select(table).where(table.c.isrc == track.isrc)).one()
    return CreditedTrack(track.isrc, row.title, row.artist, track.ops)
