"""Signing in at the platform: pages, codes, rotation, and proofs that cannot be replayed or borrowed."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc.jwk import ECKey

from fanstudio.sandbox.nonces import Nonces, ReplayGuard
from fanstudio.sandbox.problems import PlatformError
from fanstudio.sandbox.throttle import Throttle
from tests.support.dpop_client import DEVICE_GRANT, DpopClient
from tests.support.reference_platform import ReferencePlatform

_REDIRECT = "http://127.0.0.1:50123/callback"
_VERIFIER = secrets.token_urlsafe(48)
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferencePlatform]:
    with ReferencePlatform(tmp_path_factory.mktemp("platform"), demo=None) as running:
        yield running


@pytest.fixture
def device(platform: ReferencePlatform) -> Iterator[DpopClient]:
    client = DpopClient(platform)
    yield client
    platform.clock.offset_s = 0.0
    client.close()


class Browser:
    """What a person does on the platform's pages."""

    def __init__(self, platform: ReferencePlatform) -> None:
        self.issuer = platform.issuer
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Accept"] = "text/html"

    def begin(self, **changes: str) -> requests.Response:
        query = {
            "response_type": "code",
            "client_id": "fanstudio-desktop",
            "redirect_uri": _REDIRECT,
            "state": "some-state",
            "code_challenge": _CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        return self.session.get(
            f"{self.issuer}/oauth/authorize", params=query, allow_redirects=False, timeout=9
        )

    def submit(self, shown: requests.Response, path: str, **fields: str) -> requests.Response:
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown.text))
        return self.session.post(
            self.issuer + path, data={**hidden, **fields}, allow_redirects=False, timeout=9
        )

    def sign_in(self, user: str = "demo-fan", decision: str = "allow") -> dict[str, str]:
        asked = self.submit(self.begin(), "/oauth/sign-in", user=user, password="demo")
        assert "Allow fanstudio" in asked.text
        sent = self.submit(asked, "/oauth/consent", decision=decision)
        assert sent.status_code == 303
        assert sent.headers["location"].startswith(_REDIRECT + "?")
        return {
            name: values[0] for name, values in parse_qs(urlsplit(sent.headers["location"]).query).items()
        }


@pytest.fixture
def browser(platform: ReferencePlatform) -> Iterator[Browser]:
    person = Browser(platform)
    yield person
    person.session.close()


def _exchange(device: DpopClient, code: str, **changes: str) -> requests.Response:
    form = {"code": code, "redirect_uri": _REDIRECT, "code_verifier": _VERIFIER, **changes}
    return device.token(grant_type="authorization_code", **form)


def _error(answer: requests.Response) -> str:
    return answer.json()["error"]


def test_metadata_names_only_this_platform(platform: ReferencePlatform) -> None:
    address = f"{platform.issuer}/.well-known/oauth-authorization-server"
    said = requests.get(address, timeout=9).json()
    assert said["issuer"] == platform.issuer
    assert said["code_challenge_methods_supported"] == ["S256"]
    ends = [value for name, value in said.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(ends) == 5
    assert all(value.startswith(platform.issuer + "/") for value in ends)


def test_the_key_set_holds_no_private_part(platform: ReferencePlatform) -> None:
    (key,) = requests.get(f"{platform.issuer}/jwks", timeout=9).json()["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_a_person_signs_in_on_the_pages(
    browser: Browser, device: DpopClient, platform: ReferencePlatform
) -> None:
    back = browser.sign_in()
    assert (back["state"], back["iss"]) == ("some-state", platform.issuer)
    device.keep(_exchange(device, back["code"]))
    assert device.send("GET", "/v1/me").json() == {
        "sub": "fan_demo-fan",
        "name": "Demo Fan",
        "plan": "premium",
        "addons": ["remix"],
        "territory": "SE",
    }


def test_refusing_consent_sends_an_error_back(browser: Browser) -> None:
    back = browser.sign_in(decision="deny")
    assert back["error"] == "access_denied"
    assert "code" not in back


def test_a_wrong_password_is_said_on_the_page(browser: Browser) -> None:
    shown = browser.submit(browser.begin(), "/oauth/sign-in", user="demo-fan", password="guess")
    assert shown.status_code == 400
    assert 'role="alert"' in shown.text


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://localhost:50123/callback",
        "https://127.0.0.1:50123/callback",
        "http://127.0.0.1:50123/callback/",
        "http://127.0.0.1:50123/callback?x=1",
        "http://127.0.0.1:50123@evil.example/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1/callback",
        "http://127.0.0.1:50123/callback\n",
        "",
    ],
)
def test_a_wrong_redirect_is_never_followed(browser: Browser, redirect_uri: str) -> None:
    shown = browser.begin(redirect_uri=redirect_uri)
    assert shown.status_code == 400
    assert "location" not in shown.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
    ],
)
def test_a_weak_request_is_sent_back(browser: Browser, changes: dict[str, str], error: str) -> None:
    sent = browser.begin(**changes)
    assert sent.status_code == 303
    assert f"error={error}" in sent.headers["location"]


def test_a_form_from_elsewhere_is_refused(browser: Browser) -> None:
    shown = browser.begin()
    foreign = browser.session.post(
        f"{browser.issuer}/oauth/sign-in",
        data={"user": "demo-fan", "password": "demo", "form_token": "0" * 64},
        timeout=9,
    )
    assert foreign.status_code == 400
    browser.session.headers["Origin"] = "https://evil.example"
    crossed = browser.submit(shown, "/oauth/sign-in", user="demo-fan", password="demo")
    assert crossed.status_code == 400
    browser.session.cookies.clear()
    del browser.session.headers["Origin"]
    bare = browser.submit(shown, "/oauth/sign-in", user="demo-fan", password="demo")
    assert bare.status_code == 400
    assert bare.headers["content-type"].startswith("text/html")


def test_pages_cannot_be_framed_and_run_no_script(browser: Browser) -> None:
    policy = browser.begin().headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": secrets.token_urlsafe(48)},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:50124/callback"},
        {"code": "guess"},
    ],
)
def test_a_code_needs_its_verifier_and_address(
    browser: Browser, device: DpopClient, changes: dict[str, str]
) -> None:
    code = browser.sign_in()["code"]
    assert _error(_exchange(device, **{"code": code, **changes})) == "invalid_grant"


def test_a_code_used_twice_ends_the_sign_in(browser: Browser, device: DpopClient) -> None:
    code = browser.sign_in()["code"]
    device.keep(_exchange(device, code))
    assert _error(_exchange(device, code)) == "invalid_grant"
    assert device.send("GET", "/v1/me").status_code == 401


def test_a_code_lasts_a_minute(browser: Browser, device: DpopClient, platform: ReferencePlatform) -> None:
    code = browser.sign_in()["code"]
    platform.clock.offset_s = 61.0
    assert _error(_exchange(device, code)) == "invalid_grant"


def test_a_missing_nonce_costs_no_code(browser: Browser, device: DpopClient) -> None:
    code = browser.sign_in()["code"]
    first = device.token(
        claims={"nonce": None},
        grant_type="authorization_code",
        code=code,
        redirect_uri=_REDIRECT,
        code_verifier=_VERIFIER,
    )
    assert (first.status_code, _error(first)) == (400, "use_dpop_nonce")
    device.nonce = first.headers["dpop-nonce"]
    assert _exchange(device, code).status_code == 200


def _begin_device(device: DpopClient) -> dict[str, Any]:
    address = f"{device.platform.issuer}/oauth/device"
    return device.session.post(address, data={"client_id": "fanstudio-desktop"}, timeout=9).json()


def _poll(device: DpopClient, begun: dict[str, Any]) -> requests.Response:
    return device.token(grant_type=DEVICE_GRANT, device_code=begun["device_code"])


def test_a_device_waits_is_slowed_down_and_signs_in(browser: Browser, device: DpopClient) -> None:
    begun = _begin_device(device)
    assert _error(_poll(device, begun)) == "authorization_pending"
    assert _error(_poll(device, begun)) == "slow_down"
    shown = browser.session.get(begun["verification_uri_complete"], timeout=9)
    assert begun["user_code"] in shown.text
    done = browser.submit(
        shown, "/device", user="demo-fan", password="demo", decision="allow", user_code=begun["user_code"]
    )
    assert "signed in" in done.text
    device.keep(_poll(device, begun))
    assert _error(_poll(device, begun)) == "invalid_grant"


def test_a_device_is_refused(browser: Browser, device: DpopClient) -> None:
    begun = _begin_device(device)
    shown = browser.session.get(begun["verification_uri"], timeout=9)
    fields = {"user": "demo-fan", "password": "demo", "decision": "deny"}
    browser.submit(shown, "/device", user_code=begun["user_code"].lower(), **fields)
    assert _error(_poll(device, begun)) == "access_denied"


def test_a_device_code_runs_out(device: DpopClient, platform: ReferencePlatform) -> None:
    begun = _begin_device(device)
    platform.clock.offset_s = 601.0
    device.nonce = platform.site.nonces.make(platform.clock())
    assert _error(_poll(device, begun)) == "expired_token"


@pytest.mark.parametrize("secret", ["", "guess", "Bearer"])
def test_only_the_operator_approves_without_a_password(device: DpopClient, secret: str) -> None:
    begun = _begin_device(device)
    answer = device.session.post(
        f"{device.platform.issuer}/operator/device-approvals",
        json={"user_code": begun["user_code"], "user": "demo-fan"},
        headers={"Authorization": f"Bearer {secret}"},
        timeout=9,
    )
    assert answer.status_code == 401
    assert _error(_poll(device, begun)) == "authorization_pending"


def test_refreshing_rotates_and_forgives_a_lost_answer_for_a_minute(
    device: DpopClient, platform: ReferencePlatform
) -> None:
    device.sign_in()
    first = device.refresh
    device.renew_tokens()
    assert device.refresh != first
    assert device.token(grant_type="refresh_token", refresh_token=first).status_code == 200
    platform.clock.offset_s = 61.0
    reused = device.token(grant_type="refresh_token", refresh_token=first)
    assert _error(reused) == "invalid_grant"
    assert _error(device.token(grant_type="refresh_token", refresh_token=device.refresh)) == "invalid_grant"
    assert device.send("GET", "/v1/me").status_code == 401


def test_a_stolen_refresh_token_is_of_no_use_to_another_key(
    device: DpopClient, platform: ReferencePlatform
) -> None:
    device.sign_in()
    thief = DpopClient(platform)
    stolen = thief.token(grant_type="refresh_token", refresh_token=device.refresh)
    thief.close()
    assert _error(stolen) == "invalid_grant"
    device.renew_tokens()


def test_signing_out_ends_every_token(device: DpopClient) -> None:
    device.sign_in()
    gone = device.session.post(
        f"{device.platform.issuer}/oauth/revoke", data={"token": device.refresh}, timeout=9
    )
    assert gone.status_code == 200
    assert device.send("GET", "/v1/me").status_code == 401
    assert _error(device.token(grant_type="refresh_token", refresh_token=device.refresh)) == "invalid_grant"


def test_an_access_token_lasts_ten_minutes(device: DpopClient, platform: ReferencePlatform) -> None:
    device.sign_in()
    platform.clock.offset_s = 601.0
    device.nonce = platform.site.nonces.make(platform.clock())
    answer = device.send("GET", "/v1/me")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def _public(key: ECKey) -> dict[str, Any]:
    return {name: key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}


_BAD_PROOFS: dict[str, dict[str, Any]] = {
    "other method": {"claims": {"htm": "POST"}},
    "other address": {"claims": {"htu": "http://127.0.0.1:1/v1/me"}},
    "no token hash": {"claims": {"ath": None}},
    "other token's hash": {"claims": {"ath": "A" * 43}},
    "no jti": {"claims": {"jti": None}},
    "text time": {"claims": {"iat": "now"}},
    "boolean time": {"claims": {"iat": True}},
    "extra claim": {"claims": {"admin": 1}},
    "wrong type": {"header": {"typ": "JWT"}},
    "extra header": {"header": {"kid": "x"}},
    "private key": {"header": {"jwk": ECKey.generate_key("P-256").as_dict(private=True)}},
    "other key": {"header": {"jwk": _public(ECKey.generate_key("P-256"))}},
    "not a point": {"header": {"jwk": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}}},
}


@pytest.mark.parametrize("changes", list(_BAD_PROOFS.values()), ids=list(_BAD_PROOFS))
def test_a_wrong_proof_is_refused(device: DpopClient, changes: dict[str, Any]) -> None:
    device.sign_in()
    answer = device.send("GET", "/v1/me", proof=device.proof("GET", "/v1/me", **changes))
    assert answer.status_code == 401, answer.text
    assert answer.json()["type"].endswith("/sign-in-required")
    assert 'error="invalid_dpop_proof"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("proof", ["", "x", "a.b.c", "A" * 9000, "é.b.c".encode().decode("latin-1")])
def test_what_is_no_proof_is_refused(device: DpopClient, proof: str) -> None:
    device.sign_in()
    assert device.send("GET", "/v1/me", proof=proof).status_code == 401


def test_a_proof_is_good_once(device: DpopClient) -> None:
    device.sign_in()
    proof = device.proof("GET", "/v1/me")
    answers = [device.send("GET", "/v1/me", proof=proof).status_code for _ in range(2)]
    assert answers == [200, 401]


def test_an_old_or_foreign_nonce_brings_a_new_one(device: DpopClient, platform: ReferencePlatform) -> None:
    device.sign_in()
    for nonce in (None, "A" * 32, Nonces().make(time.time()), platform.site.nonces.make(time.time() - 400)):
        proof = device.proof("GET", "/v1/me", claims={"nonce": nonce})
        answer = device.send("GET", "/v1/me", proof=proof)
        assert answer.status_code == 401
        assert 'error="use_dpop_nonce"' in answer.headers["www-authenticate"]
        device.nonce = answer.headers["dpop-nonce"]
        assert device.send("GET", "/v1/me").status_code == 200


@pytest.mark.parametrize("offset_s", [-120, 120])
def test_a_wrong_clock_is_named_with_the_right_time(device: DpopClient, offset_s: int) -> None:
    device.sign_in()
    proof = device.proof("GET", "/v1/me", claims={"iat": int(time.time()) + offset_s})
    answer = device.send("GET", "/v1/me", proof=proof)
    assert answer.status_code == 401
    assert answer.json()["type"].endswith("/clock-skew")
    assert abs(answer.json()["server_time"] - time.time()) < 5


def test_a_token_without_a_proof_is_refused(device: DpopClient) -> None:
    device.sign_in()
    bare = {"Authorization": f"Bearer {device.access}"}
    assert device.session.get(f"{device.platform.issuer}/v1/me", headers=bare, timeout=9).status_code == 401


def test_another_host_name_is_refused(platform: ReferencePlatform) -> None:
    answer = requests.get(f"{platform.issuer}/v1/health", headers={"Host": "evil.example"}, timeout=9)
    assert answer.status_code == 400


def test_unknown_addresses_and_methods_are_problems(platform: ReferencePlatform) -> None:
    for method, path in (("GET", "/nowhere"), ("DELETE", "/v1/me"), ("GET", "/oauth/token")):
        answer = requests.request(method, platform.issuer + path, timeout=9)
        assert answer.json()["type"].endswith("/not-found")


def test_a_throttle_says_how_long_to_wait() -> None:
    throttle = Throttle(2, 60.0)
    throttle.use("me", 100.0)
    throttle.use("me", 110.0)
    throttle.use("you", 110.0)
    with pytest.raises(PlatformError) as caught:
        throttle.use("me", 120.0)
    assert caught.value.members["retry_after_s"] == 41
    throttle.use("me", 161.0)


def test_the_replay_guard_forgets_what_is_too_old_to_matter() -> None:
    guard = ReplayGuard()
    assert guard.first_use("a", 0.0)
    assert not guard.first_use("a", 599.0)
    assert guard.first_use("a", 601.0)
