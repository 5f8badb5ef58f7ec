"""Exports at the platform: idempotent, refused with reasons, booked once, and never on a bad permit."""

from __future__ import annotations

import base64
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from joserfc import jws
from joserfc.jwk import ECKey
from sqlalchemy import update

from fanstudio.platform.contract import PERMIT_TYPE, RECEIPT_TYPE, Receipt, peek, sign, unpack_mark, verify
from fanstudio.sandbox import ledger, schema
from tests.support import wire_samples as samples
from tests.support.dpop_client import DpopClient
from tests.support.reference_platform import ReferencePlatform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferencePlatform]:
    with ReferencePlatform(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture
def fan(platform: ReferencePlatform) -> Iterator[DpopClient]:
    client = DpopClient(platform)
    client.sign_in()
    yield client
    platform.clock.offset_s = 0.0
    client.close()


def _key() -> str:
    return uuid.uuid4().hex


def _reserve(fan: DpopClient, **changes: Any) -> dict[str, Any]:
    answer = fan.send("POST", "/v1/exports", samples.request(fan.jkt, **changes), Idempotency_Key=_key())
    assert answer.status_code == 201, answer.text
    return answer.json()


def _finalise(fan: DpopClient, reserved: dict[str, Any], **changes: Any) -> requests.Response:
    body = {**samples.finalise(reserved["permit"]), **changes}
    return fan.send("POST", f"/v1/exports/{reserved['export_id']}/finalise", body)


def _kind(answer: requests.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.json()["status"] == answer.status_code
    return answer.json()["type"].rpartition("/")[2]


def test_an_export_from_permit_to_public_receipt(fan: DpopClient, platform: ReferencePlatform) -> None:
    reserved = _reserve(fan)
    payload = reserved["watermark_payload"]
    assert unpack_mark(base64.urlsafe_b64decode(payload + "==")) == reserved["export_id"]
    finalised = _finalise(fan, reserved)
    assert finalised.status_code == 200
    keys = {
        entry["kid"]: ECKey.import_key(entry)
        for entry in requests.get(f"{platform.issuer}/jwks", timeout=9).json()["keys"]
    }
    receipt = Receipt.parse(verify(finalised.json()["receipt"], keys, RECEIPT_TYPE))
    assert receipt.essence.sha256 == samples.sha("essence")
    assert [track.title for track in receipt.tracks] == ["Make It Mine"]
    assert sum(share.share_ppm for share in receipt.shares) == 1_000_000
    public = requests.get(f"{platform.issuer}/v1/receipts/{reserved['export_id']}", timeout=9).json()
    assert public == {"status": "active", "receipt": finalised.json()["receipt"]}
    assert "demo-fan" not in json.dumps(receipt.to_json())


def test_the_same_key_brings_the_same_export(fan: DpopClient) -> None:
    key, body = _key(), samples.request(fan.jkt)
    answers = [fan.send("POST", "/v1/exports", body, Idempotency_Key=key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.text for answer in answers}) == 1


def test_a_fan_who_signed_in_anew_takes_up_the_same_export(platform: ReferencePlatform) -> None:
    key, receipts = _key(), set()
    clients = [DpopClient(platform) for _ in range(3)]
    for client in clients:
        client.sign_in()
        answer = client.send("POST", "/v1/exports", samples.request(client.jkt), Idempotency_Key=key)
        assert peek(answer.json()["permit"], PERMIT_TYPE)["cnf"] == {"jkt": client.jkt}
        if client is not clients[0]:
            finalised = _finalise(client, answer.json())
            assert finalised.status_code == 200, finalised.text
            receipts.add(finalised.json()["receipt"])
        client.close()
    assert len(receipts) == 1
    assert ledger.check(platform.site.store).faults == ()


def test_the_same_key_for_another_request_is_a_conflict(fan: DpopClient) -> None:
    key = _key()
    fan.send("POST", "/v1/exports", samples.request(fan.jkt), Idempotency_Key=key)
    other = fan.send("POST", "/v1/exports", samples.request(fan.jkt, title="Else"), Idempotency_Key=key)
    assert (other.status_code, _kind(other)) == (409, "conflict")


def test_eight_clients_at_once_reserve_one_export(fan: DpopClient) -> None:
    key, body = _key(), samples.request(fan.jkt)
    ids: list[str] = []

    def reserve() -> None:
        ids.append(fan.send("POST", "/v1/exports", body, Idempotency_Key=key).json()["export_id"])

    threads = [threading.Thread(target=reserve) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1


def test_finalising_twice_brings_the_same_receipt_and_one_booking(
    fan: DpopClient, platform: ReferencePlatform
) -> None:
    reserved = _reserve(fan)
    before = ledger.check(platform.site.store).transactions
    receipts = {_finalise(fan, reserved).json()["receipt"] for _ in range(3)}
    report = ledger.check(platform.site.store)
    assert len(receipts) == 1
    assert report.transactions == before + 1
    assert report.faults == ()


def test_finalising_with_another_file_is_a_conflict(fan: DpopClient) -> None:
    reserved = _reserve(fan)
    assert _finalise(fan, reserved).status_code == 200
    other = _finalise(fan, reserved, essence={"format": "flac", "sha256": samples.sha("other")})
    assert (other.status_code, _kind(other)) == (409, "conflict")


def test_a_lost_receipt_is_had_again_after_the_permit_ran_out(
    fan: DpopClient, platform: ReferencePlatform
) -> None:
    reserved = _reserve(fan)
    receipt = _finalise(fan, reserved).json()["receipt"]
    platform.clock.offset_s = 1200.0
    fan.renew_tokens()
    assert _finalise(fan, reserved).json()["receipt"] == receipt


def test_an_expired_permit_is_renewed(fan: DpopClient, platform: ReferencePlatform) -> None:
    reserved = _reserve(fan)
    platform.clock.offset_s = 901.0
    fan.renew_tokens()
    late = _finalise(fan, reserved)
    assert (late.status_code, _kind(late)) == (401, "permit-expired")
    renewed = fan.send("POST", f"/v1/exports/{reserved['export_id']}/renew").json()
    assert renewed["export_id"] == reserved["export_id"]
    assert renewed["watermark_payload"] == reserved["watermark_payload"]
    jtis = {peek(item["permit"], PERMIT_TYPE)["jti"] for item in (reserved, renewed)}
    assert len(jtis) == 2
    assert _finalise(fan, renewed).status_code == 200


def test_a_reservation_ends_after_a_day(fan: DpopClient, platform: ReferencePlatform) -> None:
    reserved = _reserve(fan)
    platform.clock.offset_s = 24 * 3600 + 1.0
    fan.renew_tokens()
    answer = fan.send("POST", f"/v1/exports/{reserved['export_id']}/renew")
    assert (answer.status_code, _kind(answer)) == (409, "conflict")


def test_an_abandoned_reservation_cannot_be_finalised(fan: DpopClient) -> None:
    reserved = _reserve(fan)
    answer = fan.send("DELETE", f"/v1/exports/{reserved['export_id']}")
    assert answer.json()["state"] == "cancelled"
    assert _kind(_finalise(fan, reserved)) == "conflict"


def test_an_abandoned_export_is_reversed_once(fan: DpopClient, platform: ReferencePlatform) -> None:
    reserved = _reserve(fan)
    _finalise(fan, reserved)
    path = f"/v1/exports/{reserved['export_id']}"
    assert [fan.send("DELETE", path).json()["state"] for _ in range(2)] == ["revoked"] * 2
    assert fan.send("GET", path).json()["state"] == "revoked"
    public = requests.get(f"{platform.issuer}/v1/receipts/{reserved['export_id']}", timeout=9).json()
    assert public["status"] == "revoked"
    report = ledger.check(platform.site.store)
    assert report.faults == ()


def test_the_ledger_check_sees_a_forged_balance_and_a_forged_posting(
    fan: DpopClient, platform: ReferencePlatform
) -> None:
    _finalise(fan, _reserve(fan))
    balance, amount = schema.account.c.balance_minor, schema.posting.c.amount_minor
    for table, change in ((schema.account, {balance: balance + 1}), (schema.posting, {amount: amount + 1})):
        with platform.site.store.write() as connection:
            connection.execute(update(table).values(change))
        assert ledger.check(platform.site.store).faults
        back = {column: column - 1 for column in change}
        with platform.site.store.write() as connection:
            connection.execute(update(table).values(back))
    assert ledger.check(platform.site.store).faults == ()


def test_own_material_alone_is_exported_and_earns_nobody(fan: DpopClient) -> None:
    own = {"source_digest": samples.sha("me"), "title": "Me singing", "basis": "recorded", "licence_url": ""}
    ingredient = {"digest": samples.sha("me"), "title": "Me", "isrc": None, "stem": None, "ai": False}
    usage = samples.usage(tracks=[], declared=[own], ingredients=[ingredient])
    reserved = _reserve(fan, usage=usage)
    receipt = peek(_finalise(fan, reserved).json()["receipt"], RECEIPT_TYPE)
    assert receipt["shares"] == []
    assert receipt["declared"] == [own]


def test_a_free_account_may_not_export(platform: ReferencePlatform) -> None:
    client = DpopClient(platform)
    client.sign_in("free-fan")
    answer = client.send("POST", "/v1/exports", samples.request(client.jkt), Idempotency_Key=_key())
    client.close()
    assert (answer.status_code, _kind(answer)) == (403, "addon-required")


def _denied(fan: DpopClient, **changes: Any) -> list[dict[str, Any]]:
    answer = fan.send("POST", "/v1/exports", samples.request(fan.jkt, **changes), Idempotency_Key=_key())
    assert (answer.status_code, _kind(answer)) == (403, "not-permitted"), answer.text
    return answer.json()["denied"]


def _usage_of(isrc: str, ops: list[str]) -> dict[str, Any]:
    track = {"isrc": isrc, "title": "t", "artist": "a", "ops": ops, "stems": []}
    return samples.usage(tracks=[track], ingredients=[])


def test_an_opted_out_track_is_denied_by_name(fan: DpopClient) -> None:
    denied = _denied(fan, usage=_usage_of("ZZFAN2600002", ["arrange"]))
    assert denied == [
        {
            "isrc": "ZZFAN2600002",
            "title": "Please Leave It As It Is",
            "op": "arrange",
            "reason": "The artist has opted out of remixing.",
        }
    ]


def test_what_is_not_granted_is_denied_one_by_one(fan: DpopClient) -> None:
    assert [item["op"] for item in _denied(fan, usage=_usage_of(samples.ISRC, ["arrange", "mash_up"]))] == [
        "mash_up"
    ]
    assert _denied(fan, destination="publish_platform")[0]["destination"] == "publish_platform"
    assert _denied(fan, usage=_usage_of("ZZFAN2699999", ["split"]))[0]["op"] == "split"


def test_a_composition_needs_a_grant_too(fan: DpopClient) -> None:
    usage = samples.usage(works=[{"iswc": "T9999999999", "ops": ["cover"]}])
    assert _denied(fan, usage=usage)[0]["iswc"] == "T9999999999"
    usage = samples.usage(works=[{"iswc": "T0000000010", "ops": ["cover"]}])
    assert _reserve(fan, usage=usage)["export_id"]


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b"", "k" * 16),
        (b"[]", "k" * 16),
        (b'{"title":1,"title":2}', "k" * 16),
        (b"[" * 3000, "k" * 16),
        (json.dumps(samples.request()).encode(), "k" * 16),
        (json.dumps({**samples.request(), "extra": 1}).encode(), "k" * 16),
        (b"NaN", "k" * 16),
    ],
    ids=["empty", "list", "twice", "deep", "another device", "extra", "NaN"],
)
def test_a_bad_request_is_refused(fan: DpopClient, body: bytes, key: str) -> None:
    answer = fan.send("POST", "/v1/exports", body, Idempotency_Key=key)
    assert (answer.status_code, _kind(answer)) == (400, "invalid-request")


def test_a_request_without_a_key_is_refused(fan: DpopClient) -> None:
    assert _kind(fan.send("POST", "/v1/exports", samples.request(fan.jkt))) == "invalid-request"


def test_too_large_a_request_is_refused(fan: DpopClient) -> None:
    answer = fan.send("POST", "/v1/exports", b" " * 1_100_000, Idempotency_Key=_key())
    assert (answer.status_code, _kind(answer)) == (413, "too-large")


def test_another_territory_or_policy_is_refused(fan: DpopClient) -> None:
    for changes in ({"territory": "US"}, {"usage": samples.usage(policy_version="2019-1")}):
        body = samples.request(fan.jkt, **changes)
        assert _kind(fan.send("POST", "/v1/exports", body, Idempotency_Key=_key())) == "invalid-request"


def test_the_file_must_have_the_format_that_was_asked_for(fan: DpopClient) -> None:
    answer = _finalise(fan, _reserve(fan), essence={"format": "mp3", "sha256": samples.sha("e")})
    assert _kind(answer) == "invalid-request"


def _resigned(**changes: Any) -> Callable[[ReferencePlatform, str], str]:
    """A token that the platform's own key signed, with claims that it never issued."""

    def forge(platform: ReferencePlatform, token: str) -> str:
        claims = {**peek(token, PERMIT_TYPE), **changes}
        claims = {name: value for name, value in claims.items() if value is not None}
        return sign(claims, platform.site.keys.token_key, platform.site.keys.token_kid, PERMIT_TYPE)

    return forge


def _by_other_key(platform: ReferencePlatform, token: str) -> str:
    claims = peek(token, PERMIT_TYPE)
    return sign(claims, ECKey.generate_key("P-256"), platform.site.keys.token_kid, PERMIT_TYPE)


def _unsigned(platform: ReferencePlatform, token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"fanstudio-ent+jwt"}').rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def _hostile(payload: bytes) -> Callable[[ReferencePlatform, str], str]:
    def forge(platform: ReferencePlatform, token: str) -> str:
        header = {"alg": "ES256", "kid": platform.site.keys.token_kid, "typ": PERMIT_TYPE}
        return jws.serialize_compact(header, payload, platform.site.keys.token_key)

    return forge


_FORGERIES: dict[str, Callable[[ReferencePlatform, str], str]] = {
    "none": _unsigned,
    "other key": _by_other_key,
    "truncated": lambda _platform, token: token[:-1],
    "other audience": _resigned(aud="another"),
    "other issuer": _resigned(iss="http://127.0.0.1:1"),
    "other fan": _resigned(sub="fan_free-fan"),
    "other device": _resigned(cnf={"jkt": "A" * 43}),
    "other export": _resigned(export_id="abcdefghijklmnop"),
    "other project": _resigned(project_digest=samples.sha("other")),
    "other destination": _resigned(destination="publish_platform"),
    "other territory": _resigned(territory="US"),
    "fewer operations": _resigned(tracks=[{"isrc": samples.ISRC, "ops": ["arrange"]}]),
    "other policy": _resigned(policy_version="2019-1"),
    "unknown jti": _resigned(jti="0" * 32),
    "no expiry": _resigned(exp=None),
    "ten years": _resigned(exp=2**31),
    "extra claim": _resigned(admin=True),
    "list": _hostile(b"[]"),
    "twice": _hostile(b'{"aud":1,"aud":2}'),
    "deep": _hostile(b"[" * 2000),
}


@pytest.mark.parametrize("forge", list(_FORGERIES.values()), ids=list(_FORGERIES))
def test_a_forged_permit_finalises_nothing(
    fan: DpopClient,
    platform: ReferencePlatform,
    forge: Callable[[ReferencePlatform, str], str],
) -> None:
    reserved = _reserve(fan)
    before = ledger.check(platform.site.store).transactions
    answer = _finalise(fan, reserved, permit=forge(platform, reserved["permit"]))
    assert (answer.status_code, _kind(answer)) == (403, "permit-invalid")
    assert ledger.check(platform.site.store).transactions == before
    assert fan.send("GET", f"/v1/exports/{reserved['export_id']}").json()["state"] == "reserved"


def test_a_permit_of_another_export_is_refused(fan: DpopClient) -> None:
    one, two = _reserve(fan), _reserve(fan)
    assert _kind(_finalise(fan, one, permit=two["permit"])) == "permit-invalid"


def test_an_export_is_its_owners_alone(fan: DpopClient, platform: ReferencePlatform) -> None:
    reserved = _reserve(fan)
    other = DpopClient(platform)
    other.sign_in("free-fan")
    path = f"/v1/exports/{reserved['export_id']}"
    answers = [other.send("GET", path), other.send("DELETE", path), _finalise(other, reserved)]
    other.close()
    assert [_kind(answer) for answer in answers] == ["not-found"] * 3


def test_browsers_get_a_page_of_the_receipt(fan: DpopClient, platform: ReferencePlatform) -> None:
    reserved = _reserve(fan, title="<script>alert(1)</script>")
    _finalise(fan, reserved)
    answer = requests.get(
        f"{platform.issuer}/v1/receipts/{reserved['export_id']}", headers={"Accept": "text/html"}, timeout=9
    )
    assert answer.headers["content-type"].startswith("text/html")
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script>" not in answer.text
    assert "Make It Mine" in answer.text


def test_there_is_no_receipt_of_what_was_not_finalised(fan: DpopClient, platform: ReferencePlatform) -> None:
    reserved = _reserve(fan)
    answer = requests.get(f"{platform.issuer}/v1/receipts/{reserved['export_id']}", timeout=9)
    assert (answer.status_code, _kind(answer)) == (404, "not-found")
