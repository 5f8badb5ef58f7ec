"""Verify: what a file is made of, with which permission, and whether it was altered, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from fanstudio.errors import Cancelled, FanstudioError
from fanstudio.export import verify as export_verify
from fanstudio.export.manifest import Credentials
from fanstudio.export.verify import Verdict
from fanstudio.jobs import Work
from fanstudio.paths import shipped
from fanstudio.platform.claim import GENERATIVE_MEDIA
from fanstudio.studio.context import Studio, anchors_dir

_HEADLINES = {
    Verdict.VERIFIED: "Made with permission, and unaltered since",
    Verdict.UNTRUSTED: "Unaltered, but signed by a platform that is not trusted here",
    Verdict.ALTERED: "Altered after it was exported",
    Verdict.MARK_ONLY: "A watermark, but no credentials: a copy or an excerpt of an export",
    Verdict.CREDENTIALS_ONLY: "Credentials, but no watermark",
    Verdict.REVOKED: "The permission was withdrawn",
    Verdict.CONFLICT: "Watermark, credentials and receipt name different exports",
    Verdict.UNKNOWN: "Nothing was found, which proves nothing",
    Verdict.UNREADABLE: "This file cannot be read as audio",
}


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on a file, to show: a headline, rows of details, and everything for machines."""

    file: Path
    verdict: str
    headline: str
    details: tuple[tuple[str, str], ...]
    found: export_verify.Verification

    def to_json(self) -> dict[str, Any]:
        """Return what `verify --json` prints for the file."""
        return self.found.to_json()


def verify_file(work: Work, studio: Studio, path: Path) -> Verification:
    """Verify a file against the platform in use, or without it where it cannot be reached.

    Raises:
        Cancelled: the work was cancelled.

    """
    notes: tuple[str, ...] = ()
    try:
        platform = studio.connect(work).platform
    except Cancelled:
        raise
    except FanstudioError as error:
        platform, notes = None, (error.message,)
    found = export_verify.verify(work, path, trust_anchors(), platform)
    return Verification(
        path, found.verdict.value, _HEADLINES[found.verdict], tuple(_details(found, notes)), found
    )


def trust_anchors() -> str:
    """Return the root certificates trusted here, PEM: the shipped ones and this machine's own.

    A file that cannot be read, or is no certificate, is trusted for nothing.
    """
    folders = (shipped("assets") / "trust", anchors_dir())
    files = (path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.pem")))
    return "".join(map(_certificates, files))


def _certificates(path: Path) -> str:
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        return ""
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in found)


def _details(found: export_verify.Verification, notes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    credentials, receipt = found.credentials, found.receipt
    if receipt is not None:
        yield "Title", receipt.title
        for track in receipt.tracks:
            yield "Contains", f"“{track.title}” by {track.artist} ({', '.join(track.ops)})"
        for line in dict.fromkeys(f"“{item.title}” ({item.basis})" for item in receipt.declared):
            yield "Contains", line
        shares = ", ".join(f"{share.party} {share.share_ppm / 10_000:.1f} %" for share in receipt.shares)
        if shares:
            yield "Who is paid", shares
        yield "Receipt", f"{receipt.export_id}, {found.receipt_source}"
    yield "Credentials", _CREDENTIALS[credentials.state]
    if credentials.signed_by or credentials.issuer:
        yield "Signed by", credentials.signed_by or credentials.issuer
    if credentials.state in ("trusted", "valid") and (told := _ai_text(credentials)):
        yield "AI", told
    yield "Watermark", _mark_text(found)
    yield "Acoustic fingerprint", "not compared in this version"
    for problem in (*credentials.problems[:3], *found.notes, *notes):
        yield "Note", problem


_CREDENTIALS = {
    "trusted": "intact, signed by a platform trusted here",
    "valid": "intact, signer not trusted here",
    "invalid": "do not match the file",
    "none": "none",
}


def _ai_text(credentials: Credentials) -> str:
    """Say in what nets took part, by what credentials that hold say; nothing where there was none."""
    if credentials.source_type == GENERATIVE_MEDIA:
        return "a net made some of the sound"
    done = {
        "nets took sources apart, or heard what is played": any(item.ai for item in credentials.ingredients),
        "a net chose settings": "ai_settings" in credentials.edits,
    }
    told = ", ".join(words for words, true in done.items() if true)
    return f"{told}; none made sound" if told else ""


def _mark_text(found: export_verify.Verification) -> str:
    if not found.mark.found:
        return "none found"
    seconds = sum(end - start for start, end in found.mark.spans_s)
    text = f"found, {found.mark.confidence:.0%} of its bits clean, over {seconds:.0f} s"
    tempo, pitch = found.mark.change.tempo, found.mark.change.pitch
    return text if tempo == pitch == 1 else f"{text}; tempo × {tempo:.2f}, pitch × {pitch:.2f}"
