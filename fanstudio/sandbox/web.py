"""From a request to a function of the platform and back: bounded bodies, worker threads, problems."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fanstudio.errors import FanstudioError
from fanstudio.platform.contract import MAX_BODY_BYTES, load
from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.problems import answer, refuse
from fanstudio.sandbox.templates import page

_log = logging.getLogger(__name__)
_FORM_FIELDS = 32


@dataclass(frozen=True)
class Call:
    """One request: what an endpoint may look at."""

    method: str
    path: str
    names: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: bytes
    address: str

    def json(self, *, limit: int = MAX_BODY_BYTES) -> Any:
        """Return the body as strictly read JSON; raises InputError."""
        return load(self.body, limit=limit)

    def form(self) -> dict[str, str]:
        """Return the body as form fields; a repeated field is refused."""
        try:
            fields = parse_qsl(self.body.decode(), keep_blank_values=True, max_num_fields=_FORM_FIELDS)
        except ValueError:
            raise refuse("invalid-request", "The form cannot be read.") from None
        return _unique(fields)

    def arguments(self) -> dict[str, str]:
        """Return the query's fields; a repeated field is refused."""
        return _unique(self.query)


Endpoint = Callable[[Deployment, Call], Response]


def route(site: Deployment, method: str, path: str, endpoint: Endpoint, limit: int = MAX_BODY_BYTES) -> Route:
    """Return a route that answers with `endpoint(site, call)`, run on a worker thread."""

    async def handle(request: Request) -> Response:
        try:
            call = await _read(request, limit)
            response = await run_in_threadpool(endpoint, site, call)
        except FanstudioError as error:
            response = _refusal(request, error)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception:  # noqa: BLE001 - the last resort of a server: log, and say so
            _log.exception("%s %s failed", method, path)
            response = _refusal(request, refuse("server-error", "The platform failed; try again."))
        response.headers["DPoP-Nonce"] = site.nonces.make(site.clock())
        return response

    return Route(path, handle, methods=[method], name=f"{method} {path}")


def data(value: Any, status: int = 200) -> JSONResponse:
    """Return a JSON answer that no cache keeps."""
    return JSONResponse(value, status, {"Cache-Control": "no-store"})


def handlers() -> dict[Any, Callable[[Request, Exception], Awaitable[Response]]]:
    """Return the answers to requests that no route takes."""

    async def not_found(request: Request, error: Exception) -> Response:
        return answer(refuse("not-found", "There is nothing at this address."))

    return {404: not_found, 405: not_found}


def _refusal(request: Request, error: FanstudioError) -> Response:
    """Answer a person's browser with a page, and a program with a problem."""
    refused = answer(error)
    if prefers_page(request.headers.get("accept", "")):
        return page("message", refused.status_code, title="This did not work", text=error.message)
    return refused


def prefers_page(accept: str) -> bool:
    """Tell whether an Accept header is a browser's: HTML is named, and JSON is not."""
    return "text/html" in accept and "json" not in accept


async def _read(request: Request, limit: int) -> Call:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise refuse("too-large", f"The request is larger than {limit} bytes.")
    return Call(
        request.method,
        request.url.path,
        request.path_params,
        tuple(request.query_params.multi_items()),
        request.headers,
        request.cookies,
        bytes(body),
        request.client.host if request.client else "",
    )


def _unique(fields: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> dict[str, str]:
    result = dict(fields)
    if len(result) != len(fields):
        raise refuse("invalid-request", "A field is given twice.")
    return result
