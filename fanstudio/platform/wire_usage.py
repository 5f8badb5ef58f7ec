"""The usage report: what an export is made of and what was done to it, derived from lineage by the app."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from fanstudio.errors import InputError
from fanstudio.platform import vocabulary as words
from fanstudio.platform.strict import Record, Wire, canonical

_MOST_FRAMES = 384_000 * 3600 * 24


@dataclass(frozen=True, slots=True)
class StemUse(Wire):
    """For how long one stem of a track is heard; `mix` is the track as a whole."""

    stem: str
    audible_frames: int

    @classmethod
    def parse(cls, value: object) -> StemUse:
        """Read it strictly; raises InputError."""
        record = Record(value, "stem use", cls.__slots__)
        return cls(record.word("stem", words.STEMS), record.whole("audible_frames", 0, _MOST_FRAMES))


@dataclass(frozen=True, slots=True)
class TrackUse(Wire):
    """A catalogue track in an export: the operations on it and the stems heard."""

    isrc: str
    title: str
    artist: str
    ops: tuple[str, ...]
    stems: tuple[StemUse, ...]

    @classmethod
    def parse(cls, value: object) -> TrackUse:
        """Read it strictly; raises InputError, also where a stem is heard that was never split off."""
        record = Record(value, "track use", cls.__slots__)
        use = cls(
            record.text("isrc", pattern=words.ISRC),
            record.text("title"),
            record.text("artist"),
            record.words("ops", words.OPS, least=1),
            record.many("stems", StemUse.parse, most=len(words.STEMS)),
        )
        heard = {item.stem for item in use.stems}
        if len(heard) != len(use.stems):
            raise InputError("The track use names a stem twice.")
        if heard - {"mix"} and "split" not in use.ops:
            raise InputError("The track use has stems but not the operation 'split'.")
        return use


@dataclass(frozen=True, slots=True)
class WorkUse(Wire):
    """A composition in an export (a cover) and the operations on it."""

    iswc: str
    ops: tuple[str, ...]

    @classmethod
    def parse(cls, value: object) -> WorkUse:
        """Read it strictly; raises InputError."""
        record = Record(value, "work use", cls.__slots__)
        return cls(record.text("iswc", pattern=words.ISWC), record.words("ops", words.OPS, least=1))


@dataclass(frozen=True, slots=True)
class Declared(Wire):
    """Material that is not from the catalogue, and on what basis the fan uses it."""

    source_digest: str
    title: str
    basis: str
    licence_url: str

    @classmethod
    def parse(cls, value: object) -> Declared:
        """Read it strictly; raises InputError. Open material names its licence, other has none."""
        record = Record(value, "declared source", cls.__slots__)
        basis = record.word("basis", words.BASES)
        url = record.optional_line("licence_url")
        if (basis == "open") != bool(url) or (url and not words.URL.fullmatch(url)):
            raise InputError("A declared source names a licence URL exactly when its basis is 'open'.")
        digest = record.text("source_digest", pattern=words.SHA256_HEX)
        return cls(digest, record.text("title"), basis, url)


@dataclass(frozen=True, slots=True)
class Ingredient(Wire):
    """One source that sounds in the export, as its Content Credentials will name it.

    `digest` is the SHA-256 of the pooled source; `ai` says that a model made it (a separated stem too).
    """

    digest: str
    title: str
    isrc: str | None
    stem: str | None
    ai: bool

    @classmethod
    def parse(cls, value: object) -> Ingredient:
        """Read it strictly; raises InputError."""
        record = Record(value, "ingredient", cls.__slots__)
        return cls(
            record.text("digest", pattern=words.SHA256_HEX),
            record.text("title"),
            record.text_or_none("isrc", pattern=words.ISRC),
            record.word_or_none("stem", words.STEMS),
            record.flag("ai"),
        )


@dataclass(frozen=True, slots=True)
class UsageReport(Wire):
    """What an export is made of: the permit, the shares and the Content Credentials follow from it.

    Lists are sorted by their first field and without repeats. `actions` are kinds of edit, for the
    credentials; `ai` says that generative AI contributed (separation alone does not).
    """

    policy_version: str
    sample_rate: int
    length_frames: int
    tracks: tuple[TrackUse, ...]
    works: tuple[WorkUse, ...]
    declared: tuple[Declared, ...]
    ingredients: tuple[Ingredient, ...]
    actions: tuple[str, ...]
    ai: bool

    @classmethod
    def parse(cls, value: object) -> UsageReport:
        """Read it strictly; raises InputError, also where its parts contradict one another."""
        record = Record(value, "usage report", cls.__slots__)
        report = cls(
            record.text("policy_version", longest=32),
            record.whole("sample_rate", 4_000, 384_000),
            record.whole("length_frames", 1, _MOST_FRAMES),
            record.many("tracks", TrackUse.parse, most=words.MAX_TRACKS),
            record.many("works", WorkUse.parse, most=words.MAX_TRACKS),
            record.many("declared", Declared.parse, most=words.MAX_DECLARED),
            record.many("ingredients", Ingredient.parse, most=words.MAX_INGREDIENTS),
            record.lines("actions", words.ACTION, most=words.MOST_ACTIONS),
            record.flag("ai"),
        )
        _check_whole(report)
        return report

    def digest(self) -> str:
        """Return the SHA-256, in hex, of the report's canonical JSON."""
        return hashlib.sha256(canonical(self.to_json())).hexdigest()


def check_sources(tracks: tuple[Wire, ...], works: tuple[Wire, ...], declared: tuple[Wire, ...]) -> None:
    """Raise InputError if all three lists are empty: nothing can be made of nothing."""
    if not (tracks or works or declared):
        raise InputError("There is no track, no work and no declared source.")


def check_order(keys: list[str], what: str) -> None:
    """Raise InputError unless `keys` ascend without repeats."""
    if keys != sorted(set(keys)):
        raise InputError(f"The list of {what} is not sorted or names one twice.")


def _check_whole(report: UsageReport) -> None:
    check_sources(report.tracks, report.works, report.declared)
    check_order([track.isrc for track in report.tracks], "tracks")
    check_order([work.iswc for work in report.works], "works")
    check_order([item.source_digest for item in report.declared], "declared sources")
    check_order([item.digest for item in report.ingredients], "ingredients")
    known = {track.isrc for track in report.tracks}
    for item in report.ingredients:
        if item.isrc is not None and item.isrc not in known:
            raise InputError(f"The ingredient {item.title!r} is of a track that the report does not name.")
        if item.isrc is None and not report.declared:
            raise InputError(f"The ingredient {item.title!r} is neither of a track nor declared.")
    for track in report.tracks:
        if any(stem.audible_frames > report.length_frames for stem in track.stems):
            raise InputError(f"A stem of {track.isrc} is heard for longer than the export lasts.")
