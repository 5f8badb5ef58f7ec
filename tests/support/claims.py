"""Real C2PA claims of small files, made as the app makes them, to be checked or doctored."""

from __future__ import annotations

import copy
import io
import json
import secrets
import wave
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import c2pa

from fanstudio.platform import claim
from fanstudio.platform.contract import UsageReport

_SETTINGS = {"version": 1, "verify": {"verify_after_sign": False, "remote_manifest_fetch": False}}


@dataclass(frozen=True)
class PreparedClaim:
    """A signed file whose signature is still a placeholder."""

    sig_structure: bytes
    manifest_store: bytes
    file: bytes
    placeholder: bytes

    def signed(self, signature: bytes) -> bytes:
        assert self.file.count(self.placeholder) == 1
        return self.file.replace(self.placeholder, signature)


def small_wav() -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(range(256)) * 8)
    return stream.getvalue()


def prepare(
    usage: UsageReport,
    chain_pem: str,
    *,
    export_id: str,
    receipt: str,
    title: str = "My remix",
    change: Callable[[dict[str, Any]], object] = lambda definition: None,
) -> PreparedClaim:
    """Return the claim of a small WAV; `change` doctors its definition."""
    definition = copy.deepcopy(
        claim.manifest_definition(
            usage, export_id=export_id, receipt=receipt, title=title, media_type="audio/wav", version="0"
        )
    )
    change(definition)
    kept: list[bytes] = []
    placeholder = secrets.token_bytes(64)

    def keep(to_sign: bytes) -> bytes:
        kept.append(bytes(to_sign))
        return placeholder

    signer = c2pa.Signer.from_callback(keep, c2pa.C2paSigningAlg.ES256, chain_pem, None)
    context = c2pa.Context(c2pa.Settings.from_dict(_SETTINGS))
    builder = c2pa.Builder(json.dumps(definition), context=context)
    written = io.BytesIO()
    store = builder.sign(signer, "audio/wav", io.BytesIO(small_wav()), written)
    (sig_structure,) = kept
    return PreparedClaim(sig_structure, bytes(store), written.getvalue(), placeholder)


def read_state(file: bytes, anchor_pem: str) -> str:
    """Return what a fresh reader says: `Trusted`, `Valid` or `Invalid`."""
    settings = {
        "version": 1,
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
        "trust": {"trust_anchors": anchor_pem},
    }
    context = c2pa.Context(c2pa.Settings.from_dict(settings))
    reader = c2pa.Reader("audio/wav", io.BytesIO(file), context=context)
    return str(json.loads(reader.json())["validation_state"])
