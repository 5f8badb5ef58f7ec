"""Thousands of damaged files: the C2PA library never crashes, and none reads as another export's."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest

from fanstudio.errors import FanstudioError
from fanstudio.export.credentials import read_credentials, sign_file
from fanstudio.export.essence import essence_of, pcm_digest
from fanstudio.jobs import Work
from fanstudio.platform.claim import manifest_definition
from fanstudio.platform.client import SigningCertificates
from fanstudio.platform.contract import UsageReport
from fanstudio.sandbox.keys import open_keys
from tests.support import wire_samples as samples
from tests.support.audio_files import chord, write_audio

_CBOR_HEADS = (0x1B, 0x3B, 0x5B, 0x5F, 0x7B, 0x7F, 0x9B, 0x9F, 0xBB, 0xBF, 0xFF)


def _damaged(original: bytes, dice: random.Random) -> bytes:
    data, store = bytearray(original), original.find(b"jumdc2pa")
    kind = dice.randrange(5)
    if kind == 0:
        for _ in range(dice.randrange(1, 20)):
            data[dice.randrange(len(data))] = dice.randrange(256)
    elif kind == 1:
        for _ in range(dice.randrange(1, 6)):
            data[max(0, store - 60 + dice.randrange(200))] = dice.choice((0, 1, 0x7F, 0x80, 0xFF))
    elif kind == 2:
        del data[dice.randrange(len(data)) :]
    elif kind == 3:
        at, start = dice.randrange(len(data)), dice.randrange(len(data))
        data[at:at] = data[start : start + dice.randrange(3000)]
    else:
        for _ in range(dice.randrange(1, 10)):
            data[store + dice.randrange(4500)] = dice.choice(_CBOR_HEADS)
    return bytes(data)


@pytest.mark.soak
@pytest.mark.parametrize("name", ["wav", "flac", "mp3", "m4a"])
def test_damaged_files_never_lie(tmp_path: Path, name: str) -> None:
    keys = open_keys(tmp_path / "keys")
    certificates = SigningCertificates(keys.chain_pem(), keys.anchor_pem())
    usage = UsageReport.parse(samples.usage())
    definition = manifest_definition(
        usage, export_id=samples.EXPORT_ID, receipt="a.b.c", title="T", media_type="audio/x", version="0"
    )
    plain, signed = write_audio(tmp_path / f"a.{name}", chord(0.05)), tmp_path / f"b.{name}"
    said = sign_file(Work(), plain, signed, definition, certificates, lambda sig, _: keys.sign_claim(sig))
    essence, dice = essence_of(Work(), signed, name), random.Random(11)
    path = tmp_path / f"c.{name}"
    for _ in range(5000):
        path.write_bytes(_damaged(signed.read_bytes(), dice))
        found = read_credentials(Work(), path, certificates.anchor_pem)
        if found.state == "trusted":
            assert found == said
            assert essence_of(Work(), path, name) == essence
        with contextlib.suppress(FanstudioError):
            pcm_digest(Work(), path)
