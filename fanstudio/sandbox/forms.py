"""Forms that only our own pages can send: a cookie and a token made from it (double submit)."""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from starlette.responses import Response

from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.problems import refuse
from fanstudio.sandbox.templates import page
from fanstudio.sandbox.web import Call

_COOKIE = "fanstudio_form"


def form_page(site: Deployment, call: Call, name: str, status: int = 200, **values: Any) -> Response:
    """Return a page with a form; its hidden field `form_token` must come back with its cookie."""
    cookie = call.cookies.get(_COOKIE) or secrets.token_urlsafe(24)
    response = page(name, status, form_token=_token(site, cookie), **values)
    response.set_cookie(_COOKIE, cookie, max_age=3600, path="/", httponly=True, samesite="strict")
    return response


def check_form_token(site: Deployment, call: Call) -> dict[str, str]:
    """Return a form's fields if one of our pages sent it from the same browser.

    Raises:
        PlatformError: another site sent it, or the page is too old.

    """
    form = call.form()
    cookie = call.cookies.get(_COOKIE, "")
    given = form.get("form_token", "")
    same = cookie and hmac.compare_digest(given.encode(), _token(site, cookie).encode())
    if not same or call.headers.get("origin", site.issuer) != site.issuer:
        raise refuse("invalid-request", "This form was not sent from this page; load it again.")
    return form


def _token(site: Deployment, cookie: str) -> str:
    key = hmac.digest(site.keys.operator_secret.encode(), b"forms", "sha256")
    return hmac.digest(key, cookie.encode(), "sha256").hex()
