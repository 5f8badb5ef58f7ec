"""The receipt: what a platform countersigns once an export is made, and anyone may read."""

from __future__ import annotations

from dataclasses import dataclass

from fanstudio.errors import InputError, PermitError
from fanstudio.platform import vocabulary as words
from fanstudio.platform.strict import Record, Wire
from fanstudio.platform.wire_export import Essence
from fanstudio.platform.wire_usage import Declared, WorkUse

ONE_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Share(Wire):
    """A party's part, in millionths, of what an export earns, and in which role."""

    party: str
    role: str
    share_ppm: int

    @classmethod
    def parse(cls, value: object) -> Share:
        """Read it strictly; raises InputError."""
        record = Record(value, "share", ("party", "role", "share_ppm"))
        return cls(
            record.text("party"),
            record.text("role", longest=40),
            record.whole("share_ppm", 0, ONE_MILLION),
        )


@dataclass(frozen=True, slots=True)
class CreditedTrack(Wire):
    """A catalogue track as a receipt credits it; title and artist are the catalogue's."""

    isrc: str
    title: str
    artist: str
    ops: tuple[str, ...]

    @classmethod
    def parse(cls, value: object) -> CreditedTrack:
        """Read it strictly; raises InputError."""
        record = Record(value, "credited track", ("isrc", "title", "artist", "ops"))
        return cls(
            record.text("isrc", pattern=words.ISRC),
            record.text("title"),
            record.text("artist"),
            record.words("ops", words.OPS, least=1),
        )


@dataclass(frozen=True, slots=True)
class Receipt(Wire):
    """The exact claims of a receipt; it names no user. `fingerprint` is null until receipts carry one."""

    iss: str
    iat: int
    export_id: str
    title: str
    essence: Essence
    pcm_sha256: str | None
    sample_rate: int
    length_frames: int
    loudness_lufs: float | None
    destination: str
    format: str
    territory: str
    policy_version: str
    tracks: tuple[CreditedTrack, ...]
    works: tuple[WorkUse, ...]
    declared: tuple[Declared, ...]
    shares: tuple[Share, ...]
    fingerprint: None

    @classmethod
    def parse(cls, value: object) -> Receipt:
        """Read the claims strictly; raises PermitError with one line that names the first fault."""
        try:
            return cls._read(Record(value, "receipt", cls.__slots__))
        except InputError as error:
            raise PermitError(error.message) from None

    @classmethod
    def _read(cls, record: Record) -> Receipt:
        record.null("fingerprint")
        receipt = cls(
            iss=record.text("iss", pattern=words.ISSUER),
            iat=record.whole("iat", 0, 2**40),
            export_id=record.text("export_id", pattern=words.EXPORT_ID),
            title=record.text("title"),
            essence=record.part("essence", Essence.parse),
            pcm_sha256=record.text_or_none("pcm_sha256", pattern=words.SHA256_HEX),
            sample_rate=record.whole("sample_rate", 4_000, 384_000),
            length_frames=record.whole("length_frames", 1, 2**53),
            loudness_lufs=record.number_or_none("loudness_lufs", -200.0, 50.0),
            destination=record.word("destination", words.DESTINATIONS),
            format=record.word("format", words.FORMATS),
            territory=record.text("territory", pattern=words.TERRITORY),
            policy_version=record.text("policy_version", longest=32),
            tracks=record.many("tracks", CreditedTrack.parse, most=words.MAX_TRACKS),
            works=record.many("works", WorkUse.parse, most=words.MAX_TRACKS),
            declared=record.many("declared", Declared.parse, most=words.MAX_DECLARED),
            shares=record.many("shares", Share.parse, most=1024),
            fingerprint=None,
        )
        if sum(share.share_ppm for share in receipt.shares) not in (0, ONE_MILLION):
            raise InputError("The receipt's shares do not add up.")
        return receipt
