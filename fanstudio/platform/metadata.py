"""Where a platform's sign-in is (RFC 8414), checked to be the platform that was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fanstudio.errors import NetworkError
from fanstudio.net import Http

_WELL_KNOWN = "/.well-known/oauth-authorization-server"


@dataclass(frozen=True, slots=True)
class ServerMetadata:
    """The paths, below the issuer, of a platform's sign-in."""

    issuer: str
    authorization_path: str
    device_path: str
    token_path: str
    revocation_path: str
    jwks_path: str


def read_metadata(http: Http) -> ServerMetadata:
    """Ask the platform for its metadata.

    Raises:
        NetworkError: it cannot be reached, is not a platform, or names another.

    """
    answer = http.send("GET", _WELL_KNOWN)
    value = answer.value
    if answer.status != 200 or not isinstance(value, dict) or value.get("issuer") != http.base_url:
        raise NetworkError(
            f"{http.base_url} is not a platform for fanstudio.", hint="Check the platform's address."
        )
    if "S256" not in (value.get("code_challenge_methods_supported") or ()):
        raise NetworkError(f"The platform at {http.base_url} does not offer a safe sign-in (PKCE S256).")
    return ServerMetadata(
        http.base_url,
        *(
            _path(http.base_url, value, name)
            for name in (
                "authorization_endpoint",
                "device_authorization_endpoint",
                "token_endpoint",
                "revocation_endpoint",
                "jwks_uri",
            )
        ),
    )


def _path(issuer: str, value: dict[str, Any], name: str) -> str:
    address = value.get(name)
    if not isinstance(address, str) or not address.startswith(issuer + "/"):
        raise NetworkError(f"The platform at {issuer} names no {name.replace('_', ' ')} of its own.")
    return address.removeprefix(issuer)
