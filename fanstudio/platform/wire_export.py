"""The bodies of an export's three steps: the request, the permit it brings, and the finalisation."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from fanstudio.errors import InputError
from fanstudio.platform import vocabulary as words
from fanstudio.platform.strict import Record, Wire
from fanstudio.platform.wire_usage import UsageReport

_MOST_FRAMES = 384_000 * 3600 * 24


@dataclass(frozen=True, slots=True)
class ExportRequest(Wire):
    """What a client asks a permit for; `project_digest` is the SHA-256 of what decides the render."""

    title: str
    destination: str
    territory: str
    format: str
    project_digest: str
    device_jkt: str
    usage: UsageReport

    @classmethod
    def parse(cls, value: object) -> ExportRequest:
        """Read it strictly; raises InputError."""
        record = Record(value, "export request", cls.__slots__)
        return cls(
            record.text("title"),
            record.word("destination", words.DESTINATIONS),
            record.text("territory", pattern=words.TERRITORY),
            record.word("format", words.FORMATS),
            record.text("project_digest", pattern=words.SHA256_HEX),
            record.text("device_jkt", pattern=words.THUMBPRINT),
            record.part("usage", UsageReport.parse),
        )


@dataclass(frozen=True, slots=True)
class Reservation(Wire):
    """A platform's answer to a request or a renewal: the permit and the watermark's message.

    `watermark_payload` is base64url of 16 bytes; `expires_at` (seconds since 1970) ends the reservation.
    """

    export_id: str
    permit: str
    watermark_payload: str
    policy_version: str
    expires_at: int

    @classmethod
    def parse(cls, value: object) -> Reservation:
        """Read it strictly; raises InputError."""
        record = Record(value, "reservation", cls.__slots__)
        return cls(
            record.text("export_id", pattern=words.EXPORT_ID),
            record.text("permit", longest=words.MAX_TOKEN_CHARS),
            record.text("watermark_payload", longest=64),
            record.text("policy_version", longest=32),
            record.whole("expires_at", 0, 2**40),
        )


@dataclass(frozen=True, slots=True)
class Essence(Wire):
    """The SHA-256 of a file's audio essence: what is left when tags and credentials are taken away."""

    format: str
    sha256: str

    @classmethod
    def parse(cls, value: object) -> Essence:
        """Read it strictly; raises InputError."""
        record = Record(value, "essence", ("format", "sha256"))
        return cls(record.word("format", words.FORMATS), record.text("sha256", pattern=words.SHA256_HEX))


@dataclass(frozen=True, slots=True)
class FinaliseRequest(Wire):
    """What was made: the permit it was made under, and what the receipt will say of the file."""

    permit: str
    essence: Essence
    pcm_sha256: str | None
    sample_rate: int
    length_frames: int
    loudness_lufs: float | None

    @classmethod
    def parse(cls, value: object) -> FinaliseRequest:
        """Read it strictly; raises InputError."""
        record = Record(value, "finalise request", cls.__slots__)
        return cls(
            record.text("permit", longest=words.MAX_TOKEN_CHARS),
            record.part("essence", Essence.parse),
            record.text_or_none("pcm_sha256", pattern=words.SHA256_HEX),
            record.whole("sample_rate", 4_000, 384_000),
            record.whole("length_frames", 1, _MOST_FRAMES),
            record.number_or_none("loudness_lufs", -200.0, 50.0),
        )


@dataclass(frozen=True, slots=True)
class SignRequest(Wire):
    """The claim to be signed: the COSE Sig_structure, and the manifest store it comes from; base64."""

    sig_structure: str
    manifest_store: str

    @classmethod
    def parse(cls, value: object) -> SignRequest:
        """Read it strictly; raises InputError."""
        record = Record(value, "signing request", ("sig_structure", "manifest_store"))
        return cls(
            record.text("sig_structure", longest=1_048_576),
            record.text("manifest_store", longest=words.MAX_SIGN_BODY_BYTES),
        )

    @classmethod
    def of(cls, sig_structure: bytes, manifest_store: bytes) -> SignRequest:
        """Wrap the bytes that are to be signed."""
        return cls(base64.b64encode(sig_structure).decode(), base64.b64encode(manifest_store).decode())

    def unpack(self) -> tuple[bytes, bytes]:
        """Return (sig_structure, manifest_store); raises InputError where they are not base64."""
        try:
            return (
                base64.b64decode(self.sig_structure, validate=True),
                base64.b64decode(self.manifest_store, validate=True),
            )
        except (binascii.Error, ValueError):
            raise InputError("The signing request is not base64.") from None
