"""No request, however odd, makes the platform fail: it answers or refuses, and its books stay in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanstudio.sandbox import ledger
from tests.support import wire_samples as samples
from tests.support.dpop_client import DpopClient
from tests.support.reference_platform import ReferencePlatform
from tests.support.wire_damage import JSON, places, put

_ADDRESSES = (
    ("POST", "/v1/exports"),
    ("POST", "/v1/exports/abcdefghijklmnop/finalise"),
    ("POST", "/v1/exports/abcdefghijklmnop/sign"),
    ("POST", "/v1/exports/abcdefghijklmnop/renew"),
    ("POST", "/oauth/token"),
    ("POST", "/oauth/device"),
    ("POST", "/oauth/revoke"),
    ("POST", "/oauth/sign-in"),
    ("POST", "/oauth/consent"),
    ("POST", "/device"),
    ("POST", "/operator/device-approvals"),
)
_PLAIN = st.characters(min_codepoint=33, max_codepoint=126)
_FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def fan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DpopClient]:
    with ReferencePlatform(tmp_path_factory.mktemp("platform")) as platform:
        client = DpopClient(platform)
        client.sign_in()
        yield client
        client.close()


@_FEW
@given(where=st.sampled_from(_ADDRESSES), body=st.binary(max_size=400))
def test_random_bodies_are_refused(fan: DpopClient, where: tuple[str, str], body: bytes) -> None:
    answer = fan.send(*where, body, Idempotency_Key="k" * 16)
    assert 200 <= answer.status_code < 500, answer.text


@_FEW
@given(path=st.text(_PLAIN, max_size=40), query=st.text(_PLAIN, max_size=80))
def test_random_addresses_are_answered(fan: DpopClient, path: str, query: str) -> None:
    for prefix in ("/", "/v1/receipts/", "/v1/catalog/", "/oauth/authorize?", "/device?user_code="):
        answer = fan.session.get(f"{fan.platform.issuer}{prefix}{path}?{query}", timeout=9)
        assert answer.status_code < 500, answer.text


@_FEW
@given(data=st.data())
def test_a_changed_request_is_reserved_or_refused(fan: DpopClient, data: Any) -> None:
    request = samples.request(fan.jkt)
    place = data.draw(st.sampled_from(places(request)[1:]))
    changed = put(request, place, data.draw(JSON))
    key = data.draw(st.text(_PLAIN, min_size=8, max_size=20))
    answer = fan.send("POST", "/v1/exports", json.dumps(changed).encode(), Idempotency_Key=key)
    assert answer.status_code in {201, 400, 403, 409, 429}, answer.text


@_FEW
@given(
    value=st.text(_PLAIN, max_size=300),
    name=st.sampled_from(["Authorization", "DPoP", "Idempotency-Key", "Cookie"]),
)
def test_random_headers_are_refused(fan: DpopClient, name: str, value: str) -> None:
    answer = fan.session.get(f"{fan.platform.issuer}/v1/me", headers={name: value}, timeout=9)
    assert answer.status_code == 401


def test_after_all_that_the_books_are_in_order(fan: DpopClient) -> None:
    assert ledger.check(fan.platform.site.store).faults == ()
    assert fan.send("GET", "/v1/me").status_code == 200
