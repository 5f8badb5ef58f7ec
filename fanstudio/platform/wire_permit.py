"""The permit: the claims by which a platform allows one export of one project from one device."""

from __future__ import annotations

from dataclasses import dataclass

from fanstudio.errors import InputError, PermitError
from fanstudio.platform import vocabulary as words
from fanstudio.platform.strict import Record, Wire
from fanstudio.platform.wire_usage import UsageReport, WorkUse, check_order, check_sources

_LAST_SECOND = 2**40


@dataclass(frozen=True, slots=True)
class Confirmation(Wire):
    """The device key that a permit is bound to (RFC 7800), by its RFC 7638 thumbprint."""

    jkt: str

    @classmethod
    def parse(cls, value: object) -> Confirmation:
        """Read it strictly; raises InputError."""
        return cls(Record(value, "confirmation", ("jkt",)).text("jkt", pattern=words.THUMBPRINT))


@dataclass(frozen=True, slots=True)
class PermittedTrack(Wire):
    """A track and the operations on it that are permitted."""

    isrc: str
    ops: tuple[str, ...]

    @classmethod
    def parse(cls, value: object) -> PermittedTrack:
        """Read it strictly; raises InputError."""
        record = Record(value, "permitted track", ("isrc", "ops"))
        return cls(record.text("isrc", pattern=words.ISRC), record.words("ops", words.OPS, least=1))


@dataclass(frozen=True, slots=True)
class PermittedSource(Wire):
    """Material that the fan declared, as the permit repeats it."""

    source_digest: str
    basis: str
    licence_url: str

    @classmethod
    def parse(cls, value: object) -> PermittedSource:
        """Read it strictly; raises InputError."""
        record = Record(value, "permitted source", ("source_digest", "basis", "licence_url"))
        return cls(
            record.text("source_digest", pattern=words.SHA256_HEX),
            record.word("basis", words.BASES),
            record.optional_line("licence_url"),
        )


@dataclass(frozen=True, slots=True)
class Permit(Wire):
    """The exact claims of a permit; a token with one more or one fewer is not a permit.

    Times are seconds since 1970. `sub` is the fan's pairwise id, `cnf.jkt` the device key.
    """

    iss: str
    aud: str
    sub: str
    iat: int
    nbf: int
    exp: int
    jti: str
    cnf: Confirmation
    addon: str
    territory: str
    export_id: str
    project_digest: str
    policy_version: str
    destination: str
    tracks: tuple[PermittedTrack, ...]
    works: tuple[WorkUse, ...]
    declared: tuple[PermittedSource, ...]

    @classmethod
    def parse(cls, value: object) -> Permit:
        """Read the claims strictly; raises PermitError with one line that names the first fault."""
        try:
            return cls._read(Record(value, "permit", cls.__slots__))
        except InputError as error:
            raise PermitError(error.message) from None

    @classmethod
    def _read(cls, record: Record) -> Permit:
        permit = cls(
            iss=record.text("iss", pattern=words.ISSUER),
            aud=record.word("aud", (words.CLIENT_ID,)),
            sub=record.text("sub", pattern=words.IDENTIFIER),
            iat=record.whole("iat", 0, _LAST_SECOND),
            nbf=record.whole("nbf", 0, _LAST_SECOND),
            exp=record.whole("exp", 0, _LAST_SECOND),
            jti=record.text("jti", pattern=words.IDENTIFIER),
            cnf=record.part("cnf", Confirmation.parse),
            addon=record.word("addon", (words.ADDON,)),
            territory=record.text("territory", pattern=words.TERRITORY),
            export_id=record.text("export_id", pattern=words.EXPORT_ID),
            project_digest=record.text("project_digest", pattern=words.SHA256_HEX),
            policy_version=record.text("policy_version", longest=32),
            destination=record.word("destination", words.DESTINATIONS),
            tracks=record.many("tracks", PermittedTrack.parse, most=words.MAX_TRACKS),
            works=record.many("works", WorkUse.parse, most=words.MAX_TRACKS),
            declared=record.many("declared", PermittedSource.parse, most=words.MAX_DECLARED),
        )
        check_sources(permit.tracks, permit.works, permit.declared)
        check_order([track.isrc for track in permit.tracks], "permitted tracks")
        if not permit.iat <= permit.nbf < permit.exp <= permit.iat + words.PERMIT_SECONDS:
            raise InputError("The permit's times contradict one another.")
        return permit

    def covers(self, usage: UsageReport) -> bool:
        """Tell whether every track, work and declared source of `usage`, with its ops, is permitted."""
        tracks = {track.isrc: set(track.ops) for track in self.tracks}
        works = {work.iswc: set(work.ops) for work in self.works}
        declared = {(item.source_digest, item.basis, item.licence_url) for item in self.declared}
        return (
            self.policy_version == usage.policy_version
            and all(set(track.ops) <= tracks.get(track.isrc, set()) for track in usage.tracks)
            and all(set(work.ops) <= works.get(work.iswc, set()) for work in usage.works)
            and all((item.source_digest, item.basis, item.licence_url) in declared for item in usage.declared)
        )
