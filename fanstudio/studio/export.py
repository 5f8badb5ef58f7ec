"""Export: what is permitted and who is paid, before; the file and its receipt, after."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fanstudio.audio.prepare import prepare_session
from fanstudio.errors import Cancelled, EditError, FanstudioError, InputError, NotPermitted
from fanstudio.export.formats import format_of
from fanstudio.export.journal import Journal
from fanstudio.export.loudness import MOST_REDUCTION_DB
from fanstudio.export.pipeline import DESTINATION, Exported, Order, run
from fanstudio.jobs import Work
from fanstudio.model.audibility import audible_clips
from fanstudio.model.rights import Basis
from fanstudio.model.session import Session
from fanstudio.paths import data_dir
from fanstudio.platform.catalogue import CatalogueTrack
from fanstudio.platform.client import Platform
from fanstudio.platform.contract import WORLD, Receipt, TrackUse, UsageReport, tidy_title
from fanstudio.platform.shares import Credit, Entry, shares
from fanstudio.platform.usage import derive, roots
from fanstudio.studio.account import ensure_signed_in
from fanstudio.studio.context import Studio
from fanstudio.studio.project import Project
from fanstudio.studio.verify import Verification, verify_file
from fanstudio.studio.warp import render_warps

_KINDS = {
    Basis.CATALOGUE: "catalogue track",
    Basis.RECORDED: "recorded here",
    Basis.OWN: "your own file",
    Basis.OPEN: "open licence",
}
_LOUDNESS_NEAR_LU = 0.1


@dataclass(frozen=True, slots=True)
class SourceRight:
    """What one source permits; `permitted` is None while the platform has not been asked."""

    title: str
    artist: str
    kind: str
    ops: tuple[str, ...]
    permitted: bool | None
    reason: str
    source_ids: tuple[str, ...]
    clip_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShareLine:
    """Who is paid, in which role, and how many millionths."""

    name: str
    role: str
    share_ppm: int


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """The answer to: may I export this, who is paid, what is the next step."""

    rights: tuple[SourceRight, ...]
    shares: tuple[ShareLine, ...]
    exportable: bool
    headline: str
    detail: str
    #: The country (ISO 3166 code) for which right holders permit it; empty where nobody has to.
    territory: str = ""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Where to, as what, how loud (LUFS, or None to keep it as mixed), and under which title."""

    target: Path
    format: str | None = None
    loudness_lufs: float | None = -14.0
    title: str = ""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A finished export, and what a fresh reader says of the file."""

    path: Path
    export_id: str
    receipt: Receipt
    essence_sha256: str
    loudness_lufs: float
    loudness_asked_lufs: float | None
    seconds: float
    verification: Verification

    @property
    def loudness_told(self) -> str:
        """Return the loudness for a person, and why it is less than was asked for."""
        reached, asked = self.loudness_lufs, self.loudness_asked_lufs
        told = f"{reached:.1f} LUFS"
        if asked is None or reached >= asked - _LOUDNESS_NEAR_LU:
            return told
        return f"{told}; {asked:g} would press its peaks down by more than {MOST_REDUCTION_DB:g} dB"

    def to_json(self) -> dict[str, Any]:
        """Return what `export --json` prints."""
        return {
            "output": str(self.path),
            "export_id": self.export_id,
            "receipt": self.receipt.to_json(),
            "essence_sha256": self.essence_sha256,
            "loudness_lufs": self.loudness_lufs,
            "loudness_asked_lufs": self.loudness_asked_lufs,
            "seconds": round(self.seconds, 2),
            "verdict": self.verification.verdict,
        }


def plan_export(work: Work, studio: Studio, project: Project) -> ExportPlan:
    """Tell what an export would need; asks the platform where somebody is signed in.

    Raises:
        Cancelled: the work was cancelled.

    """
    session = project.document.session
    try:
        usage = derive(session)
    except InputError as error:
        return ExportPlan((), (), False, "Nothing to export yet", error.hint or error.message)
    own = _own_rights(session)
    try:
        platform = studio.connect(work).platform
        if not platform.account.signed_in:
            return _unasked(
                session, usage, own, "Sign in to export", "Everything else works without an account."
            )
        profile = platform.me()
        tracks = {track.isrc: platform.track(track.isrc) for track in usage.tracks}
    except Cancelled:
        raise
    except FanstudioError as error:
        return _unasked(session, usage, own, "Export needs the platform", error.message)
    rights = own + tuple(
        _catalogue_right(session, use, tracks[use.isrc], profile.territory) for use in usage.tracks
    )
    refused = [right for right in rights if right.permitted is False]
    lines = _share_lines(usage, tracks)
    if refused:
        headline = (
            "One change before you can export" if len(refused) == 1 else "Changes before you can export"
        )
        return ExportPlan(rights, lines, False, headline, _refusal(refused[0]))
    permitted = _permissions(rights)
    return ExportPlan(rights, lines, True, "Ready to export", permitted, profile.territory if tracks else "")


def export_project(work: Work, studio: Studio, project: Project, options: ExportOptions) -> ExportResult:
    """Export a project with the platform's permission and verify what was written.

    Without a sign-in, the embedded platform's demo fan is signed in for this process. Once the file is in
    place the export is done: cancelling does not take it back.

    Raises:
        EditError: stems are still being made.
        FanstudioError: as `export.pipeline.run` and `account.ensure_signed_in`.

    """
    started = time.monotonic()
    if project.document.pending:
        raise EditError("A song is still being split.", hint="Export when its stems are there.")
    session = project.document.session
    row = format_of(options.target, options.format)
    platform = ensure_signed_in(work.part(0.0, 0.02), studio).platform
    render_warps(work.part(0.02, 0.08), project, session)
    prepare_session(work.part(0.08, 0.1, "Reading"), project.pool, session)
    order = Order(
        session,
        project.pool.samples_at(session.sample_rate),
        _with_suffix(options.target, row.suffix),
        row,
        tidy_title(options.title or session.title),
        options.loudness_lufs,
        platform.me(),
    )
    exported = run(work.part(0.1, 0.9), order, platform, Journal(data_dir() / "exports"))
    verification = verify_file(work.finishing().part(0.9, 1.0, "Verifying"), studio, exported.path)
    return _result(exported, options.loudness_lufs, verification, time.monotonic() - started)


def receipt_url(platform: Platform, export_id: str) -> str:
    """Return where anyone can read an export's receipt."""
    return f"{platform.issuer}/v1/receipts/{export_id}"


def _result(
    exported: Exported, asked_lufs: float | None, verification: Verification, seconds: float
) -> ExportResult:
    return ExportResult(
        exported.path,
        exported.export_id,
        exported.receipt.receipt,
        f"{exported.essence.format}:{exported.essence.sha256}",
        exported.loudness_lufs,
        asked_lufs,
        seconds,
        verification,
    )


def _with_suffix(target: Path, suffix: str) -> Path:
    return target if target.suffix.lower() == suffix else target.with_name(target.name + suffix)


def _own_rights(session: Session) -> tuple[SourceRight, ...]:
    """Return a line for each source that is not of the catalogue: nobody else has to permit it."""
    found: dict[str, SourceRight] = {}
    for _track, clip in audible_clips(session):
        for root in roots(session, session.source(clip.source)):
            origin = root.origin
            if origin.basis is Basis.CATALOGUE:
                continue
            known = found.get(root.id)
            clips = (*(known.clip_ids if known else ()), clip.id)
            reason = origin.licence_url if origin.basis is Basis.OPEN else "yours"
            found[root.id] = SourceRight(
                origin.title, origin.artist, _KINDS[origin.basis], (), True, reason, (root.id,), clips
            )
    return tuple(found.values())


def _of_isrc(session: Session, isrc: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids of the sources and the clips that derive from a catalogue track and are heard."""
    pairs = [
        (clip.source, clip.id)
        for _track, clip in audible_clips(session)
        if any(root.origin.isrc == isrc for root in roots(session, session.source(clip.source)))
    ]
    return tuple(sorted({source for source, _clip in pairs})), tuple(clip for _source, clip in pairs)


def _catalogue_right(session: Session, use: TrackUse, track: CatalogueTrack, territory: str) -> SourceRight:
    missing = [op for op in use.ops if not _granted(track, op, territory)]
    reason = _reason(track, missing) if missing else ""
    sources, clips = _of_isrc(session, use.isrc)
    kind = _KINDS[Basis.CATALOGUE]
    return SourceRight(track.title, track.artist, kind, use.ops, not missing, reason, sources, clips)


def _reason(track: CatalogueTrack, missing: Iterable[str]) -> str:
    return f"{_listed(missing)} not permitted" if track.grants else "the artist permits no remixes"


def _granted(track: CatalogueTrack, op: str, territory: str) -> bool:
    return any(
        grant.op == op and grant.destination == DESTINATION and grant.territory in (WORLD, territory)
        for grant in track.grants
    )


def _unasked(
    session: Session, usage: UsageReport, own: tuple[SourceRight, ...], headline: str, detail: str
) -> ExportPlan:
    asked = tuple(
        SourceRight(
            use.title, use.artist, _KINDS[Basis.CATALOGUE], use.ops, None, "", *_of_isrc(session, use.isrc)
        )
        for use in usage.tracks
    )
    return ExportPlan(own + asked, (), False, headline, detail)


def _share_lines(usage: UsageReport, tracks: dict[str, CatalogueTrack]) -> tuple[ShareLine, ...]:
    catalogue: dict[str, Entry] = {}
    for isrc, track in tracks.items():
        credits_ = tuple(Credit(item.name, item.role, item.share_ppm) for item in track.credits)
        catalogue |= {code: Entry(credits_, track.works) for code in (isrc, *track.works)}
    try:
        paid = shares(usage, catalogue)
    except (InputError, KeyError):
        return ()
    lines = (ShareLine(share.party, share.role, share.share_ppm) for share in paid)
    return tuple(sorted(lines, key=lambda line: -line.share_ppm))


def _refusal(right: SourceRight) -> str:
    return f"“{right.title}”: {right.reason}"


def _permissions(rights: Iterable[SourceRight]) -> str:
    lines = [f"“{right.title}”: {_listed(right.ops)} permitted" for right in rights if right.ops]
    return " · ".join(lines) if lines else "Everything in it is yours or openly licensed"


def _listed(words: Iterable[str]) -> str:
    *others, last = [word.replace("_", " ") for word in words]
    return f"{', '.join(others)} and {last}" if others else last


def denied_clips(error: NotPermitted, plan: ExportPlan) -> dict[str, str]:
    """Return clip ids and, in words, why each is refused, from the platform's refusal."""
    denied = error.members.get("denied")
    entries = [item for item in denied if isinstance(item, dict)] if isinstance(denied, list) else []
    titles = {str(item.get("title", "")): str(item.get("reason", "not permitted")) for item in entries}
    return {
        clip: f"{right.title}: {titles[right.title]}"
        for right in plan.rights
        if right.title in titles
        for clip in right.clip_ids
    }
