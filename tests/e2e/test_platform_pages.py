"""The platform's pages in a real browser: sign in by clicks, and come back to the app."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.backends.fail import Keyring

from fanstudio.errors import AccountError
from fanstudio.jobs import Work
from fanstudio.platform.client import Platform
from tests.support.chromium import Chromium
from tests.support.reference_platform import ReferencePlatform

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not (shutil.which("chromium") or shutil.which("google-chrome")), reason="no Chromium"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def reference(tmp_path: Path) -> Iterator[ReferencePlatform]:
    with ReferencePlatform(tmp_path / "platform", demo=None) as running:
        yield running


@pytest.fixture
def platform(reference: ReferencePlatform) -> Iterator[Platform]:
    client = Platform(reference.issuer, backend=Keyring())
    yield client
    client.close()


def _decide(browser: Chromium, decision: str) -> None:
    browser.wait("document.querySelector('#password')")
    browser.run("document.querySelector('#password').value = 'demo'")
    browser.run("document.querySelector('button.primary').click()")
    browser.wait("document.title.startsWith('Allow')")
    browser.run(f"document.querySelector('button[value={decision}]').click()")


def test_clicks_sign_a_fan_in(browser: Chromium, platform: Platform) -> None:
    clicks: list[threading.Thread] = []

    def open_browser(address: str) -> None:
        browser.open(address)
        clicks.append(threading.Thread(target=_decide, args=(browser, "allow")))
        clicks[0].start()

    platform.account.sign_in(Work(), open_browser=open_browser, seconds=30)
    clicks[0].join()
    assert platform.me().name == "Demo Fan"
    browser.wait("document.body.innerText.includes('Signed in')")
    assert browser.run("location.href").startswith("http://127.0.0.1:")


def test_a_refusal_comes_back_as_one(browser: Chromium, platform: Platform) -> None:
    clicks: list[threading.Thread] = []

    def open_browser(address: str) -> None:
        browser.open(address)
        clicks.append(threading.Thread(target=_decide, args=(browser, "deny")))
        clicks[0].start()

    with pytest.raises(AccountError, match="refused"):
        platform.account.sign_in(Work(), open_browser=open_browser, seconds=30)
    clicks[0].join()
    assert not platform.account.signed_in


def test_a_device_is_approved_by_clicks(browser: Chromium, platform: Platform) -> None:
    def show(prompt: object) -> None:
        browser.open(prompt.complete_uri)
        browser.wait("document.querySelector('#password')")
        browser.run("document.querySelector('#password').value = 'demo'")
        browser.run("document.querySelector('button.primary').click()")
        browser.wait("document.body.innerText.includes('You are signed in')")

    platform.account.sign_in_by_device(Work(), show)
    assert platform.me().plan == "premium"


def test_pages_name_every_field_and_fit_a_phone(browser: Chromium, reference: ReferencePlatform) -> None:
    browser.open(f"{reference.issuer}/device")
    browser.wait("document.querySelector('#password')")
    unnamed = (
        "[...document.querySelectorAll('input:not([type=hidden])')].filter(i => !i.labels.length).length"
    )
    assert browser.run(unnamed) == 0
    browser.run("document.documentElement.style.width = '320px'")
    assert browser.run("document.querySelector('main').scrollWidth <= 320")
