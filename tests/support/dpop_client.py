"""A client of the platform that does as it is told, right or wrong: real ES256 proofs, raw requests."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

import requests
from joserfc import jws
from joserfc.jwk import ECKey

from fanstudio.platform.contract import encode_base64url
from tests.support.reference_platform import ReferencePlatform

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class DpopClient:
    """One device of one fan; `claims` and `header` change its proofs."""

    def __init__(self, platform: ReferencePlatform) -> None:
        self.platform = platform
        self.key = ECKey.generate_key("P-256")
        self.session = requests.Session()
        self.session.trust_env = False
        self.nonce = platform.site.nonces.make(platform.clock())
        self.access = ""
        self.refresh = ""

    def close(self) -> None:
        self.session.close()

    @property
    def jkt(self) -> str:
        return self.key.thumbprint()

    def proof(
        self,
        method: str,
        path: str,
        *,
        claims: dict[str, Any] | None = None,
        header: dict[str, Any] | None = None,
    ) -> str:
        public = {name: self.key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}
        said: dict[str, Any] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": self.platform.issuer + path.partition("?")[0],
            "iat": int(self.platform.clock()),
            "nonce": self.nonce,
        }
        if self.access:
            said["ath"] = encode_base64url(hashlib.sha256(self.access.encode()).digest())
        said.update(claims or {})
        said = {name: value for name, value in said.items() if value is not None}
        head = {"alg": "ES256", "typ": "dpop+jwt", "jwk": public, **(header or {})}
        return jws.serialize_compact(head, json.dumps(said).encode(), self.key, algorithms=["ES256"])

    def send(
        self, method: str, path: str, body: Any = None, *, proof: str | None = None, **headers: str
    ) -> requests.Response:
        given = {
            "Authorization": f"DPoP {self.access}",
            "DPoP": self.proof(method, path) if proof is None else proof,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        raw = {"data": body} if isinstance(body, bytes) else {"json": body}
        return self.session.request(method, self.platform.issuer + path, headers=given, timeout=20, **raw)

    def token(self, *, claims: dict[str, Any] | None = None, **form: str) -> requests.Response:
        kept, self.access = self.access, ""
        proof = self.proof("POST", "/oauth/token", claims=claims)
        self.access = kept
        return self.session.post(
            f"{self.platform.issuer}/oauth/token",
            data={"client_id": "fanstudio-desktop", **form},
            headers={"DPoP": proof},
            timeout=20,
        )

    def keep(self, answer: requests.Response) -> None:
        assert answer.status_code == 200, answer.text
        self.access, self.refresh = answer.json()["access_token"], answer.json()["refresh_token"]

    def sign_in(self, user: str = "demo-fan") -> None:
        issuer = self.platform.issuer
        form = {"client_id": "fanstudio-desktop"}
        begun = self.session.post(f"{issuer}/oauth/device", data=form, timeout=20).json()
        approved = self.session.post(
            f"{issuer}/operator/device-approvals",
            json={"user_code": begun["user_code"], "user": user},
            headers={"Authorization": f"Bearer {self.platform.operator_secret}"},
            timeout=20,
        )
        assert approved.status_code == 200, approved.text
        self.keep(self.token(grant_type=DEVICE_GRANT, device_code=begun["device_code"]))

    def renew_tokens(self) -> None:
        self.nonce = self.platform.site.nonces.make(self.platform.clock())
        self.keep(self.token(grant_type="refresh_token", refresh_token=self.refresh))
