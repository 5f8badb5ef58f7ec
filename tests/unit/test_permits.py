"""Permits and receipts: the 58 bad inputs, as far as a client meets them."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey

from fanstudio.errors import (
    ClockSkew,
    NetworkError,
    PermitError,
    PermitExpired,
)
from fanstudio.platform.contract import (
    PERMIT_TYPE,
    RECEIPT_TYPE,
    ExportRequest,
    Receipt,
    encode_base64url,
    pack_mark,
    sign,
)
from fanstudio.platform.keys import PlatformKeys
from fanstudio.platform.permits import check_permit, check_reservation
from fanstudio.platform.receipts import check_receipt, peek_receipt, read_published
from tests.support import wire_samples as samples

NOW = 1_800_000_100
ISSUER = samples.permit()["iss"]
KID = "key-one-0001"
KEY = ECKey.generate_key("P-256")
OTHER = ECKey.generate_key("P-256")
_TRACK = samples.usage()["tracks"][0]
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _jwks(key: ECKey = KEY, **changes: Any) -> dict[str, Any]:
    public = {name: key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}
    return {"keys": [{**public, "kid": KID, "use": "sig", "alg": "ES256", **changes}]}


def _request(**changes: Any) -> ExportRequest:
    return ExportRequest.parse(samples.request(**changes))


def _check(token: str, **changes: Any) -> Any:
    keys = PlatformKeys(_jwks)
    return check_permit(token, _request(**changes), keys, issuer=ISSUER, now=NOW)


def _token(payload: Any = None, header: dict[str, Any] | None = None, signature: bytes | None = None) -> str:
    """Sign whatever it is with the platform's key, without any library's scruples."""
    head = {"alg": "ES256", "kid": KID, "typ": PERMIT_TYPE} if header is None else header
    body = payload if isinstance(payload, bytes) else json.dumps(payload or samples.permit()).encode()
    parts = encode_base64url(json.dumps(head).encode()) + "." + encode_base64url(body)
    return parts + "." + encode_base64url(_es256(parts) if signature is None else signature)


def _es256(text: str) -> bytes:
    r, s = _numbers(text)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _numbers(text: str) -> tuple[int, int]:
    return decode_dss_signature(_der(text))


def _der(text: str) -> bytes:
    private = KEY.private_key
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return private.sign(text.encode(), ec.ECDSA(hashes.SHA256()))


def _hs256(secret: bytes) -> str:
    head = encode_base64url(json.dumps({"alg": "HS256", "kid": KID, "typ": PERMIT_TYPE}).encode())
    parts = f"{head}.{encode_base64url(json.dumps(samples.permit()).encode())}"
    return f"{parts}.{encode_base64url(hmac.digest(secret, parts.encode(), 'sha256'))}"


def _pem() -> bytes:
    return KEY.public_key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _with_header(**changes: Any) -> str:
    header = {"alg": "ES256", "kid": KID, "typ": PERMIT_TYPE, **changes}
    return _token(header={name: value for name, value in header.items() if value is not None})


def _swapped() -> str:
    head, _, signature = _token().split(".")
    other = encode_base64url(json.dumps(samples.permit(destination="publish_platform")).encode())
    return f"{head}.{other}.{signature}"


def _good_parts() -> tuple[str, str, str]:
    head, payload, signature = _token().split(".")
    return head, payload, signature


CRYPTO: dict[str, Callable[[], str]] = {
    "none": lambda: _token(header={"alg": "none", "kid": KID, "typ": PERMIT_TYPE}, signature=b""),
    "NoNe": lambda: _token(header={"alg": "NoNe", "kid": KID, "typ": PERMIT_TYPE}, signature=b""),
    "none + old signature": lambda: _with_header(alg="none"),
    "HS256 with the public PEM": lambda: _hs256(_pem()),
    "HS256 with the JWK": lambda: _hs256(json.dumps(_jwks()["keys"][0]).encode()),
    "HS256 empty key": lambda: _hs256(b""),
    "other key, same kid": lambda: sign(samples.permit(), OTHER, KID, PERMIT_TYPE),
    "embedded jwk": lambda: _with_header(jwk=_jwks(OTHER)["keys"][0]),
    "jku": lambda: _with_header(jku="https://evil.example/jwks"),
    "x5u": lambda: _with_header(x5u="https://evil.example/x"),
    "kid ../": lambda: _with_header(kid="../../dev/null"),
    "kid SQL": lambda: _with_header(kid="' OR 1=1 --"),
    "no kid": lambda: _with_header(kid=None),
    "unknown kid": lambda: _with_header(kid="key-two-0002"),
    "unknown crit": lambda: _with_header(crit=["exp"]),
    "empty crit": lambda: _with_header(crit=[]),
    "b64=false": lambda: _with_header(b64=False, crit=["b64"]),
    "wrong typ": lambda: _with_header(typ="JWT"),
    "a receipt's typ": lambda: _with_header(typ=RECEIPT_TYPE),
    "no typ": lambda: _with_header(typ=None),
    "DER signature": lambda: _token(signature=_der(".".join(_good_parts()[:2]))),
    "r=s=0": lambda: _token(signature=b"\0" * 64),
    "r=s=n": lambda: _token(signature=N.to_bytes(32, "big") * 2),
    "truncated": lambda: _token()[:-2],
    "empty signature": lambda: ".".join((*_good_parts()[:2], "")),
    "extra byte": lambda: _token(signature=_es256(".".join(_good_parts()[:2])) + b"\0"),
    "padding": lambda: _token() + "==",
    "newline": lambda: _token() + "\n",
    "five segments": lambda: _token() + ".AAAA.AAAA",
    "payload swap": _swapped,
    "no dots": lambda: "token",
    "empty": lambda: "",
}
JSON: dict[str, bytes] = {
    "duplicate claim": json.dumps(samples.permit()).encode()[:-1] + b', "addon": "remix"}',
    "array payload": b"[]",
    "NaN": json.dumps(samples.permit()).replace("1800000900", "NaN").encode(),
    "infinite": json.dumps(samples.permit()).replace("1800000900", "1e999").encode(),
    "200 KB": json.dumps(samples.permit(addon="r" * 200_000)).encode(),
    "2,000-deep nesting": b'{"a":' * 2000 + b"1" + b"}" * 2000,
    "not UTF-8": b"\xff\xfe{}",
    "nothing": b" ",
}
CLAIMS: dict[str, dict[str, Any]] = {
    "past exp": {"iat": NOW - 5000, "nbf": NOW - 5000, "exp": NOW - 4100},
    "no exp": {"exp": None},
    "string exp": {"exp": "1800000900"},
    "1e30": {"exp": 1e30},
    "boolean": {"exp": True},
    "+10 years": {"exp": NOW + 315_360_000},
    "future nbf": {"nbf": NOW + 3600, "exp": NOW + 4000, "iat": NOW + 3600},
    "future iat": {"iat": NOW + 7200, "nbf": NOW + 7200, "exp": NOW + 7300},
    "exp<nbf": {"exp": 1_799_999_999},
    "wrong aud": {"aud": "other-app"},
    "aud list": {"aud": ["fanstudio-desktop"]},
    "another iss": {"iss": "http://127.0.0.1:4712"},
    "iss trailing slash": {"iss": ISSUER + "/"},
    "no cnf": {"cnf": None},
    "cnf extra": {"cnf": {"jkt": "A" * 43, "x": 1}},
    "other cnf": {"cnf": {"jkt": "B" * 43}},
    "empty jti": {"jti": ""},
    "all three lists empty": {"tracks": [], "works": [], "declared": []},
    "ops: *": {"tracks": [{"isrc": samples.ISRC, "ops": "*"}]},
    "ops: [*]": {"tracks": [{"isrc": samples.ISRC, "ops": ["*"]}]},
    "ops as string": {"tracks": [{"isrc": samples.ISRC, "ops": "split"}]},
    "fewer ops": {"tracks": [{"isrc": samples.ISRC, "ops": ["split"]}]},
    "another track": {"tracks": [{"isrc": "ZZFAN2600009", "ops": ["arrange", "split"]}]},
    "lower-case ISRC": {"tracks": [{"isrc": samples.ISRC.lower(), "ops": ["arrange", "split"]}]},
    "hyphened ISRC": {"tracks": [{"isrc": "ZZ-FAN-26-00001", "ops": ["arrange", "split"]}]},
    "digest mismatch": {"project_digest": samples.sha("another project")},
    "another destination": {"destination": "publish_platform"},
    "another territory": {"territory": "DE"},
    "another policy": {"policy_version": "1999-1"},
    "extra claim": {"admin": True},
    "another add-on": {"addon": "everything"},
}


def test_the_permit_that_all_bad_ones_vary_is_good() -> None:
    assert _check(_token()).export_id == samples.EXPORT_ID


@pytest.mark.parametrize("name", CRYPTO)
def test_a_forged_permit_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(PermitError) as caught:
        _check(CRYPTO[name]())
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("name", JSON)
def test_hostile_json_with_a_good_signature_is_refused(name: str) -> None:
    with pytest.raises(PermitError) as caught:
        _check(_token(JSON[name]))
    assert len(caught.value.message) < 300


@pytest.mark.parametrize("name", CLAIMS)
def test_wrong_claims_with_a_good_signature_are_refused(name: str) -> None:
    changed = {**samples.permit(), **CLAIMS[name]}
    claims = {claim: value for claim, value in changed.items() if value is not None}
    with pytest.raises((PermitError, PermitExpired, ClockSkew)) as caught:
        _check(_token(claims))
    assert "\n" not in caught.value.message


def test_the_high_s_twin_is_the_same_permit_whose_jti_is_spent_with_it() -> None:
    parts = ".".join(_good_parts()[:2])
    r, s = _numbers(parts)
    twin = parts + "." + encode_base64url(r.to_bytes(32, "big") + (N - s).to_bytes(32, "big"))
    assert _check(twin).jti == _check(_token()).jti


def test_an_expired_permit_and_a_wrong_clock_are_told_apart() -> None:
    with pytest.raises(PermitExpired):
        _check(_token({**samples.permit(), **CLAIMS["past exp"]}))
    with pytest.raises(ClockSkew, match="future"):
        _check(_token({**samples.permit(), **CLAIMS["future nbf"]}))


@pytest.mark.parametrize(("now", "good"), [(59, True), (61, False)])
def test_the_leeway_is_a_minute(now: int, good: bool) -> None:
    exp = samples.permit()["exp"]
    try:
        check_permit(_token(), _request(), PlatformKeys(_jwks), issuer=ISSUER, now=exp + now)
    except PermitExpired:
        assert not good
    else:
        assert good


@pytest.mark.parametrize(
    "change",
    [
        {"project_digest": samples.sha("edited since")},
        {"device_jkt": "C" * 43},
        {"destination": "publish_platform"},
        {"territory": "US"},
        {"usage": samples.usage(policy_version="2031-1")},
        {
            "usage": samples.usage(
                tracks=[{**samples.usage()["tracks"][0], "ops": ["arrange", "pitch", "split"]}]
            )
        },
    ],
)
def test_a_permit_for_something_else_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(PermitError):
        _check(_token(), **change)


def _reservation(**changes: Any) -> dict[str, Any]:
    mark = encode_base64url(pack_mark(samples.EXPORT_ID))
    value = {"export_id": samples.EXPORT_ID, "permit": _token(), "watermark_payload": mark}
    return {**value, "policy_version": "2026-1", "expires_at": NOW + 86_400, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"export_id": "bbbbbbbbbbbbbbbb"},
        {"export_id": None},
        {"watermark_payload": encode_base64url(pack_mark("b" * 16))},
        {"watermark_payload": encode_base64url(b"\x01" + b"\0" * 15)},
        {"watermark_payload": "AAAA="},
        {"watermark_payload": ""},
        {"permit": ""},
        {"expires_at": "tomorrow"},
        {"more": 1},
    ],
)
def test_a_reservation_that_contradicts_itself_is_refused(changes: dict[str, Any]) -> None:
    keys = PlatformKeys(_jwks)
    check_reservation(_reservation(), _request(), keys, issuer=ISSUER, now=NOW)
    with pytest.raises(PermitError):
        check_reservation(_reservation(**changes), _request(), keys, issuer=ISSUER, now=NOW)


def test_another_fans_permit_is_refused() -> None:
    keys = PlatformKeys(_jwks)
    mine = samples.permit()["sub"]
    check_reservation(_reservation(), _request(), keys, issuer=ISSUER, now=NOW, subject=mine)
    with pytest.raises(PermitError, match="another fan"):
        check_reservation(_reservation(), _request(), keys, issuer=ISSUER, now=NOW, subject="fan_somebody")


def test_an_unknown_key_is_asked_for_once() -> None:
    fetched = 0

    def fetch() -> Any:
        nonlocal fetched
        fetched += 1
        return _jwks()

    keys = PlatformKeys(fetch)
    for _ in range(5):
        with pytest.raises(PermitError, match="key"):
            keys.verified(_with_header(kid="key-two-0002"), PERMIT_TYPE)
        keys.verified(_token(), PERMIT_TYPE)
    assert fetched == 1


def test_a_new_key_is_found_by_asking_again() -> None:
    answers = [{"keys": []}, _jwks()]
    keys = PlatformKeys(lambda: answers.pop(0))
    with pytest.raises(PermitError):
        keys.verified(_with_header(kid="key-two-0002"), PERMIT_TYPE)
    assert keys.verified(_token(), PERMIT_TYPE) == samples.permit()


@pytest.mark.parametrize("value", [None, [], {}, {"keys": 7}, {"keys": [7] * 100}])
def test_what_is_no_key_set_is_refused(value: Any) -> None:
    with pytest.raises(NetworkError):
        PlatformKeys(lambda: value).verified(_token(), PERMIT_TYPE)


@pytest.mark.parametrize(
    "changes",
    [{"crv": "P-384"}, {"kty": "oct"}, {"use": "enc"}, {"alg": "HS256"}, {"x": "AAAA"}, {"d": "AA"}],
)
def test_keys_of_another_kind_are_left_out(changes: dict[str, Any]) -> None:
    with pytest.raises(PermitError, match="key"):
        PlatformKeys(lambda: _jwks(**changes)).verified(_token(), PERMIT_TYPE)


def _receipt_token(**changes: Any) -> str:
    return sign(samples.receipt(**changes), KEY, KID, RECEIPT_TYPE)


def test_a_receipt_is_believed_only_of_its_platform_and_export() -> None:
    keys = PlatformKeys(_jwks)
    assert check_receipt(_receipt_token(), keys, issuer=ISSUER).receipt.title == "My remix"
    with pytest.raises(PermitError, match="another platform"):
        check_receipt(_receipt_token(iss="http://127.0.0.1:1"), keys, issuer=ISSUER)
    with pytest.raises(PermitError, match="another export"):
        check_receipt(_receipt_token(), keys, issuer=ISSUER, export_id="b" * 16)
    with pytest.raises(PermitError):
        check_receipt(sign(samples.receipt(), OTHER, KID, RECEIPT_TYPE), keys, issuer=ISSUER)
    with pytest.raises(PermitError):
        check_receipt(_token(), keys, issuer=ISSUER)


def test_a_receipt_can_be_shown_without_being_believed() -> None:
    assert peek_receipt(sign(samples.receipt(), OTHER, KID, RECEIPT_TYPE)) == Receipt.parse(samples.receipt())
    with pytest.raises(PermitError):
        peek_receipt("a.b.c")


@pytest.mark.parametrize(
    "value",
    [None, {}, {"status": "fine", "receipt": "x"}, {"status": "active"}, {"status": "active", "receipt": 7}],
)
def test_a_public_answer_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(PermitError):
        read_published(value, PlatformKeys(_jwks), issuer=ISSUER, export_id=samples.EXPORT_ID)
