"""The fan's account: sign in by browser or by code, stay signed in, and send requests in their name."""

from __future__ import annotations

import secrets
import time
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keyring.backend import KeyringBackend

from fanstudio.errors import AccountError, NetworkError, SignInRequired
from fanstudio.jobs import Work
from fanstudio.net import Answer, Headers, Http
from fanstudio.platform.contract import CLIENT_ID, SCOPE
from fanstudio.platform.loopback import Listener
from fanstudio.platform.metadata import ServerMetadata, read_metadata
from fanstudio.platform.problems import expect
from fanstudio.platform.signin import DevicePrompt, authorize_url, read_device_answer, returned_code
from fanstudio.platform.tokens import (
    OAuthError,
    Tokens,
    follows_clock,
    refuse_oauth,
    request_tokens,
    wants_nonce,
)
from fanstudio.platform.vault import Vault

_BROWSER_S = 300.0
_POLL_S = 0.1
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """Whether a sign-in is kept, where ("keyring" or "memory"), and a line to show about that, or nothing."""

    signed_in: bool
    storage: str
    notice: str


class Account:
    """One fan's sign-in at one platform; safe to use from any thread."""

    def __init__(self, http: Http, backend: KeyringBackend | None = None) -> None:
        """Use the platform at `http`; `backend` replaces the system's keyring. Nothing is sent yet."""
        self._http = http
        self._vault = Vault(http.base_url, backend)
        self._tokens: Tokens | None = None
        self._nonce = ""
        self._server: ServerMetadata | None = None

    def status(self) -> AccountStatus:
        """Tell whether a sign-in is kept, and where; nothing is sent."""
        return AccountStatus(self.signed_in, self._vault.storage, self._vault.notice)

    @property
    def signed_in(self) -> bool:
        """Tell whether a sign-in is kept; the platform may have ended it meanwhile."""
        return self._vault.refresh_token is not None

    @property
    def device_jkt(self) -> str:
        """Return the thumbprint of this device's key, to which permits are bound."""
        tokens = self._tokens
        return (tokens.key if tokens else self._vault.device_key()).thumbprint

    def sign_in(
        self,
        work: Work,
        *,
        open_browser: Callable[[str], object] = webbrowser.open,
        seconds: float = _BROWSER_S,
    ) -> None:
        """Sign in with the system's browser: authorization code with PKCE to a loopback address.

        Raises:
            AccountError: no browser, refused, or nobody signed in within `seconds`.
            NetworkError: the platform cannot be reached.
            Cancelled: the work was cancelled.

        """
        server = self._metadata()
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        with Listener(state) as listener:
            work.report(0.1, "Waiting for the browser")
            if open_browser(authorize_url(server, listener.redirect_uri, state, verifier)) is False:
                raise AccountError("No browser could be opened.", hint="Sign in with a code instead.")
            returned = listener.wait(work, seconds)
        code = returned_code(returned, server.issuer)
        work.report(0.8, "Signing in")
        self._grant(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": listener.redirect_uri,
                "code_verifier": verifier,
            }
        )

    def sign_in_by_device(self, work: Work, show: Callable[[DevicePrompt], object]) -> None:
        """Sign in with a code that the fan enters in any browser (RFC 8628); `show` presents it.

        Raises:
            AccountError: refused, or the code ran out.
            NetworkError: the platform cannot be reached.
            Cancelled: the work was cancelled.

        """
        server = self._metadata()
        answer = self._http.send("POST", server.device_path, form={"client_id": CLIENT_ID, "scope": SCOPE})
        code, prompt, interval_s = read_device_answer(refuse_oauth(answer))
        show(prompt)
        work.report(0.1, f"Waiting for the code {prompt.user_code}")
        self._poll_device(work, code, time.monotonic() + prompt.seconds, interval_s)

    def sign_out(self) -> None:
        """Forget the sign-in here, and revoke it at the platform where that can be reached."""
        with self._vault.locked(Work()):
            token = self._vault.refresh_token
            self._vault.forget()
            self._tokens = None
        if token is not None:
            try:
                form = {"token": token, "token_type_hint": "refresh_token", "client_id": CLIENT_ID}
                self._http.send("POST", self._metadata().revocation_path, form=form, repeatable=True)
            except NetworkError as error:
                raise NetworkError(
                    "Signed out here; the platform could not be told.", hint=error.hint
                ) from error

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        idempotency_key: str = "",
        repeatable: bool | None = None,
    ) -> Any:
        """Send a request in the fan's name and return the JSON of its 2xx answer.

        The access token is renewed when needed; a request with an idempotency key is repeated
        when the connection breaks.

        Raises:
            SignInRequired: nobody is signed in, or the sign-in has ended.
            PlatformError: the platform refused.
            NetworkError: nothing or nonsense came back.

        """
        repeatable = True if idempotency_key else repeatable
        extra = {"Idempotency-Key": idempotency_key} if idempotency_key else {}

        def once(tokens: Tokens) -> Answer:
            headers = self._headers(tokens, extra)
            return self._http.send(method, path, json=json, headers=headers, repeatable=repeatable)

        return expect(self._authorised(once))

    def fetch(self, path: str, sink: Callable[[bytes, int | None], None], *, max_bytes: int) -> None:
        """Get a file in the fan's name: `sink(piece, announced bytes or None)` for each piece.

        Raises:
            SignInRequired: nobody is signed in, or the sign-in has ended.
            PlatformError: the platform refused.
            NetworkError: the file stopped early, is too large, or never came.

        """

        def once(tokens: Tokens) -> Answer:
            return self._http.fetch(path, sink, headers=self._headers(tokens, {}), max_bytes=max_bytes)

        expect(self._authorised(once))

    def _authorised(self, once: Callable[[Tokens], Answer]) -> Answer:
        """Send; mend what can be mended (nonce, clock, access token), each once, and send again."""
        mended: set[str] = set()
        while True:
            answer = once(self._current())
            self._nonce = answer.headers.get("dpop-nonce", self._nonce)
            fault = self._fault(answer)
            if not fault or fault in mended:
                return answer
            mended.add(fault)

    def _fault(self, answer: Answer) -> str:
        """Name a fault of the request that is mended now, so that it can be sent again; else nothing."""
        if answer.status not in {400, 401}:
            return ""
        if wants_nonce(answer):
            return "nonce"
        if follows_clock(self._http, answer):
            return "clock"
        if "invalid_token" in answer.headers.get("www-authenticate", ""):
            self._tokens = None
            return "token"
        return ""

    def _headers(self, tokens: Tokens, extra: Mapping[str, str]) -> Headers:
        def headers(method: str, url: str) -> Mapping[str, str]:
            now, nonce = self._http.now(), self._nonce
            proof = tokens.key.proof(method, url, now=now, nonce=nonce, token=tokens.access)
            return {"Authorization": f"DPoP {tokens.access}", "DPoP": proof, **extra}

        return headers

    def _current(self) -> Tokens:
        tokens = self._tokens
        return tokens if tokens is not None and tokens.fresh else self._renew()

    def _renew(self) -> Tokens:
        """Exchange the refresh token, alone among threads and processes: it is spent by being used."""
        with self._vault.locked(Work()):
            if self._tokens is not None and self._tokens.fresh:
                return self._tokens
            refresh = self._vault.refresh_token
            if refresh is None:
                raise _not_signed_in("You are not signed in.")
            try:
                return self._grant({"grant_type": "refresh_token", "refresh_token": refresh})
            except OAuthError as error:
                if error.code != "invalid_grant":
                    raise
                self._vault.forget()
                raise _not_signed_in("The sign-in has ended.") from error

    def _grant(self, form: Mapping[str, str]) -> Tokens:
        path = self._metadata().token_path
        with self._vault.locked(Work()):
            tokens = request_tokens(self._http, path, self._vault.device_key(), form)
            self._vault.keep_refresh_token(tokens.refresh)
            self._tokens = tokens
        return tokens

    def _poll_device(self, work: Work, code: str, end: float, interval_s: float) -> None:
        while time.monotonic() < end:
            _wait(work, interval_s)
            try:
                self._grant({"grant_type": _DEVICE_GRANT, "device_code": code})
            except OAuthError as error:
                if error.code == "slow_down":
                    interval_s += 5
                elif error.code != "authorization_pending":
                    raise
            except NetworkError:
                interval_s = min(interval_s * 2, 60.0)
            else:
                return
        raise AccountError("The code has run out.", hint="Ask for a new one.")

    def _metadata(self) -> ServerMetadata:
        if self._server is None:
            self._server = read_metadata(self._http)
        return self._server


def _wait(work: Work, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        work.check()
        time.sleep(min(_POLL_S, left))


def _not_signed_in(message: str) -> SignInRequired:
    return SignInRequired(message, hint="Sign in to export.", status=401, kind="sign-in-required")


def approve_device(http: Http, user_code: str, operator_secret: str, *, user: str) -> None:
    """Approve a device code as the platform's operator: for the embedded platform, whose operator we are.

    Raises:
        PlatformError: the secret or the code is not accepted.
        NetworkError: nothing or nonsense came back.

    """

    def headers(_method: str, _url: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {operator_secret}"}

    body = {"user_code": user_code, "user": user}
    expect(http.send("POST", "/operator/device-approvals", json=body, headers=headers))
