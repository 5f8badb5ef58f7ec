"""The token endpoint of a platform: every grant that the app uses, each with a DPoP proof."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fanstudio.errors import AccountError, NetworkError
from fanstudio.net import Answer, Http
from fanstudio.platform.contract import CLIENT_ID
from fanstudio.platform.dpop import DeviceKey
from fanstudio.text import one_line

#: No clock is right that shows a time after the year 5000, in seconds since 1970.
_LATEST_S = 96_000_000_000
_MARGIN_S = 30.0
_MOST_TOKEN_CHARS = 8192
_TOKEN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a grant brought, and the key it is bound to; `good_until` is on the monotonic clock (s)."""

    key: DeviceKey
    access: str
    refresh: str
    good_until: float

    @property
    def fresh(self) -> bool:
        """Tell whether the access token can still be used."""
        return time.monotonic() < self.good_until


class OAuthError(AccountError):
    """The token endpoint's own refusal; `code` is its `error` member."""

    def __init__(self, code: str, description: str) -> None:
        """Keep the code, and say it in a sentence."""
        why = (description or code).rstrip(".")
        super().__init__(f"The platform refused the sign-in: {why}.", hint="Sign in again.")
        self.code = code


def request_tokens(http: Http, path: str, key: DeviceKey, form: Mapping[str, str]) -> Tokens:
    """Ask for tokens with one grant; its DPoP nonce and its clock are obeyed once.

    Raises:
        OAuthError: the platform refused the grant.
        NetworkError: nothing or nonsense came back.

    """
    form = {"client_id": CLIENT_ID, **form}
    answer = _post(http, path, key, form, "")
    if follows_clock(http, answer):
        answer = _post(http, path, key, form, "")
    if wants_nonce(answer):
        answer = _post(http, path, key, form, answer.headers["dpop-nonce"])
    return _tokens(refuse_oauth(answer), key)


def follows_clock(http: Http, answer: Answer) -> bool:
    """Tell whether the server refused for the time; if so, its own time is used from now on."""
    stated = answer.value.get("server_time") if isinstance(answer.value, dict) else None
    if answer.status not in {400, 401} or not isinstance(stated, int | float) or not 1 < stated < _LATEST_S:
        return False
    http.follow_clock(float(stated))
    return True


def wants_nonce(answer: Answer) -> bool:
    """Tell whether the server asks for the same request with the nonce that it sent."""
    if answer.status not in {400, 401} or not answer.headers.get("dpop-nonce"):
        return False
    said = answer.value.get("error") if isinstance(answer.value, dict) else None
    return said == "use_dpop_nonce" or "use_dpop_nonce" in answer.headers.get("www-authenticate", "")


def refuse_oauth(answer: Answer) -> dict[str, Any]:
    """Return the object of a 2xx answer, or raise the OAuth error it holds.

    Raises:
        OAuthError: the platform refused.
        NetworkError: the answer is not an object.

    """
    value = answer.value
    if not isinstance(value, dict):
        raise NetworkError("The platform's answer to the sign-in cannot be read.")
    if 200 <= answer.status < 300:
        return value
    code = value.get("error") or value.get("title") or f"HTTP {answer.status}"
    raise OAuthError(
        one_line(str(code), 60), one_line(str(value.get("error_description") or value.get("detail") or ""))
    )


def _post(http: Http, path: str, key: DeviceKey, form: Mapping[str, str], nonce: str) -> Answer:
    def headers(method: str, url: str) -> Mapping[str, str]:
        return {"DPoP": key.proof(method, url, now=http.now(), nonce=nonce)}

    renewal = form["grant_type"] == "refresh_token"  # a spent one is still good for a minute
    return http.send("POST", path, form=form, headers=headers, repeatable=renewal)


def _tokens(value: Mapping[str, Any], key: DeviceKey) -> Tokens:
    access, refresh = value.get("access_token"), value.get("refresh_token")
    seconds = value.get("expires_in")
    good = (
        _is_token(access)
        and _is_token(refresh)
        and str(value.get("token_type", "")).lower() == "dpop"
        and type(seconds) is int
        and 0 < seconds <= 86_400
    )
    if not good:
        raise NetworkError("The platform's answer to the sign-in lacks a token bound to this device.")
    good_s = max(1.0, float(str(seconds)) - _MARGIN_S)
    return Tokens(key, str(access), str(refresh), time.monotonic() + good_s)


def _is_token(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= _MOST_TOKEN_CHARS
        and value.isascii()
        and value.isprintable()
    )
