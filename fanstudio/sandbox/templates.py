"""The platform's pages: rendered from `pages/`, escaped, without scripts, never framed."""

from __future__ import annotations

import datetime
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, Response

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self' http://127.0.0.1:*"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def page(name: str, status: int = 200, **values: Any) -> Response:
    """Return the page `name`.html with `values` filled in."""
    return HTMLResponse(_environment().get_template(f"{name}.html").render(values), status, dict(_HEADERS))


def style_sheet() -> bytes:
    """Return the style sheet of all pages."""
    return resources.files("fanstudio.sandbox").joinpath("pages/style.css").read_bytes()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("fanstudio.sandbox", "pages"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = _day
    environment.filters["percent"] = _percent
    return environment


def _day(seconds: int) -> str:
    day = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return f"{day.day} {day:%B %Y}"


def _percent(ppm: int) -> str:
    return f"{ppm / 10_000:.2f} %"
