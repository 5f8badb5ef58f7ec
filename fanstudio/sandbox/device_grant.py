"""The device grant (RFC 8628): a code shown by the app, entered by the fan on a page of the platform."""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from sqlalchemy import Connection, Row, select
from starlette.responses import Response

from fanstudio.platform.contract import CLIENT_ID, Record
from fanstudio.sandbox import audit, schema
from fanstudio.sandbox.accounts import check_password, find_fan
from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.forms import check_form_token, form_page
from fanstudio.sandbox.problems import OAuthRefusal, refuse, refuse_oauth
from fanstudio.sandbox.seed import DEMO_PASSWORD, people
from fanstudio.sandbox.store import first
from fanstudio.sandbox.templates import page
from fanstudio.sandbox.tokens import digest
from fanstudio.sandbox.web import Call, data

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

_LIFE_S = 600
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_table = schema.device_code


def begin(site: Deployment, call: Call) -> Response:
    """Answer a new device code and user code."""
    if call.form().get("client_id") != CLIENT_ID:
        raise refuse_oauth("invalid_client", "The client is not known.", status=401)
    site.beginnings.use(call.address, site.clock())
    device_code = secrets.token_urlsafe(32)
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    user_code = f"{letters[:4]}-{letters[4:]}"
    with site.store.write() as connection:
        connection.execute(
            _table.insert().values(
                digest=digest(device_code),
                user_code=user_code,
                state="pending",
                expires_at=site.now() + _LIFE_S,
            )
        )
    return data(
        {
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": f"{site.issuer}/device",
            "verification_uri_complete": f"{site.issuer}/device?user_code={user_code}",
            "expires_in": _LIFE_S,
            "interval": site.poll_s,
        }
    )


def poll(connection: Connection, site: Deployment, device_code: str) -> str | OAuthRefusal:
    """Return the user who approved a device code and spend it, or how to refuse the poll."""
    row = first(connection, select(_table).where(_table.c.digest == digest(device_code)))
    if row is None:
        return refuse_oauth("invalid_grant", "The device code is not valid.")
    if row.expires_at <= site.now():
        return refuse_oauth("expired_token", "The device code has expired.")
    if row.state == "approved":
        connection.execute(_table.delete().where(_table.c.digest == row.digest))
        return str(row.user_id)
    if row.state == "denied":
        return refuse_oauth("access_denied", "The sign-in was refused.")
    too_soon = row.polled_at is not None and site.clock() - row.polled_at < site.poll_s * 0.9
    connection.execute(_table.update().where(_table.c.digest == row.digest).values(polled_at=site.clock()))
    if too_soon:
        return refuse_oauth("slow_down", "Poll less often.")
    return refuse_oauth("authorization_pending", "The fan has not decided yet.")


def show(site: Deployment, call: Call) -> Response:
    """Show the page on which a fan approves a device."""
    return _form(site, call, call.arguments().get("user_code", ""), "")


def decide(site: Deployment, call: Call) -> Response:
    """Take the fan's decision from the page."""
    form = check_form_token(site, call)
    user_code, user_id = form.get("user_code", "").strip().upper(), form.get("user", "")
    site.sign_ins.use(call.address, site.clock())
    with site.store.read() as connection:
        fan = check_password(connection, user_id, form.get("password", ""))
    with site.store.write() as connection:
        row = _pending(connection, site, user_code)
        if fan is None or row is None:
            fault = "This password is not right." if fan is None else "This code is not valid any more."
            return _form(site, call, user_code, fault)
        allowed = form.get("decision") == "allow"
        _settle(connection, site, row, fan.user_id, "approved" if allowed else "denied")
    title = "You are signed in" if allowed else "Nothing was shared"
    return page("message", title=title, text="Close this page and go back to fanstudio.")


def approve_as_operator(site: Deployment, call: Call) -> Response:
    """Approve a code for a user with the operator's secret, as the app that started the platform does."""
    given = call.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), site.keys.operator_secret.encode()):
        raise refuse("sign-in-required", "This is for the platform's operator.")
    record = Record(call.json(), "approval", ("user_code", "user"))
    with site.store.write() as connection:
        fan = find_fan(connection, record.text("user"))
        row = _pending(connection, site, record.text("user_code"))
        if fan is None or row is None:
            raise refuse("not-found", "There is no such user or no such code.")
        _settle(connection, site, row, fan.user_id, "approved")
    return data({"user": fan.user_id})


def _pending(connection: Connection, site: Deployment, user_code: str) -> Row[Any] | None:
    return first(
        connection,
        select(_table).where(
            _table.c.user_code == user_code, _table.c.state == "pending", _table.c.expires_at > site.now()
        ),
    )


def _settle(connection: Connection, site: Deployment, row: Row[Any], user_id: str, state: str) -> None:
    connection.execute(
        _table.update().where(_table.c.digest == row.digest).values(state=state, user_id=user_id)
    )
    audit.note(connection, site.now(), user_id, f"device {state}", row.user_code)


def _form(site: Deployment, call: Call, user_code: str, fault: str) -> Response:
    status = 400 if fault else 200
    return form_page(
        site,
        call,
        "device",
        status,
        user_code=user_code[:16],
        fault=fault,
        people=people(site.store),
        password=DEMO_PASSWORD,
    )
