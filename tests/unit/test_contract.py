"""The wire contract takes exactly what it says, and refuses everything else with one line."""

from __future__ import annotations

import base64
import hmac
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from fanstudio.errors import InputError, PermitError
from fanstudio.platform import contract
from tests.support import wire_samples as samples

_KID = "key-one-0001"


@pytest.fixture(scope="module")
def key() -> ECKey:
    return ECKey.generate_key("P-256")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (contract.UsageReport, samples.usage()),
        (contract.Permit, samples.permit()),
        (contract.Receipt, samples.receipt()),
        (contract.ExportRequest, samples.request()),
        (contract.FinaliseRequest, samples.finalise("x.y.z")),
    ],
)
def test_a_valid_message_survives_parse_and_to_json(kind: Any, value: dict[str, Any]) -> None:
    assert kind.parse(value).to_json() == value


@pytest.mark.parametrize("name", sorted(samples.permit()))
def test_a_permit_without_any_one_claim_is_refused(name: str) -> None:
    claims = samples.permit()
    del claims[name]
    with pytest.raises(PermitError, match="lacks"):
        contract.Permit.parse(claims)


_BAD_CLAIMS: list[tuple[str, dict[str, Any]]] = [
    ("extra claim", {"admin": True}),
    ("audience", {"aud": "somebody-else"}),
    ("audience list", {"aud": ["fanstudio-desktop"]}),
    ("issuer with a slash", {"iss": "http://127.0.0.1:4711/"}),
    ("text exp", {"exp": "1800000900"}),
    ("float exp", {"exp": 1e30}),
    ("boolean exp", {"exp": True}),
    ("ten years", {"exp": 2_115_000_000}),
    ("exp before nbf", {"exp": 1_799_999_999}),
    ("nbf before iat", {"nbf": 1_799_999_999}),
    ("no cnf", {"cnf": None}),
    ("cnf with more", {"cnf": {"jkt": "A" * 43, "jwk": {}}}),
    ("short jkt", {"cnf": {"jkt": "A"}}),
    ("empty jti", {"jti": ""}),
    ("nothing permitted", {"tracks": []}),
    ("all ops", {"tracks": [{"isrc": samples.ISRC, "ops": "*"}]}),
    ("ops text", {"tracks": [{"isrc": samples.ISRC, "ops": "split"}]}),
    ("unknown op", {"tracks": [{"isrc": samples.ISRC, "ops": ["everything"]}]}),
    ("no ops", {"tracks": [{"isrc": samples.ISRC, "ops": []}]}),
    ("unsorted ops", {"tracks": [{"isrc": samples.ISRC, "ops": ["split", "arrange"]}]}),
    ("lower-case ISRC", {"tracks": [{"isrc": "zzfan2600001", "ops": ["split"]}]}),
    ("hyphened ISRC", {"tracks": [{"isrc": "ZZ-FAN-26-00001", "ops": ["split"]}]}),
    ("Arabic-Indic digits", {"tracks": [{"isrc": "ZZFAN26٠٠٠٠١", "ops": ["split"]}]}),
    ("trailing newline", {"export_id": samples.EXPORT_ID + "\n"}),
    ("upper-case export id", {"export_id": samples.EXPORT_ID.upper()}),
    ("digest", {"project_digest": "0" * 63}),
    ("destination", {"destination": "everywhere"}),
    ("unhashable destination", {"destination": {}}),
    ("addon", {"addon": ["remix"]}),
    ("territory", {"territory": "Sweden"}),
    ("null tracks", {"tracks": None}),
    ("number as a track", {"tracks": [7]}),
]


@pytest.mark.parametrize("changes", [change for _, change in _BAD_CLAIMS], ids=[n for n, _ in _BAD_CLAIMS])
def test_a_doctored_permit_is_refused_in_one_line(changes: dict[str, Any]) -> None:
    with pytest.raises(PermitError) as caught:
        contract.Permit.parse(samples.permit(**changes))
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("value", [None, [], "x", 5, [samples.permit()]])
def test_a_permit_is_an_object(value: object) -> None:
    with pytest.raises(PermitError):
        contract.Permit.parse(value)


_TRACK = samples.usage()["tracks"][0]


@pytest.mark.parametrize(
    "changes",
    [
        {"tracks": [{**_TRACK, "ops": ["arrange"]}]},
        {"tracks": [{**_TRACK, "stems": [{"stem": "vocals", "audible_frames": 441001}]}]},
        {"tracks": [{**_TRACK, "stems": [{"stem": "vocals", "audible_frames": 1}] * 2}]},
        {"tracks": [_TRACK, _TRACK]},
        {"tracks": []},
        {"ingredients": samples.usage()["ingredients"][::-1]},
        {"ingredients": [{**samples.usage()["ingredients"][0], "isrc": None}]},
        {"actions": ["Fade"]},
        {"length_frames": 0},
        {"ai": 0},
        {"declared": [{"source_digest": samples.sha("s"), "title": "t", "basis": "open", "licence_url": ""}]},
        {
            "declared": [
                {
                    "source_digest": samples.sha("s"),
                    "title": "t",
                    "basis": "open",
                    "licence_url": "javascript:alert(1)",
                }
            ]
        },
        {
            "declared": [
                {
                    "source_digest": samples.sha("s"),
                    "title": "t",
                    "basis": "own",
                    "licence_url": "https://a.example/",
                }
            ]
        },
    ],
)
def test_a_usage_report_that_contradicts_itself_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        contract.UsageReport.parse(samples.usage(**changes))


@pytest.mark.parametrize("text", ["", "a\nb", "\ud800", "x" * 201, "   ", 7, None])
def test_titles_are_one_line(text: object) -> None:
    with pytest.raises(InputError):
        contract.ExportRequest.parse(samples.request(title=text))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e9, True, "-14", 10**400])
def test_loudness_is_a_sane_number(value: object) -> None:
    with pytest.raises(InputError):
        contract.FinaliseRequest.parse(samples.finalise("x.y.z", loudness_lufs=value))


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}',
        b'{"b":{"a":1,"a":1}}',
        b"NaN",
        b"[Infinity]",
        b"[" * 2000 + b"]" * 2000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b"\xff",
        b"",
        b"{} {}",
        b"1" * 5000,
        b'"' + b"x" * 100_000 + b'"',
    ],
)
def test_hostile_json_is_refused(text: bytes) -> None:
    with pytest.raises(InputError):
        contract.load(text, limit=60_000)


def test_brackets_inside_texts_do_not_count_as_nesting() -> None:
    assert contract.load(json.dumps("[" * 100 + '\\"'), limit=1000) == "[" * 100 + '\\"'


def test_canonical_json_sorts_keys_and_keeps_utf8() -> None:
    assert contract.canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()


@pytest.mark.parametrize("value", [{"a": float("nan")}, {"a": 2**60}, {"a": "\ud800"}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(InputError):
        contract.canonical(value)


def test_a_permit_covers_only_what_it_names() -> None:
    permit = contract.Permit.parse(samples.permit())
    assert permit.covers(contract.UsageReport.parse(samples.usage()))
    wider = {**_TRACK, "ops": ["arrange", "restyle", "split"]}
    assert not permit.covers(contract.UsageReport.parse(samples.usage(tracks=[wider])))
    declared = [{"source_digest": samples.sha("s"), "title": "t", "basis": "own", "licence_url": ""}]
    assert not permit.covers(contract.UsageReport.parse(samples.usage(declared=declared)))


def test_the_mark_proves_itself() -> None:
    message = contract.pack_mark(samples.EXPORT_ID)
    assert len(message) == contract.MARK_BYTES
    assert contract.unpack_mark(message) == samples.EXPORT_ID
    for bit in range(128):
        flipped = bytearray(message)
        flipped[bit // 8] ^= 1 << bit % 8
        assert contract.unpack_mark(bytes(flipped)) is None


def test_random_messages_are_no_marks() -> None:
    noise = random.Random(5)
    assert all(contract.unpack_mark(b"\x01" + noise.randbytes(15)) is None for _ in range(2000))
    assert contract.unpack_mark(b"") is None


@pytest.mark.parametrize("text", ["", "abc", "ABCDEFGHIJKLMNOP", "abcdefghijklmno1", "abcdefghijklmnop\n"])
def test_only_an_export_id_is_marked(text: str) -> None:
    with pytest.raises(InputError):
        contract.pack_mark(text)


def _b64(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a_signed_token_is_read_back(key: ECKey) -> None:
    token = contract.sign(samples.permit(), key, _KID, contract.PERMIT_TYPE)
    assert contract.verify(token, {_KID: key}, contract.PERMIT_TYPE) == samples.permit()
    assert contract.peek(token, contract.PERMIT_TYPE) == samples.permit()
    assert contract.key_id(token, contract.PERMIT_TYPE) == _KID


def _with_header(**changes: Any) -> Callable[[ECKey], str]:
    def forge(key: ECKey) -> str:
        header = {"alg": "ES256", "kid": _KID, "typ": contract.PERMIT_TYPE, **changes}
        header = {name: value for name, value in header.items() if value is not None}
        signing = f"{_b64(header)}.{_b64(samples.permit())}"
        signature = jws.serialize_compact({"alg": "ES256"}, b"x", key).rsplit(".", 1)[1]
        return f"{signing}.{signature}"

    return forge


def _hmac(secret: Callable[[ECKey], bytes]) -> Callable[[ECKey], str]:
    def forge(key: ECKey) -> str:
        header = {"alg": "HS256", "kid": _KID, "typ": contract.PERMIT_TYPE}
        signing = f"{_b64(header)}.{_b64(samples.permit())}"
        return f"{signing}.{_b64(hmac.digest(secret(key), signing.encode(), 'sha256'))}"

    return forge


def _mended(change: Callable[[str, str, str], str]) -> Callable[[ECKey], str]:
    def forge(key: ECKey) -> str:
        return change(*contract.sign(samples.permit(), key, _KID, contract.PERMIT_TYPE).split("."))

    return forge


_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_FORGERIES: dict[str, Callable[[ECKey], str]] = {
    "none": lambda key: f"{_b64({'alg': 'none', 'typ': contract.PERMIT_TYPE})}.{_b64(samples.permit())}.",
    "NoNe with the old signature": _mended(
        lambda h, p, s: f"{_b64({'alg': 'NoNe', 'kid': _KID, 'typ': contract.PERMIT_TYPE})}.{p}.{s}"
    ),
    "none with the old signature": _with_header(alg="none"),
    "HS256 with the public PEM": _hmac(lambda key: key.as_pem(private=False)),
    "HS256 with the JWK": _hmac(lambda key: json.dumps(key.as_dict(private=False)).encode()),
    "HS256 with an empty key": _hmac(lambda key: b""),
    "embedded jwk": _with_header(jwk={"kty": "EC"}),
    "jku": _with_header(jku="https://evil.example/jwks"),
    "x5u": _with_header(x5u="https://evil.example/x"),
    "kid path": _with_header(kid="../../etc/passwd"),
    "kid SQL": _with_header(kid="x' or 1=1 --"),
    "no kid": _with_header(kid=None),
    "unknown kid": _with_header(kid="another-key-01"),
    "unknown crit": _with_header(crit=["exp"]),
    "empty crit": _with_header(crit=[]),
    "b64 false": _with_header(b64=False),
    "wrong typ": _with_header(typ="JWT"),
    "no typ": _with_header(typ=None),
    "signature of something else": _with_header(),
    "zero signature": _mended(lambda h, p, s: f"{h}.{p}.{_b64(bytes(64))}"),
    "r = s = n": _mended(lambda h, p, s: f"{h}.{p}.{_b64(_P256_ORDER.to_bytes(32) * 2)}"),
    "DER-sized signature": _mended(lambda h, p, s: f"{h}.{p}.{_b64(bytes([0x30, 0x45]) + bytes(69))}"),
    "truncated": _mended(lambda h, p, s: f"{h}.{p}.{s[:-4]}"),
    "empty signature": _mended(lambda h, p, s: f"{h}.{p}."),
    "extra byte": _mended(lambda h, p, s: f"{h}.{p}.{s}A"),
    "padding": _mended(lambda h, p, s: f"{h}.{p}.{s}=="),
    "newline": _mended(lambda h, p, s: f"{h}.{p}.{s}\n"),
    "five segments": _mended(lambda h, p, s: f"{h}.{p}.{s}.{s}.{s}"),
    "payload swap": _mended(lambda h, p, s: f"{h}.{_b64(samples.permit(territory='US'))}.{s}"),
    "200 KB": _mended(lambda h, p, s: f"{h}.{'A' * 200_000}.{s}"),
    "nothing": lambda key: "",
}


@pytest.mark.parametrize("forge", list(_FORGERIES.values()), ids=list(_FORGERIES))
def test_a_forged_token_is_refused(forge: Callable[[ECKey], str], key: ECKey) -> None:
    with pytest.raises(PermitError) as caught:
        contract.verify(forge(key), {_KID: key}, contract.PERMIT_TYPE)
    assert "\n" not in caught.value.message


def test_another_key_under_the_same_id_is_refused(key: ECKey) -> None:
    token = contract.sign(samples.permit(), ECKey.generate_key("P-256"), _KID, contract.PERMIT_TYPE)
    with pytest.raises(PermitError, match="signature"):
        contract.verify(token, {_KID: key}, contract.PERMIT_TYPE)


def test_a_receipt_is_not_a_permit(key: ECKey) -> None:
    token = contract.sign(samples.receipt(), key, _KID, contract.RECEIPT_TYPE)
    with pytest.raises(PermitError):
        contract.verify(token, {_KID: key}, contract.PERMIT_TYPE)


@pytest.mark.parametrize("payload", [b'{"a":1,"a":2}', b"[" * 2000, b"NaN", b"not json"])
def test_a_well_signed_but_hostile_payload_is_refused(payload: bytes, key: ECKey) -> None:
    header = {"alg": "ES256", "kid": _KID, "typ": contract.PERMIT_TYPE}
    token = jws.serialize_compact(header, payload, key)
    with pytest.raises(PermitError):
        contract.verify(token, {_KID: key}, contract.PERMIT_TYPE)


def test_a_receipt_whose_shares_do_not_add_up_is_refused() -> None:
    shares = [{"party": "A", "role": "performer", "share_ppm": 999_999}]
    with pytest.raises(PermitError, match="add up"):
        contract.Receipt.parse(samples.receipt(shares=shares))
