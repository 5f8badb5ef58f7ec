"""The steps of an export with the running platform, and what the client says when they fail."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from fanstudio.errors import (
    AddonRequired,
    Conflict,
    FanstudioError,
    InputError,
    NetworkError,
    NotPermitted,
    PermitError,
    PlatformError,
)
from fanstudio.jobs import Work
from fanstudio.platform.account import approve_device
from fanstudio.platform.client import Platform
from fanstudio.platform.contract import (
    Essence,
    ExportRequest,
    FinaliseRequest,
    pack_mark,
)
from fanstudio.platform.exports import _signature
from fanstudio.platform.problems import denials
from fanstudio.platform.receipts import check_countersigned
from tests.support import wire_samples as samples
from tests.support.fans import MemoryKeyring
from tests.support.faulty_server import answer, serving
from tests.support.reference_platform import ReferencePlatform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferencePlatform]:
    with ReferencePlatform(tmp_path_factory.mktemp("platform"), poll_s=0) as running:
        yield running


@pytest.fixture(scope="module")
def client(platform: ReferencePlatform) -> Iterator[Platform]:
    client = Platform(platform.issuer, backend=MemoryKeyring())
    _sign_in(platform, client)
    yield client
    client.close()


def _sign_in(platform: ReferencePlatform, client: Platform, user: str = "demo-fan") -> None:
    def approve(prompt: Any) -> None:
        approve_device(client.http, prompt.user_code, platform.operator_secret, user=user)

    client.account.sign_in_by_device(Work(), approve)


def _ask(client: Platform, **changes: Any) -> ExportRequest:
    return ExportRequest.parse(samples.request(client.account.device_jkt, **changes))


def _made(**changes: Any) -> dict[str, Any]:
    made = {"essence": Essence("flac", samples.sha("essence")), "pcm_sha256": samples.sha("pcm")}
    return {**made, "sample_rate": 44100, "length_frames": 441000, "loudness_lufs": -14.0, **changes}


def test_an_export_from_permit_to_receipt(client: Platform) -> None:
    request, key = _ask(client), uuid.uuid4().hex
    granted = client.exports.reserve(request, key, subject=client.me().sub)
    assert granted.mark == pack_mark(granted.export_id)
    assert client.exports.reserve(request, key).export_id == granted.export_id
    assert client.exports.state(granted.export_id) == "reserved"
    receipt = client.exports.finalise(granted, request, **_made())
    assert client.exports.finalise(granted, request, **_made()) == receipt
    published = client.receipt(granted.export_id)
    assert published is not None
    assert (published.status, published.signed) == ("active", receipt)
    assert client.check_receipt(receipt.token, export_id=granted.export_id) == receipt
    with pytest.raises(Conflict):
        client.exports.finalise(granted, request, **_made(pcm_sha256=samples.sha("else")))
    client.exports.abandon(granted.export_id)
    revoked = client.receipt(granted.export_id)
    assert revoked is not None
    assert revoked.status == "revoked"


def test_renewing_keeps_the_export(client: Platform) -> None:
    request = _ask(client)
    granted = client.exports.reserve(request, uuid.uuid4().hex)
    renewed = client.exports.renew(granted, request)
    assert (renewed.export_id, renewed.mark) == (granted.export_id, granted.mark)
    assert renewed.permit.jti != granted.permit.jti


def test_a_permit_that_ran_out_during_the_render_is_renewed_silently(
    platform: ReferencePlatform, client: Platform
) -> None:
    request = _ask(client)
    granted = client.exports.reserve(request, uuid.uuid4().hex)
    platform.clock.offset_s = 1200.0
    try:
        receipt = client.exports.finalise(granted, request, **_made())
    finally:
        platform.clock.offset_s = 0.0
        client.http.clock_offset_s = 0.0
    assert receipt.receipt.export_id == granted.export_id


def test_a_receipt_about_something_else_is_refused(client: Platform) -> None:
    request = _ask(client)
    granted = client.exports.reserve(request, uuid.uuid4().hex)
    receipt = client.exports.finalise(granted, request, **_made())
    made = FinaliseRequest(granted.token, **_made(essence=Essence("flac", samples.sha("other"))))
    with pytest.raises(PermitError, match="another file"):
        check_countersigned(receipt, request, made, now=time.time())


def test_what_is_not_permitted_is_named(client: Platform) -> None:
    tracks = [
        {
            **samples.usage()["tracks"][0],
            "isrc": "ZZFAN2600002",
            "title": "Please",
            "ops": ["arrange", "split"],
        }
    ]
    ingredients = [{**item, "isrc": "ZZFAN2600002"} for item in samples.usage()["ingredients"]]
    request = _ask(client, usage=samples.usage(tracks=tracks, ingredients=ingredients))
    with pytest.raises(NotPermitted) as caught:
        client.exports.reserve(request, uuid.uuid4().hex)
    assert denials(caught.value)


def test_a_free_account_is_told_what_is_missing(platform: ReferencePlatform) -> None:
    other = Platform(platform.issuer, backend=MemoryKeyring())
    _sign_in(platform, other, "free-fan")
    with pytest.raises(AddonRequired):
        other.exports.reserve(_ask(other), uuid.uuid4().hex)
    other.close()


def test_signing_before_finalising_is_refused(client: Platform) -> None:
    granted = client.exports.reserve(_ask(client), uuid.uuid4().hex)
    with pytest.raises(PlatformError):
        client.exports.sign(granted.export_id, b"sig", b"store")


def test_a_claim_that_is_none_is_refused(client: Platform) -> None:
    request = _ask(client)
    granted = client.exports.reserve(request, uuid.uuid4().hex)
    client.exports.finalise(granted, request, **_made())
    with pytest.raises(PlatformError) as caught:
        client.exports.sign(granted.export_id, b"sig", b"store")
    assert caught.value.kind == "claim-refused"


def test_another_request_under_the_same_key_is_a_conflict(client: Platform) -> None:
    key = uuid.uuid4().hex
    client.exports.reserve(_ask(client), key)
    with pytest.raises(Conflict):
        client.exports.reserve(_ask(client, title="Else"), key)


def test_the_catalogue_says_what_is_permitted(client: Platform) -> None:
    tracks = client.catalogue()
    demo = next(track for track in tracks if track.demo)
    assert demo.permits("split", "export_file")
    assert not demo.permits("mash_up", "export_file")
    assert client.track(demo.isrc) == demo
    assert demo in client.catalogue(op="split", territory="SE")
    with pytest.raises(PlatformError) as caught:
        client.track("ZZFAN2699999")
    assert caught.value.kind == "not-found"
    with pytest.raises(InputError):
        client.track("../../me")


def test_a_tracks_audio_arrives_whole_or_not_at_all(client: Platform, tmp_path: Any) -> None:
    demo = next(track for track in client.catalogue() if track.demo)
    client.track_audio(Work(), demo.isrc, tmp_path / "song.flac")
    assert (tmp_path / "song.flac").read_bytes().startswith(b"fLaC")
    work = Work()
    work.cancel()
    with pytest.raises(FanstudioError):
        client.track_audio(work, demo.isrc, tmp_path / "other.flac")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["song.flac"]


def test_certificates_and_receipts_need_no_sign_in(platform: ReferencePlatform) -> None:
    stranger = Platform(platform.issuer, backend=MemoryKeyring())
    found = stranger.certificates()
    assert found.chain_pem.count("BEGIN CERTIFICATE") == 2
    assert found.anchor_pem in found.chain_pem
    assert stranger.receipt("a" * 16) is None
    assert stranger.receipt("not an id") is None
    stranger.close()


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"signature": 7}', b'{"signature": "AAAA"}', b'{"signature": "\\u00e5"}']
)
def test_a_signature_that_is_none_is_nonsense(body: bytes) -> None:
    with pytest.raises(NetworkError, match="no signature"):
        _signature(json.loads(body))
    assert _signature({"signature": base64.b64encode(b"x" * 64).decode()}) == b"x" * 64


def test_a_platform_that_fails_after_the_render_holds_the_work(client: Platform) -> None:
    request = _ask(client)
    granted = client.exports.reserve(request, uuid.uuid4().hex)
    with serving(answer(503)) as server:
        there, client.http.base_url = client.http.base_url, server.url
        pause, client.http._pause = client.http._pause, lambda _s: None
        try:
            with pytest.raises(NetworkError) as caught:
                client.exports.finalise(granted, request, **_made())
        finally:
            client.http.base_url, client.http._pause = there, pause
    assert "kept" in caught.value.hint
    assert client.exports.finalise(granted, request, **_made()).receipt.export_id == granted.export_id
