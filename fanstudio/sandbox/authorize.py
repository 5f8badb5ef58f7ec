"""The authorization code grant as people see it: sign in, consent, back to the app on loopback."""

from __future__ import annotations

import re
import secrets
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, Row, select
from starlette.responses import RedirectResponse, Response

from fanstudio.platform.contract import CLIENT_ID
from fanstudio.sandbox import audit, schema
from fanstudio.sandbox.accounts import check_password, find_fan
from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.forms import check_form_token, form_page
from fanstudio.sandbox.problems import refuse
from fanstudio.sandbox.seed import DEMO_PASSWORD, people
from fanstudio.sandbox.store import first
from fanstudio.sandbox.templates import page
from fanstudio.sandbox.tokens import digest
from fanstudio.sandbox.web import Call

_REQUEST_S = 900
_CODE_S = 60
_REDIRECT = re.compile(r"http://127\.0\.0\.1:([1-9][0-9]{0,4})/callback")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_STATE = re.compile(r"[!-~]{1,512}")
_table = schema.auth_request


def begin(site: Deployment, call: Call) -> Response:
    """Check the app's request and show the sign-in page.

    A wrong client or redirect address is shown, never redirected to.
    """
    query = call.arguments()
    redirect_uri = query.get("redirect_uri", "")
    known = _REDIRECT.fullmatch(redirect_uri)
    if query.get("client_id") != CLIENT_ID or known is None or int(known[1]) > 65535:
        return page(
            "message", 400, title="This request is not valid", text="Go back to the app and try again."
        )
    fault = _fault(query)
    if fault:
        return _redirect(site, redirect_uri, query.get("state", ""), error=fault)
    site.beginnings.use(call.address, site.clock())
    request_id = secrets.token_urlsafe(24)
    with site.store.write() as connection:
        connection.execute(
            _table.insert().values(
                id=request_id,
                redirect_uri=redirect_uri,
                state=query["state"],
                challenge=query["code_challenge"],
                expires_at=site.now() + _REQUEST_S,
            )
        )
    return _sign_in_page(site, call, request_id, "")


def sign_in(site: Deployment, call: Call) -> Response:
    """Take user and password; on success show what the app asks for."""
    form = check_form_token(site, call)
    site.sign_ins.use(call.address, site.clock())
    with site.store.read() as connection:
        row = _open_request(connection, site, form)
        fan = check_password(connection, form.get("user", ""), form.get("password", ""))
    if fan is None:
        return _sign_in_page(site, call, row.id, "This password is not right.")
    with site.store.write() as connection:
        connection.execute(_table.update().where(_table.c.id == row.id).values(user_id=fan.user_id))
    return form_page(site, call, "consent", request_id=row.id, fan=fan)


def consent(site: Deployment, call: Call) -> Response:
    """Take the fan's decision and send the browser back to the app, with a code or a refusal."""
    form = check_form_token(site, call)
    with site.store.write() as connection:
        row = _open_request(connection, site, form)
        fan = find_fan(connection, row.user_id or "")
        if fan is None:
            raise refuse("invalid-request", "Sign in first.")
        connection.execute(_table.delete().where(_table.c.id == row.id))
        if form.get("decision") != "allow":
            return _redirect(site, row.redirect_uri, row.state, error="access_denied")
        code = secrets.token_urlsafe(32)
        connection.execute(
            schema.auth_code.insert().values(
                digest=digest(code),
                user_id=fan.user_id,
                redirect_uri=row.redirect_uri,
                challenge=row.challenge,
                expires_at=site.now() + _CODE_S,
            )
        )
        audit.note(connection, site.now(), fan.user_id, "consent", CLIENT_ID)
    return _redirect(site, row.redirect_uri, row.state, code=code)


def _fault(query: dict[str, str]) -> str:
    if query.get("response_type") != "code":
        return "unsupported_response_type"
    good = (
        query.get("code_challenge_method") == "S256"
        and _CHALLENGE.fullmatch(query.get("code_challenge", ""))
        and _STATE.fullmatch(query.get("state", ""))
    )
    return "" if good else "invalid_request"


def _open_request(connection: Connection, site: Deployment, form: dict[str, str]) -> Row[Any]:
    row = first(connection, select(_table).where(_table.c.id == form.get("request_id", "")))
    if row is None or row.expires_at <= site.now():
        raise refuse("invalid-request", "This sign-in has run out; go back to the app and try again.")
    return row


def _sign_in_page(site: Deployment, call: Call, request_id: str, fault: str) -> Response:
    status = 400 if fault else 200
    shown = people(site.store)
    return form_page(
        site,
        call,
        "sign_in",
        status,
        request_id=request_id,
        fault=fault,
        people=shown,
        password=DEMO_PASSWORD,
    )


def _redirect(site: Deployment, redirect_uri: str, state: str, **values: str) -> Response:
    query = urlencode({**values, "state": state, "iss": site.issuer})
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(f"{redirect_uri}?{query}", 303, headers)
