"""Signing Content Credentials: only a claim that says what a finalised export is, and one for each export."""

from __future__ import annotations

import base64
import hashlib

from sqlalchemy import Connection, select
from starlette.responses import Response

from fanstudio.platform.claim import ExpectedClaim
from fanstudio.platform.claim_check import check_claim
from fanstudio.platform.contract import MAX_SIGN_BODY_BYTES, SignRequest
from fanstudio.sandbox import audit, schema
from fanstudio.sandbox.accounts import require_fan
from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.exports import export_request, find_export
from fanstudio.sandbox.problems import refuse
from fanstudio.sandbox.receipts import kept_receipt
from fanstudio.sandbox.store import first
from fanstudio.sandbox.web import Call, data

_table = schema.claim_signature


def certificates(site: Deployment, call: Call) -> Response:
    """Answer the certificates that claims are signed under."""
    return data({"chain_pem": site.keys.chain_pem(), "anchor_pem": site.keys.anchor_pem()})


def sign_claim(site: Deployment, call: Call) -> Response:
    """Answer the signature of a claim that was checked; the same claim brings the same signature."""
    who = require_fan(site, call)
    sig_structure, manifest_store = SignRequest.parse(call.json(limit=MAX_SIGN_BODY_BYTES)).unpack()
    with site.store.read() as connection:
        row = find_export(connection, who, call)
        if row.state != "finalised":
            raise refuse("conflict", "Only a finalised export is signed.", state=row.state)
        receipt = kept_receipt(connection, row.id).token
    request = export_request(row)
    expected = ExpectedClaim(request.title, row.id, receipt, request.usage, site.keys.chain_der())
    check_claim(manifest_store, sig_structure, expected)
    with site.store.write() as connection:
        signature = _once(connection, site, row.id, sig_structure)
        audit.note(connection, site.now(), who.fan.user_id, "sign", row.id)
    return data({"signature": base64.b64encode(signature).decode()})


def _once(connection: Connection, site: Deployment, export_id: str, sig_structure: bytes) -> bytes:
    claim_digest = hashlib.sha256(sig_structure).hexdigest()
    kept = first(connection, select(_table).where(_table.c.export_id == export_id))
    if kept is not None:
        if kept.claim_digest != claim_digest:
            raise refuse("conflict", "Another claim of this export was signed before.")
        return bytes(kept.signature)
    signature = site.keys.sign_claim(sig_structure)
    connection.execute(
        _table.insert().values(export_id=export_id, claim_digest=claim_digest, signature=signature)
    )
    return signature
