"""A claim is signed only if it says exactly what the export is; hostile stores end in one clear refusal."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import cbor2
import pytest

from fanstudio.errors import CredentialsError
from fanstudio.platform import jumbf
from fanstudio.platform.claim import ExpectedClaim
from fanstudio.platform.claim_check import check_claim
from fanstudio.platform.contract import UsageReport
from fanstudio.sandbox.keys import ServerKeys, open_keys
from tests.support import wire_samples as samples
from tests.support.claims import PreparedClaim, prepare, read_state

_RECEIPT = "receipt.of.export"
_USAGE = UsageReport.parse(samples.usage())


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> ServerKeys:
    return open_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def expected(keys: ServerKeys) -> ExpectedClaim:
    return ExpectedClaim("My remix", samples.EXPORT_ID, _RECEIPT, _USAGE, keys.chain_der())


def _prepare(keys: ServerKeys, usage: UsageReport = _USAGE, **changes: Any) -> PreparedClaim:
    return prepare(
        usage, keys.chain_pem(), **{"export_id": samples.EXPORT_ID, "receipt": _RECEIPT, **changes}
    )


@pytest.fixture(scope="module")
def honest(keys: ServerKeys) -> PreparedClaim:
    return _prepare(keys)


def test_an_honest_claim_passes_and_reads_as_trusted(
    honest: PreparedClaim, expected: ExpectedClaim, keys: ServerKeys
) -> None:
    check_claim(honest.manifest_store, honest.sig_structure, expected)
    signed = honest.signed(keys.sign_claim(honest.sig_structure))
    assert read_state(signed, keys.anchor_pem()) == "Trusted"
    flipped = bytearray(signed)
    flipped[60] ^= 1
    assert read_state(bytes(flipped), keys.anchor_pem()) == "Invalid"


@pytest.mark.parametrize(
    "usage",
    [
        samples.usage(ai=True),
        samples.usage(actions=[]),
        samples.usage(ingredients=[]),
        samples.usage(ingredients=samples.usage()["ingredients"][:1]),
    ],
)
def test_every_usage_passes_as_itself_only(
    keys: ServerKeys, expected: ExpectedClaim, usage: dict[str, Any]
) -> None:
    other = UsageReport.parse(usage)
    made = _prepare(keys, other)
    itself = ExpectedClaim("My remix", samples.EXPORT_ID, _RECEIPT, other, keys.chain_der())
    check_claim(made.manifest_store, made.sig_structure, itself)
    with pytest.raises(CredentialsError):
        check_claim(made.manifest_store, made.sig_structure, expected)


def _assertion(definition: dict[str, Any], label: str) -> dict[str, Any]:
    return next(item["data"] for item in definition["assertions"] if item["label"] == label)


def _drop(label: str) -> Callable[[dict[str, Any]], object]:
    def change(definition: dict[str, Any]) -> None:
        definition["assertions"] = [item for item in definition["assertions"] if item["label"] != label]

    return change


_DOCTORED: dict[str, Callable[[dict[str, Any]], object]] = {
    "other title": lambda d: d.update(title="Another"),
    "other generator": lambda d: d["claim_generator_info"][0].update(name="studiofan"),
    "boasting version": lambda d: d["claim_generator_info"][0].update(version="approved by everyone"),
    "boasting generator": lambda d: d["claim_generator_info"][0].update(approved="yes"),
    "other instance": lambda d: d.update(instance_id="approved by everyone"),
    "other source type": lambda d: _assertion(d, "c2pa.actions")["actions"][0].update(
        digitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    ),
    "other edits": lambda d: _assertion(d, "c2pa.actions")["actions"][-2]["parameters"].update(
        {"fanstudio.edits": []}
    ),
    "another action": lambda d: _assertion(d, "c2pa.actions")["actions"].append({"action": "c2pa.published"}),
    "no watermark": lambda d: _assertion(d, "c2pa.actions")["actions"].pop(),
    "other mark": lambda d: _assertion(d, "c2pa.soft-binding")["blocks"][0].update(value="b" * 16),
    "other algorithm": lambda d: _assertion(d, "c2pa.soft-binding").update(alg="other"),
    "other receipt": lambda d: _assertion(d, "fanstudio.receipt").update(receipt="a.b.c"),
    "no receipt": _drop("fanstudio.receipt"),
    "training allowed": lambda d: _assertion(d, "cawg.training-mining")["entries"]["cawg.data_mining"].update(
        use="allowed"
    ),
    "further assertion": lambda d: d["assertions"].append({"label": "org.lie", "data": {"by": "me"}}),
    "second soft binding": lambda d: d["assertions"].append(
        {"label": "c2pa.soft-binding", "data": {"alg": "x", "blocks": []}}
    ),
    "renamed ingredient": lambda d: d["ingredients"][0].update(title="Nobody's"),
    "ingredient not AI": lambda d: d["ingredients"][0]["metadata"].update({"fanstudio.ai": False}),
    "ingredient 1 for true": lambda d: d["ingredients"][0]["metadata"].update({"fanstudio.ai": 1}),
    "parent, not component": lambda d: d["ingredients"][0].update(relationship="inputTo"),
    "further ingredient": lambda d: d["ingredients"].append(
        {"title": "Extra", "relationship": "componentOf", "label": "extra"}
    ),
}


@pytest.mark.parametrize("change", list(_DOCTORED.values()), ids=list(_DOCTORED))
def test_a_doctored_claim_is_refused(
    keys: ServerKeys, expected: ExpectedClaim, change: Callable[[dict[str, Any]], object]
) -> None:
    made = _prepare(keys, change=change)
    with pytest.raises(CredentialsError) as caught:
        check_claim(made.manifest_store, made.sig_structure, expected)
    assert "\n" not in caught.value.message


def test_another_platforms_chain_is_refused(
    tmp_path: Any, honest: PreparedClaim, expected: ExpectedClaim
) -> None:
    others = open_keys(tmp_path)
    made = _prepare(others)
    with pytest.raises(CredentialsError, match="certificates"):
        check_claim(made.manifest_store, made.sig_structure, expected)


def test_the_structure_of_one_claim_is_not_signed_for_another_store(
    keys: ServerKeys, honest: PreparedClaim, expected: ExpectedClaim
) -> None:
    lie = _prepare(keys, change=_DOCTORED["other title"])
    with pytest.raises(CredentialsError, match="not over the claim"):
        check_claim(honest.manifest_store, lie.sig_structure, expected)


def test_no_byte_of_what_is_signed_can_change(honest: PreparedClaim, expected: ExpectedClaim) -> None:
    noise = random.Random(7)
    for at in noise.sample(range(len(honest.sig_structure)), 300):
        changed = bytearray(honest.sig_structure)
        changed[at] ^= 1 << noise.randrange(8)
        with pytest.raises(CredentialsError):
            check_claim(honest.manifest_store, bytes(changed), expected)


def test_no_byte_of_an_assertion_can_change(honest: PreparedClaim, expected: ExpectedClaim) -> None:
    boxes = jumbf.parse(honest.manifest_store).boxes[0].box("c2pa.assertions").boxes
    noise = random.Random(8)
    for _ in range(300):
        box = noise.choice(boxes)
        changed = bytearray(honest.manifest_store)
        at = changed.index(box.body) + noise.randrange(len(box.body))
        changed[at] ^= 1 << noise.randrange(8)
        with pytest.raises(CredentialsError):
            check_claim(bytes(changed), honest.sig_structure, expected)


def test_broken_stores_end_in_a_refusal(honest: PreparedClaim, expected: ExpectedClaim) -> None:
    noise = random.Random(9)
    store = honest.manifest_store
    broken = [b"", b"\0" * 8, store[:-1], store + b"\0", store * 2, noise.randbytes(5000)]
    broken += [store[: noise.randrange(len(store))] for _ in range(50)]
    for data in broken:
        with pytest.raises(CredentialsError):
            check_claim(data, honest.sig_structure, expected)


@pytest.mark.parametrize(
    "sig_structure",
    [
        b"",
        b"\xff" * 40,
        b"\x81" * 5000,
        b"\x9f" + b"\x01" * 10,
        cbor2.dumps({"a": 1}),
        cbor2.dumps([1, 2, 3, 4]),
    ],
)
def test_what_is_no_sig_structure_is_refused(
    honest: PreparedClaim, expected: ExpectedClaim, sig_structure: bytes
) -> None:
    with pytest.raises(CredentialsError):
        check_claim(honest.manifest_store, sig_structure, expected)


def _box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content


def _superbox(label: bytes, *inside: bytes) -> bytes:
    return _box(b"jumb", _box(b"jumd", bytes(16) + b"\3" + label + b"\0") + b"".join(inside))


def test_boxes_are_read() -> None:
    inner = _superbox(b"inner", _box(b"cbor", b"\x01"))
    outer = jumbf.parse(_superbox(b"outer", inner))
    assert outer.label == "outer"
    assert outer.box("inner").cbor == (b"\x01",)
    assert outer.box("inner").body == inner[8:]
    with pytest.raises(CredentialsError):
        outer.box("missing")


def _nested(depth: int) -> bytes:
    box = _superbox(b"x")
    for _ in range(depth):
        box = _superbox(b"x", box)
    return box


@pytest.mark.parametrize(
    "data",
    [
        b"",
        _nested(5),
        _nested(900),
        _superbox(b"a") + _superbox(b"b"),
        _superbox(b"a", _superbox(b"b"), _superbox(b"b")),
        _superbox(b"a", _box(b"json", b"{}")),
        _box(b"jumb", b""),
        _box(b"jumb", _box(b"jumd", bytes(17))),
        _box(b"jumb", _box(b"jumd", bytes(17) + b"\xff\0")),
        _superbox(b"a", *(_box(b"cbor", b"\x01") for _ in range(5000))),
        (0).to_bytes(4, "big") + b"jumb",
        (1).to_bytes(4, "big") + b"jumb" + bytes(16),
    ],
)
def test_boxes_that_cannot_be_trusted_are_refused(data: bytes) -> None:
    with pytest.raises(CredentialsError):
        jumbf.parse(data)
