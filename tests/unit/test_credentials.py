from __future__ import annotations

import dataclasses
import random
import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fanstudio.errors import AudioFileError, Cancelled, Conflict, CredentialsError, NetworkError, StorageError
from fanstudio.export import credentials
from fanstudio.export.credentials import read_credentials, sign_file
from fanstudio.export.essence import essence_of, pcm_digest
from fanstudio.export.manifest import Credentials, read_report
from fanstudio.export.tags import tags_of, write_tags
from fanstudio.jobs import Work
from fanstudio.platform.claim import ExpectedClaim, manifest_definition
from fanstudio.platform.claim_check import check_claim
from fanstudio.platform.client import SigningCertificates
from fanstudio.platform.contract import UsageReport
from fanstudio.sandbox.keys import ServerKeys, open_keys
from tests.support import wire_samples as samples
from tests.support.audio_files import chord, write_audio

FORMATS = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "m4a": "audio/mp4"}
RECEIPT = "aaaa.bbbb.cccc"
USAGE = UsageReport.parse(samples.usage())


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> ServerKeys:
    return open_keys(tmp_path_factory.mktemp("platform"))


@pytest.fixture(scope="module")
def certificates(keys: ServerKeys) -> SigningCertificates:
    return SigningCertificates(keys.chain_pem(), keys.anchor_pem())


@pytest.fixture(scope="module")
def ask(keys: ServerKeys) -> Callable[[bytes, bytes], bytes]:
    """Return a platform that checks what it signs, as the real one does."""
    expected = ExpectedClaim("My remix", samples.EXPORT_ID, RECEIPT, USAGE, keys.chain_der())

    def sign(sig_structure: bytes, store: bytes) -> bytes:
        check_claim(store, sig_structure, expected)
        return keys.sign_claim(sig_structure)

    return sign


def _definition(name: str, **changes: Any) -> dict[str, Any]:
    whole = manifest_definition(
        USAGE,
        export_id=samples.EXPORT_ID,
        receipt=RECEIPT,
        title="My remix",
        media_type=FORMATS[name],
        version="0.1",
    )
    return {**whole, **changes}


@pytest.fixture(scope="module")
def signed(
    tmp_path_factory: pytest.TempPathFactory,
    certificates: SigningCertificates,
    ask: Callable[[bytes, bytes], bytes],
) -> Path:
    """Return a folder with one signed file of each format, and `plain` ones beside them."""
    folder = tmp_path_factory.mktemp("signed")
    tags = tags_of(
        USAGE,
        title="My remix",
        artist="A Fan",
        export_id=samples.EXPORT_ID,
        receipt_url="http://x",
        version="0",
    )
    for name in FORMATS:
        plain = write_audio(folder / f"plain.{name}")
        write_tags(plain, tags)
        sign_file(Work(), plain, folder / f"signed.{name}", _definition(name), certificates, ask)
    return folder


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_signed_reads_back_as_trusted(
    signed: Path, name: str, certificates: SigningCertificates
) -> None:
    found = read_credentials(Work(), signed / f"signed.{name}", certificates.anchor_pem)
    assert found.state == "trusted"
    assert found.problems == ()
    assert found.title == "My remix"
    assert found.generator == "fanstudio 0.1"
    assert found.issuer == "fanstudio embedded demo platform"
    assert found.export_id == samples.EXPORT_ID
    assert found.receipt == RECEIPT
    assert found.source_type == "composite"
    assert found.actions[0] == "c2pa.created"
    assert found.actions[-2:] == ("c2pa.edited", "c2pa.watermarked.bound")
    assert found.edits == USAGE.actions
    assert [(item.digest, item.isrc, item.stem, item.ai) for item in found.ingredients] == [
        (item.digest, item.isrc, item.stem, item.ai) for item in USAGE.ingredients
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_signing_leaves_the_sound_as_it_was(signed: Path, name: str) -> None:
    plain, marked = signed / f"plain.{name}", signed / f"signed.{name}"
    assert essence_of(Work(), marked, name) == essence_of(Work(), plain, name)
    assert pcm_digest(Work(), marked) == pcm_digest(Work(), plain)
    assert 0 < marked.stat().st_size - plain.stat().st_size < 40_000


@pytest.mark.parametrize("name", FORMATS)
def test_without_the_anchor_it_is_valid_but_not_trusted(signed: Path, name: str) -> None:
    assert read_credentials(Work(), signed / f"signed.{name}", "").state == "valid"


def test_another_platforms_anchor_does_not_make_it_trusted(signed: Path, tmp_path: Path) -> None:
    other = open_keys(tmp_path / "other")
    assert read_credentials(Work(), signed / "signed.flac", other.anchor_pem()).state == "valid"


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("place", [0.3, 0.5, 0.9])
def test_a_flipped_bit_is_reported(
    signed: Path, tmp_path: Path, name: str, place: float, certificates: SigningCertificates
) -> None:
    data = bytearray((signed / f"signed.{name}").read_bytes())
    data[int(len(data) * place)] ^= 1
    path = tmp_path / f"flipped.{name}"
    path.write_bytes(data)
    found = read_credentials(Work(), path, certificates.anchor_pem)
    assert found.state == "invalid"
    assert found.problems


@pytest.mark.parametrize("name", FORMATS)
def test_a_tag_edited_after_signing_is_reported(
    signed: Path, tmp_path: Path, name: str, certificates: SigningCertificates
) -> None:
    path = tmp_path / f"edited.{name}"
    shutil.copy(signed / f"signed.{name}", path)
    data = path.read_bytes()
    assert b"A Fan" in data
    path.write_bytes(data.replace(b"A Fan", b"A Man"))
    assert read_credentials(Work(), path, certificates.anchor_pem).state == "invalid"


@pytest.mark.parametrize("name", FORMATS)
def test_a_truncated_file_is_reported(
    signed: Path, tmp_path: Path, name: str, certificates: SigningCertificates
) -> None:
    path = tmp_path / f"short.{name}"
    data = (signed / f"signed.{name}").read_bytes()
    path.write_bytes(data[: int(len(data) * 0.8)])
    assert read_credentials(Work(), path, certificates.anchor_pem).state != "trusted"


@pytest.mark.parametrize("name", FORMATS)
def test_an_unsigned_file_has_none(signed: Path, name: str) -> None:
    assert read_credentials(Work(), signed / f"plain.{name}", "") == Credentials("none")


@pytest.mark.parametrize(
    "content", [b"", b"text", b"RIFF\xff\xff\xff\xffWAVE", b"fLaC", b"\xff\xfb\x90\0", b"\0" * 99]
)
def test_what_is_no_audio_has_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.bin"
    path.write_bytes(content)
    assert read_credentials(Work(), path, "").state == "none"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match=r"gone\.wav"):
        read_credentials(Work(), tmp_path / "gone.wav", "")


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_bytes_never_read_as_trusted_and_never_crash(
    signed: Path, tmp_path: Path, name: str, certificates: SigningCertificates
) -> None:
    data = (signed / f"signed.{name}").read_bytes()
    said = read_credentials(Work(), signed / f"signed.{name}", certificates.anchor_pem)
    store = data.find(b"jumdc2pa")
    path, dice = tmp_path / f"hostile.{name}", random.Random(3)
    for _ in range(60):
        broken = bytearray(data)
        for _ in range(dice.randrange(1, 8)):
            broken[store + dice.randrange(-30, 6000)] = dice.randrange(256)
        path.write_bytes(broken)
        found = read_credentials(Work(), path, certificates.anchor_pem)
        assert found.state in ("invalid", "none") or found == said


def test_a_signature_by_another_key_is_not_left_behind(
    tmp_path: Path, certificates: SigningCertificates
) -> None:
    other = open_keys(tmp_path / "other")
    plain, target = write_audio(tmp_path / "a.flac"), tmp_path / "b.flac"
    with pytest.raises(CredentialsError, match="invalid"):
        sign_file(
            Work(), plain, target, _definition("flac"), certificates, lambda sig, _: other.sign_claim(sig)
        )
    assert not target.exists()


@pytest.mark.parametrize("signature", [b"", b"x" * 63, b"x" * 65])
def test_a_signature_of_the_wrong_length_is_refused(
    tmp_path: Path, certificates: SigningCertificates, signature: bytes
) -> None:
    plain, target = write_audio(tmp_path / "a.wav"), tmp_path / "b.wav"
    with pytest.raises(CredentialsError, match="length"):
        sign_file(Work(), plain, target, _definition("wav"), certificates, lambda *_: signature)
    assert not target.exists()


def test_the_platforms_refusal_passes_through_and_leaves_nothing(
    tmp_path: Path, certificates: SigningCertificates
) -> None:
    def refuse(_sig: bytes, _store: bytes) -> bytes:
        raise Conflict("Another claim was signed before.")

    plain, target = write_audio(tmp_path / "a.mp3"), tmp_path / "b.mp3"
    with pytest.raises(Conflict):
        sign_file(Work(), plain, target, _definition("mp3"), certificates, refuse)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp3"]


def test_after_a_break_the_same_claim_is_sent_again(
    tmp_path: Path, certificates: SigningCertificates, ask: Callable[[bytes, bytes], bytes]
) -> None:
    asked: list[tuple[bytes, bytes]] = []

    def down(sig_structure: bytes, store: bytes) -> bytes:
        asked.append((sig_structure, store))
        raise NetworkError("The platform is down.")

    def back(sig_structure: bytes, store: bytes) -> bytes:
        asked.append((sig_structure, store))
        return ask(sig_structure, store)

    plain, target = write_audio(tmp_path / "a.mp3"), tmp_path / "b.mp3"
    for _ in range(2):
        with pytest.raises(NetworkError, match="down"):
            sign_file(Work(), plain, target, _definition("mp3"), certificates, down)
    assert sign_file(Work(), plain, target, _definition("mp3"), certificates, back).state == "trusted"
    assert asked[0] == asked[1] == asked[2]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp3", "b.mp3"]


def test_a_file_that_was_signed_before_the_crash_is_finished(
    tmp_path: Path,
    certificates: SigningCertificates,
    keys: ServerKeys,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Kill the process after the signature was placed: the platform answers with the one it keeps."""
    given: list[bytes] = []

    def once(sig_structure: bytes, _store: bytes) -> bytes:
        given.append(given[0] if given else keys.sign_claim(sig_structure))
        return given[0]

    def die(*_arguments: Any) -> None:
        raise NetworkError("the end of this process")

    plain, target = write_audio(tmp_path / "a.m4a"), tmp_path / "b.m4a"
    with monkeypatch.context() as patch:
        patch.setattr(credentials, "_check_trusted", die)
        with pytest.raises(NetworkError):
            sign_file(Work(), plain, target, _definition("m4a"), certificates, once)
    signed = target.read_bytes()
    assert sign_file(Work(), plain, target, _definition("m4a"), certificates, once).state == "trusted"
    assert target.read_bytes() == signed
    assert len(given) == 2


@pytest.mark.parametrize("damage", ["claim", "target", "other export"])
def test_a_claim_that_no_longer_fits_is_made_anew(
    tmp_path: Path, certificates: SigningCertificates, ask: Callable[[bytes, bytes], bytes], damage: str
) -> None:
    def down(_sig: bytes, _store: bytes) -> bytes:
        raise NetworkError("The platform is down.")

    plain, target = write_audio(tmp_path / "a.flac"), tmp_path / "b.flac"
    other = _definition("flac", title="Other") if damage == "other export" else _definition("flac")
    with pytest.raises(NetworkError):
        sign_file(Work(), plain, target, other, certificates, down)
    if damage == "claim":
        (tmp_path / "b.flac.claim").write_text('["x", 7]')
    if damage == "target":
        target.write_bytes(b"fLaC")
    assert sign_file(Work(), plain, target, _definition("flac"), certificates, ask).state == "trusted"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"title": "Another title"}, "title"),
        ({"ingredients": []}, "ingredient"),
        ({"assertions": _definition("flac")["assertions"][:-1]}, "assertion"),
    ],
)
def test_the_platform_signs_only_what_the_export_is(
    tmp_path: Path,
    certificates: SigningCertificates,
    ask: Callable[[bytes, bytes], bytes],
    change: dict[str, Any],
    line: str,
) -> None:
    plain = write_audio(tmp_path / "a.flac")
    with pytest.raises(CredentialsError, match=line):
        sign_file(Work(), plain, tmp_path / "b.flac", _definition("flac", **change), certificates, ask)


def test_a_damaged_definition_or_source_ends_in_one_line(
    tmp_path: Path, certificates: SigningCertificates, ask: Callable[[bytes, bytes], bytes]
) -> None:
    plain, target = write_audio(tmp_path / "a.flac"), tmp_path / "b.flac"
    with pytest.raises(CredentialsError) as caught:
        sign_file(Work(), plain, target, {"assertions": 7}, certificates, ask)
    assert "\n" not in caught.value.message
    (tmp_path / "text.flac").write_text("not audio")
    with pytest.raises(AudioFileError):
        sign_file(Work(), tmp_path / "text.flac", target, _definition("flac"), certificates, ask)
    assert not target.exists()


def test_a_full_disk_is_named_and_leaves_nothing(
    tmp_path: Path, certificates: SigningCertificates, ask: Callable[[bytes, bytes], bytes]
) -> None:
    plain = write_audio(tmp_path / "a.wav")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (plain.stat().st_size // 2, hard))
    try:
        with pytest.raises(StorageError):
            sign_file(Work(), plain, tmp_path / "b.wav", _definition("wav"), certificates, ask)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_target_that_cannot_be_made_is_named(
    tmp_path: Path, certificates: SigningCertificates, ask: Callable[[bytes, bytes], bytes]
) -> None:
    plain = write_audio(tmp_path / "a.wav")
    with pytest.raises(StorageError):
        sign_file(Work(), plain, tmp_path / "no folder" / "b.wav", _definition("wav"), certificates, ask)


def test_cancelling_stops_inside_the_library_and_leaves_nothing(
    tmp_path: Path, certificates: SigningCertificates, ask: Callable[[bytes, bytes], bytes]
) -> None:
    reads = 0

    class OneMegabyteOnly(Work):
        def check(self) -> None:
            nonlocal reads
            reads += 1
            if reads > 20:
                self.cancel()
            super().check()

    plain, target = write_audio(tmp_path / "a.wav", chord(8.0)), tmp_path / "b.wav"
    with pytest.raises(Cancelled):
        sign_file(OneMegabyteOnly(), plain, target, _definition("wav"), certificates, ask)
    assert not target.exists()


def test_an_attackers_report_yields_plain_values() -> None:
    hostile = {
        "active_manifest": "a",
        "manifests": {
            "a": {
                "title": ["no", "text"],
                "ingredients": [7, {"title": "two\nlines", "metadata": {"fanstudio.ai": "yes"}}],
                "assertions": [
                    {"label": "c2pa.soft-binding", "data": {"alg": "other", "blocks": [{"value": "x"}]}},
                    {"label": "fanstudio.receipt", "data": {"receipt": 7}},
                    {"label": "c2pa.actions.v2", "data": {"actions": "none"}},
                ],
                "signature_info": [],
            }
        },
        "validation_status": {"code": 7},
    }
    found = read_report(hostile, "Valid")
    assert (found.state, found.title, found.export_id, found.receipt) == ("valid", "", None, None)
    assert found.ingredients[0].title == "two lines"
    assert not found.ingredients[0].ai
    assert dataclasses.replace(read_report(None, None), state="invalid") == Credentials("invalid")
