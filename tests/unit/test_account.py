from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keyring
import pytest
import requests
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring

from fanstudio.errors import AccountError, Cancelled, NetworkError, PlatformError, SignInRequired
from fanstudio.files import hold_lock
from fanstudio.jobs import Work
from fanstudio.net import Http
from fanstudio.platform.account import Account, approve_device
from fanstudio.platform.client import Platform
from fanstudio.platform.dpop import DeviceKey
from fanstudio.platform.signin import DevicePrompt
from fanstudio.platform.vault import Vault
from tests.support.fans import Browser, MemoryKeyring
from tests.support.faulty_server import answer, serving
from tests.support.reference_platform import ReferencePlatform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferencePlatform]:
    with ReferencePlatform(tmp_path_factory.mktemp("platform"), demo=None, poll_s=0) as running:
        yield running


@pytest.fixture
def ring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def client(platform: ReferencePlatform, ring: MemoryKeyring) -> Iterator[Platform]:
    client = Platform(platform.issuer, backend=ring)
    yield client
    client.close()


def _approving(platform: ReferencePlatform, http: Http, user: str = "demo-fan") -> Any:
    return lambda prompt: approve_device(http, prompt.user_code, platform.operator_secret, user=user)


def _sign_in(platform: ReferencePlatform, client: Platform) -> None:
    client.account.sign_in_by_device(Work(), _approving(platform, client.http))


def test_the_browser_signs_in(client: Platform, ring: MemoryKeyring) -> None:
    browser = Browser()
    client.account.sign_in(Work(), open_browser=browser, seconds=20)
    assert client.me().name == "Demo Fan"
    assert client.account.status().signed_in
    assert client.account.status().storage == "keyring"
    assert client.account.status().notice == ""
    browser.thread.join(5)
    assert browser.last.status_code == 200
    assert "Signed in" in browser.last.text
    assert len(ring.entries) == 2
    for value in ring.entries.values():
        assert len(value.encode("utf-16-le")) <= 2560


def test_a_refusal_in_the_browser_is_said_at_once(client: Platform) -> None:
    with pytest.raises(AccountError, match="access_denied"):
        client.account.sign_in(Work(), open_browser=Browser(decision="deny"), seconds=20)
    assert not client.account.signed_in


def test_the_wrong_state_is_answered_with_404_and_the_sign_in_goes_on(client: Platform) -> None:
    strangers: list[int] = []
    browser = Browser()

    def open_browser(url: str) -> None:
        redirect = requests.compat.unquote(url.split("redirect_uri=")[1].split("&")[0])

        def visit() -> None:
            for query in ("code=stolen&state=wrong", "code=x", "error=access_denied", "state=", ""):
                strangers.append(requests.get(f"{redirect}?{query}", timeout=5).status_code)
            other = redirect.replace("/callback", "/other")
            strangers.append(requests.get(other, timeout=5).status_code)
            browser(url)

        threading.Thread(target=visit, daemon=True).start()

    client.account.sign_in(Work(), open_browser=open_browser, seconds=20)
    assert strangers == [404] * 6
    assert client.account.signed_in


def test_a_silent_connection_does_not_hold_up_the_browser(
    client: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fanstudio.platform.loopback._Handler.timeout", 120)
    browser, idle = Browser(), []

    def open_browser(url: str) -> None:
        redirect = requests.compat.unquote(url.split("redirect_uri=")[1].split("&")[0])
        port = int(redirect.split(":")[2].split("/")[0])
        idle.append(socket.create_connection(("127.0.0.1", port)))
        browser(url)

    client.account.sign_in(Work(), open_browser=open_browser, seconds=60)
    idle[0].close()
    assert client.account.signed_in


def test_nobody_in_the_browser_ends_in_one_line(client: Platform) -> None:
    with pytest.raises(AccountError, match="within the time"):
        client.account.sign_in(Work(), open_browser=lambda _url: None, seconds=0.3)


def test_a_machine_without_a_browser_is_pointed_to_the_code(client: Platform) -> None:
    with pytest.raises(AccountError, match="No browser") as caught:
        client.account.sign_in(Work(), open_browser=lambda _url: False, seconds=9)
    assert "code" in caught.value.hint


def test_waiting_for_the_browser_can_be_cancelled(client: Platform) -> None:
    work = Work()
    threading.Timer(0.3, work.cancel).start()
    with pytest.raises(Cancelled):
        client.account.sign_in(work, open_browser=lambda _url: None, seconds=60)


def test_the_listener_is_bound_before_the_browser_opens_and_only_on_loopback(client: Platform) -> None:
    seen: list[str] = []

    def open_browser(url: str) -> None:
        seen.append(requests.compat.unquote(url.split("redirect_uri=")[1].split("&")[0]))
        assert requests.compat.urlparse(url).query.count("code_challenge_method=S256") == 1

    with pytest.raises(AccountError):
        client.account.sign_in(Work(), open_browser=open_browser, seconds=0.2)
    assert seen[0].startswith("http://127.0.0.1:")
    with pytest.raises(requests.ConnectionError):
        requests.get(seen[0], timeout=2)


def test_a_code_signs_in(platform: ReferencePlatform, client: Platform) -> None:
    shown: list[DevicePrompt] = []

    def show(prompt: DevicePrompt) -> None:
        shown.append(prompt)
        _approving(platform, client.http)(prompt)

    client.account.sign_in_by_device(Work(), show)
    assert client.me().plan == "premium"
    assert shown[0].verification_uri == f"{platform.issuer}/device"
    assert shown[0].user_code in shown[0].complete_uri


def test_a_code_needs_the_operators_secret(platform: ReferencePlatform, client: Platform) -> None:
    def show(prompt: DevicePrompt) -> None:
        approve_device(client.http, prompt.user_code, "guess", user="demo-fan")

    with pytest.raises(PlatformError):
        client.account.sign_in_by_device(Work(), show)
    with pytest.raises(PlatformError, match="no such"):
        approve_device(client.http, "AAAA-AAAA", platform.operator_secret, user="demo-fan")


def test_waiting_for_a_code_can_be_cancelled(client: Platform) -> None:
    work = Work()
    with pytest.raises(Cancelled):
        client.account.sign_in_by_device(work, lambda _prompt: work.cancel())


def test_without_a_sign_in_it_is_said(client: Platform) -> None:
    with pytest.raises(SignInRequired):
        client.me()
    assert not client.account.status().signed_in


def test_another_process_finds_the_sign_in_in_the_keyring(
    platform: ReferencePlatform, client: Platform, ring: MemoryKeyring
) -> None:
    _sign_in(platform, client)
    other = Platform(platform.issuer, backend=ring)
    assert other.me() == client.me()
    assert other.account.device_jkt == client.account.device_jkt
    other.close()


def test_threads_and_processes_that_refresh_at_once_keep_the_sign_in(
    platform: ReferencePlatform, client: Platform, ring: MemoryKeyring
) -> None:
    _sign_in(platform, client)
    clients = [Platform(platform.issuer, backend=ring) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda number: clients[number % 4].me().name, range(16)))
    assert names == ["Demo Fan"] * 16
    assert client.me().name == "Demo Fan"
    for item in clients:
        item.close()


def test_an_access_token_that_ran_out_is_renewed(platform: ReferencePlatform, client: Platform) -> None:
    _sign_in(platform, client)
    client.me()
    platform.clock.offset_s = 3600
    try:
        assert client.me().name == "Demo Fan"
    finally:
        platform.clock.offset_s = 0.0


@pytest.mark.parametrize("skew_s", [-86_400.0, 86_400.0])
def test_a_machine_whose_clock_is_wrong_signs_in_all_the_same(
    platform: ReferencePlatform, client: Platform, skew_s: float
) -> None:
    platform.clock.offset_s = skew_s
    try:
        _sign_in(platform, client)
        assert client.me().name == "Demo Fan"
    finally:
        platform.clock.offset_s = 0.0


def test_signing_out_revokes_and_deletes(
    platform: ReferencePlatform, client: Platform, ring: MemoryKeyring
) -> None:
    _sign_in(platform, client)
    kept = dict(ring.entries)
    client.account.sign_out()
    assert ring.entries == {}
    assert not client.account.signed_in
    ring.entries.update(kept)
    revived = Platform(platform.issuer, backend=ring)
    with pytest.raises(SignInRequired, match="ended"):
        revived.me()
    assert ring.entries == {}
    revived.close()


def test_signing_out_works_while_the_platform_is_away(ring: MemoryKeyring) -> None:
    with serving(answer(503)) as server:
        account = Account(Http(server.url, pause=lambda _s: None), ring)
        ring.set_password("fanstudio", f"refresh-token {server.url}", "kept")
        with pytest.raises(NetworkError, match="Signed out here"):
            account.sign_out()
    assert ring.entries == {}


def test_a_reused_refresh_token_ends_the_sign_in(
    platform: ReferencePlatform, client: Platform, ring: MemoryKeyring
) -> None:
    _sign_in(platform, client)
    old = dict(ring.entries)
    client.account._tokens = None
    client.me()
    ring.entries.update(old)
    platform.clock.offset_s = 120
    try:
        thief = Platform(platform.issuer, backend=ring)
        with pytest.raises(SignInRequired, match="ended"):
            thief.me()
        thief.close()
    finally:
        platform.clock.offset_s = 0.0


@pytest.mark.parametrize("backend", [NoKeyring(), NullKeyring()])
def test_without_a_keyring_the_sign_in_stays_in_memory_and_says_so(
    platform: ReferencePlatform, backend: Any, tmp_path: Path
) -> None:
    client = Platform(platform.issuer, backend=backend)
    _sign_in(platform, client)
    assert client.me().name == "Demo Fan"
    status = client.account.status()
    assert (status.signed_in, status.storage) == (True, "memory")
    assert "until fanstudio is closed" in status.notice
    client.close()
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_a_keyring_that_writes_plain_files_is_not_used() -> None:
    class PlaintextKeyring(MemoryKeyring):
        pass

    assert Vault("http://127.0.0.1:1", PlaintextKeyring()).storage == "memory"


def test_the_systems_keyring_is_the_default(ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", ring)
    assert Vault("http://127.0.0.1:1").storage == "keyring"


def test_a_keyring_that_is_locked_later_is_named(ring: MemoryKeyring) -> None:
    vault = Vault("http://127.0.0.1:1", ring)
    ring.locked = True
    with pytest.raises(AccountError, match="keyring"):
        vault.keep_refresh_token("x")
    with pytest.raises(AccountError, match="keyring"):
        vault.device_key()


def test_a_damaged_key_in_the_keyring_is_replaced(ring: MemoryKeyring) -> None:
    vault = Vault("http://127.0.0.1:1", ring)
    ring.set_password("fanstudio", "device-key http://127.0.0.1:1", "damaged")
    first = vault.device_key().thumbprint
    assert Vault("http://127.0.0.1:1", ring).device_key().thumbprint == first


def test_the_lock_is_held_between_processes_and_can_be_cancelled(tmp_path: Path) -> None:
    work = Work()
    with hold_lock(tmp_path / "x.lock", Work().check, 5, AccountError("busy")):
        threading.Timer(0.2, work.cancel).start()
        with pytest.raises(Cancelled), hold_lock(tmp_path / "x.lock", work.check, 5, AccountError("busy")):
            pytest.fail("two held the lock")
    with hold_lock(tmp_path / "x.lock", Work().check, 5, AccountError("busy")):
        pass


@pytest.mark.parametrize("text", ["", "no base64!", base64.b64encode(b"no key").decode()])
def test_what_is_no_device_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        DeviceKey.parse(text)


@pytest.mark.parametrize(
    "other",
    [
        answer(200, b'{"issuer": "http://127.0.0.1:1", "code_challenge_methods_supported": ["S256"]}'),
        answer(200, b"[]"),
        answer(404, b'{"detail": "Not Found"}'),
    ],
)
def test_what_is_no_platform_is_named(ring: MemoryKeyring, other: bytes) -> None:
    with serving(other) as server:
        client = Platform(server.url, backend=ring)
        with pytest.raises(NetworkError, match="is not a platform"):
            client.account.sign_in(Work(), open_browser=lambda _url: pytest.fail("opened"), seconds=1)


@pytest.mark.parametrize("field", ["token_endpoint", "authorization_endpoint", "jwks_uri"])
def test_endpoints_elsewhere_are_refused(
    platform: ReferencePlatform, ring: MemoryKeyring, field: str
) -> None:
    found = requests.get(f"{platform.issuer}/.well-known/oauth-authorization-server", timeout=5).json()
    with serving(b"") as server:
        moved = json.loads(json.dumps(found).replace(platform.issuer, server.url))
        moved[field] = "https://evil.example/x"
        server.scripts[:] = [(answer(200, json.dumps(moved).encode()),)]
        client = Platform(server.url, backend=ring)
        with pytest.raises(NetworkError, match="of its own"):
            client.check()


def test_a_token_answer_without_binding_is_refused(platform: ReferencePlatform, ring: MemoryKeyring) -> None:
    found = requests.get(f"{platform.issuer}/.well-known/oauth-authorization-server", timeout=5).json()
    tokens = {"access_token": "a", "refresh_token": "b", "token_type": "Bearer", "expires_in": 600}
    with serving(b"") as server:
        moved = json.dumps(found).replace(platform.issuer, server.url).encode()
        server.scripts[:] = [(answer(200, moved),), (answer(200, json.dumps(tokens).encode()),)]
        ring.set_password("fanstudio", f"refresh-token {server.url}", "kept")
        with pytest.raises(NetworkError, match="bound to this device"):
            Platform(server.url, backend=ring).me()
