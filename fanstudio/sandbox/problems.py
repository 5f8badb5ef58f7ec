"""Refusals of the platform: raised as PlatformError, answered as RFC 9457 problems."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from starlette.responses import JSONResponse, Response

from fanstudio.errors import CredentialsError, FanstudioError, InputError, PermitError, PlatformError
from fanstudio.platform.contract import PROBLEM_BASE, PROBLEMS

_STATUS = MappingProxyType(
    {
        "sign-in-required": 401,
        "addon-required": 403,
        "not-permitted": 403,
        "permit-expired": 401,
        "permit-invalid": 403,
        "clock-skew": 401,
        "throttled": 429,
        "quota": 429,
        "conflict": 409,
        "claim-refused": 422,
        "not-found": 404,
        "invalid-request": 400,
        "too-large": 413,
        "server-error": 500,
    }
)
_KINDS: tuple[tuple[type[FanstudioError], str], ...] = (
    (PermitError, "permit-invalid"),
    (CredentialsError, "claim-refused"),
    (InputError, "invalid-request"),
)


class OAuthRefusal(PlatformError):
    """A refusal of the OAuth endpoints, in the words of RFC 6749, 5.2; `kind` is its error code."""


def refuse(kind: str, detail: str, **members: Any) -> PlatformError:
    """Return the error that refuses a request: a kind of the contract, one line, further members."""
    return PlatformError(detail, status=_STATUS[kind], kind=kind, members=members)


def refuse_oauth(code: str, detail: str, *, status: int = 400) -> OAuthRefusal:
    """Return the error that refuses an OAuth request."""
    return OAuthRefusal(detail, status=status, kind=code)


def answer(error: FanstudioError) -> Response:
    """Return the response to a refused request."""
    if isinstance(error, OAuthRefusal):
        body = {"error": error.kind, "error_description": error.message, **error.members}
        return JSONResponse(body, error.status, {"Cache-Control": "no-store"})
    if not isinstance(error, PlatformError):
        error = refuse(_kind_of(error), error.message)
    return JSONResponse(
        {
            "type": PROBLEM_BASE + error.kind,
            "title": PROBLEMS[error.kind],
            "status": error.status,
            "detail": error.message,
            **error.members,
        },
        error.status,
        _headers(error),
        media_type="application/problem+json",
    )


def _headers(error: PlatformError) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if "retry_after_s" in error.members:
        headers["Retry-After"] = str(error.members["retry_after_s"])
    if error.kind in {"sign-in-required", "clock-skew"}:
        code = str(error.members.get("error", "invalid_token"))
        headers["WWW-Authenticate"] = f'DPoP error="{code}", algs="ES256"'
    return headers


def _kind_of(error: FanstudioError) -> str:
    return next((kind for type_, kind in _KINDS if isinstance(error, type_)), "server-error")
