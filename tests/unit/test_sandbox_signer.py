"""The platform signs one honest claim of a finalised export, and nothing else."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from fanstudio.platform.contract import SignRequest, UsageReport
from tests.support import wire_samples as samples
from tests.support.claims import PreparedClaim, prepare, read_state
from tests.support.dpop_client import DpopClient
from tests.support.reference_platform import ReferencePlatform

_USAGE = UsageReport.parse(samples.usage())


@dataclass
class Exported:
    """A finalised export of the demo fan."""

    fan: DpopClient
    export_id: str
    receipt: str

    def prepare(self, **changes: Any) -> PreparedClaim:
        chain = self.fan.platform.site.keys.chain_pem()
        said = {"export_id": self.export_id, "receipt": self.receipt, **changes}
        return prepare(_USAGE, chain, **said)

    def sign(self, made: PreparedClaim, export_id: str = "") -> requests.Response:
        body = SignRequest.of(made.sig_structure, made.manifest_store).to_json()
        return self.fan.send("POST", f"/v1/exports/{export_id or self.export_id}/sign", body)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferencePlatform]:
    with ReferencePlatform(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture
def fan(platform: ReferencePlatform) -> Iterator[DpopClient]:
    client = DpopClient(platform)
    client.sign_in()
    yield client
    client.close()


def _reserve(fan: DpopClient) -> dict[str, Any]:
    body = samples.request(fan.jkt)
    return fan.send("POST", "/v1/exports", body, Idempotency_Key=uuid.uuid4().hex).json()


@pytest.fixture
def exported(fan: DpopClient) -> Exported:
    reserved = _reserve(fan)
    path = f"/v1/exports/{reserved['export_id']}/finalise"
    receipt = fan.send("POST", path, samples.finalise(reserved["permit"])).json()["receipt"]
    return Exported(fan, reserved["export_id"], receipt)


def _kind(answer: requests.Response) -> str:
    return answer.json()["type"].rpartition("/")[2]


def test_an_honest_claim_is_signed_and_trusted(exported: Exported, platform: ReferencePlatform) -> None:
    made = exported.prepare()
    answers = [exported.sign(made).json()["signature"] for _ in range(2)]
    assert answers[0] == answers[1]
    certificates = requests.get(f"{platform.issuer}/v1/signing/certificates", timeout=9).json()
    assert certificates["chain_pem"].count("BEGIN CERTIFICATE") == 2
    signed = made.signed(base64.b64decode(answers[0]))
    assert read_state(signed, certificates["anchor_pem"]) == "Trusted"


def test_a_second_claim_of_one_export_is_refused(exported: Exported) -> None:
    assert exported.sign(exported.prepare()).status_code == 200
    again = exported.sign(exported.prepare())
    assert (again.status_code, _kind(again)) == (409, "conflict")


def test_nothing_is_signed_before_the_export_is_finalised(fan: DpopClient) -> None:
    reserved = _reserve(fan)
    early = Exported(fan, reserved["export_id"], "a.b.c")
    answer = early.sign(early.prepare())
    assert (answer.status_code, _kind(answer)) == (409, "conflict")


def test_nothing_is_signed_after_the_export_was_given_back(exported: Exported) -> None:
    exported.fan.send("DELETE", f"/v1/exports/{exported.export_id}")
    assert _kind(exported.sign(exported.prepare())) == "conflict"


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Another"},
        {"export_id": "b" * 16},
        {"receipt": "a.b.c"},
        {"change": lambda definition: definition["ingredients"][0].update(title="Nobody's")},
        {"change": lambda definition: definition["assertions"].append({"label": "org.lie", "data": {}})},
    ],
)
def test_a_doctored_claim_is_not_signed(exported: Exported, changes: dict[str, Any]) -> None:
    answer = exported.sign(exported.prepare(**changes))
    assert (answer.status_code, _kind(answer)) == (422, "claim-refused")
    assert exported.sign(exported.prepare()).status_code == 200


def test_one_exports_claim_is_not_signed_for_another(exported: Exported, fan: DpopClient) -> None:
    reserved = _reserve(fan)
    path = f"/v1/exports/{reserved['export_id']}/finalise"
    fan.send("POST", path, samples.finalise(reserved["permit"]))
    answer = exported.sign(exported.prepare(), export_id=reserved["export_id"])
    assert _kind(answer) == "claim-refused"


@pytest.mark.parametrize(
    "body",
    [
        {"sig_structure": "AAAA", "manifest_store": "AAAA"},
        {"sig_structure": "not base64", "manifest_store": "AAAA"},
        {"sig_structure": "AAAA"},
        [],
    ],
)
def test_what_is_no_claim_is_refused(exported: Exported, body: Any) -> None:
    answer = exported.fan.send("POST", f"/v1/exports/{exported.export_id}/sign", body)
    assert _kind(answer) in {"claim-refused", "invalid-request"}
