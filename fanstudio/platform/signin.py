"""What a sign-in sends and what comes back, for both ways: browser (RFC 8252) and code (RFC 8628)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from fanstudio.errors import AccountError, NetworkError
from fanstudio.platform.contract import CLIENT_ID, SCOPE
from fanstudio.platform.metadata import ServerMetadata
from fanstudio.text import one_line

_SHORTEST_POLL_S = 0.1
_LONGEST_POLL_S = 60.0


@dataclass(frozen=True, slots=True)
class DevicePrompt:
    """What a fan needs to sign in on another device: go to the address and enter the code."""

    user_code: str
    verification_uri: str
    complete_uri: str
    seconds: int


def authorize_url(server: ServerMetadata, redirect_uri: str, state: str, verifier: str) -> str:
    """Return the address that the browser is sent to: authorization code with PKCE S256."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{server.issuer}{server.authorization_path}?{urlencode(query)}"


def returned_code(returned: Mapping[str, str], issuer: str) -> str:
    """Return the code that the browser brought back, if it is from `issuer`.

    Raises:
        AccountError: the sign-in was refused, or comes from elsewhere.

    """
    if "error" in returned:
        why = returned.get("error_description") or returned["error"]
        raise AccountError(f"The sign-in was refused: {one_line(why)}.", hint="Try again.")
    if returned.get("iss", issuer) != issuer:
        raise AccountError("The sign-in came back from another platform.", hint="Try again.")
    if not returned.get("code"):
        raise AccountError("The sign-in came back without a code.", hint="Try again.")
    return returned["code"]


def read_device_answer(value: Mapping[str, Any]) -> tuple[str, DevicePrompt, float]:
    """Read the answer to a device request: the device code, the prompt, and the seconds between polls.

    Raises:
        NetworkError: it cannot be read.

    """
    code, user_code = value.get("device_code"), value.get("user_code")
    address, seconds = value.get("verification_uri"), value.get("expires_in")
    complete, interval = value.get("verification_uri_complete", address), value.get("interval", 5)
    texts = (code, user_code, address, complete)
    whole = type(seconds) is int and type(interval) is int
    if not all(isinstance(item, str) and item for item in texts) or not whole or not _is_web(str(address)):
        raise NetworkError("The platform's answer to the sign-in cannot be read.")
    prompt = DevicePrompt(
        one_line(str(user_code), 40),
        one_line(str(address)),
        one_line(str(complete)) if _is_web(str(complete)) else one_line(str(address)),
        min(max(int(str(seconds)), 1), 3600),
    )
    return str(code), prompt, min(max(float(str(interval)), _SHORTEST_POLL_S), _LONGEST_POLL_S)


def _is_web(address: str) -> bool:
    return urlsplit(address).scheme in {"http", "https"}
