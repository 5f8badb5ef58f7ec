"""Verification: credentials, watermark and receipt of a file, weighed against one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from fanstudio.audio.decode import AudioReader, open_audio
from fanstudio.audio.samples import Samples
from fanstudio.errors import AudioFileError, FanstudioError, WatermarkError
from fanstudio.export.credentials import read_credentials
from fanstudio.export.essence import essence_of
from fanstudio.export.manifest import Credentials
from fanstudio.export.watermark import Detection, detect
from fanstudio.jobs import Work
from fanstudio.platform.contract import WATERMARK_KEY, Receipt, unpack_mark
from fanstudio.platform.receipts import PublishedReceipt, peek_receipt

NO_CREDENTIALS = Credentials("none")
NO_MARK = Detection(False, None, 0.0, ())


class Verdict(StrEnum):
    """What a file is, in one word; `unknown` means that nothing was found, which proves nothing."""

    VERIFIED = "verified"
    UNTRUSTED = "untrusted"
    ALTERED = "altered"
    MARK_ONLY = "mark_only"
    CREDENTIALS_ONLY = "credentials_only"
    REVOKED = "revoked"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"


class Receipts(Protocol):
    """Where receipts are looked up: a platform's client."""

    def receipt(self, export_id: str) -> PublishedReceipt | None:
        """Return the verified receipt of an export, or None if there is none."""


@dataclass(frozen=True, slots=True)
class Verification:
    """All that was found in and about a file."""

    file: Path
    verdict: Verdict
    credentials: Credentials = NO_CREDENTIALS
    mark: Detection = NO_MARK
    export_id: str | None = None
    receipt: Receipt | None = None
    #: "online" (asked from the platform just now), "embedded" (from the file's credentials), or None.
    receipt_source: str | None = None
    #: What could not be looked at, in words.
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what `verify --json` prints for the file."""
        marked = self.mark.message and unpack_mark(self.mark.message)
        return {
            "file": str(self.file),
            "verdict": self.verdict.value,
            "credentials": asdict(self.credentials),
            "watermark": {
                "found": self.mark.found,
                "export_id": marked or None,
                "confidence": round(self.mark.confidence, 4),
                "tempo": round(self.mark.change.tempo, 3),
                "pitch": round(self.mark.change.pitch, 3),
                "spans_s": [[round(start, 2), round(end, 2)] for start, end in self.mark.spans_s],
            },
            "receipt": self.receipt.to_json() if self.receipt else None,
            "receipt_source": self.receipt_source,
            "fingerprint": "not compared",
            "notes": list(self.notes),
        }


def verify(work: Work, path: Path, anchors_pem: str, receipts: Receipts | None) -> Verification:
    """Look at a file as someone who has never seen it.

    `anchors_pem` holds the root certificates that are trusted here; `receipts` is None offline. An
    unreadable file is a verdict, not an error.

    Raises:
        Cancelled: the work was cancelled.

    """
    notes: list[str] = []
    try:
        found = read_credentials(work.part(0.0, 0.1), path, anchors_pem)
        mark = _find_mark(work.part(0.1, 0.9), path, notes, found)
    except AudioFileError as error:
        return Verification(path, Verdict.UNREADABLE, notes=(error.message,))
    marked = unpack_mark(mark.message) if mark.message else None
    export_id = found.export_id if found.export_id and found.state != "invalid" else marked
    online = _look_up(export_id, receipts, notes)
    receipt, source = _receipt(found, online)
    same_essence = _same_essence(work.part(0.9, 1.0), path, receipt)
    verdict = _weigh(found, marked, online, receipt, same_essence)
    return Verification(path, verdict, found, mark, export_id, receipt, source, tuple(notes))


def _find_mark(work: Work, path: Path, notes: list[str], found: Credentials) -> Detection:
    """Look for the mark, in a file without credentials at other speeds as well: that takes its time.

    A file whose credentials show it to be altered may also fail to decode.
    """
    try:
        with open_audio(path) as reader:
            return detect(
                work,
                _told(work, reader),
                reader.sample_rate,
                WATERMARK_KEY,
                _proves_itself,
                search_speed=found.state == "none",
            )
    except WatermarkError as error:
        notes.append(f"No watermark was looked for: {error.message}")
    except AudioFileError as error:
        if found.state == "none":
            raise
        notes.append(f"The sound cannot be read whole: {error.message}")
    return NO_MARK


def _told(work: Work, reader: AudioReader) -> Iterator[Samples]:
    """Yield a file's sound and tell how far it is."""
    done = 0
    for block in reader.blocks():
        yield block
        done += block.shape[1]
        work.report(done / max(done, reader.frames or 2 * done), "Looking for the watermark")


def _proves_itself(message: bytes) -> bool:
    return unpack_mark(message) is not None


def _look_up(export_id: str | None, receipts: Receipts | None, notes: list[str]) -> PublishedReceipt | None:
    if export_id is None:
        return None
    if receipts is None:
        notes.append("The platform was not asked.")
        return None
    try:
        published = receipts.receipt(export_id)
    except FanstudioError as error:
        notes.append(f"The platform could not be asked: {error.message}")
        return None
    if published is None:
        notes.append("The platform that was asked knows no such export.")
    return published


def _receipt(found: Credentials, online: PublishedReceipt | None) -> tuple[Receipt | None, str | None]:
    """Prefer the platform's own answer; an embedded receipt counts as far as the credentials do."""
    if online is not None:
        return online.signed.receipt, "online"
    if found.receipt and found.state in {"trusted", "valid"}:
        try:
            return peek_receipt(found.receipt), "embedded"
        except FanstudioError:
            return None, None
    return None, None


def _same_essence(work: Work, path: Path, receipt: Receipt | None) -> bool:
    if receipt is None:
        return False
    try:
        return essence_of(work, path, receipt.essence.format) == receipt.essence
    except AudioFileError:
        return False


def _weigh(
    found: Credentials,
    marked: str | None,
    online: PublishedReceipt | None,
    receipt: Receipt | None,
    same_essence: bool,
) -> Verdict:
    if found.state == "invalid":
        return Verdict.ALTERED
    named = {name for name in (found.export_id, marked, receipt.export_id if receipt else None) if name}
    if len(named) > 1:
        return Verdict.CONFLICT
    if online is not None and online.status == "revoked":
        return Verdict.REVOKED
    if found.state == "none":
        return Verdict.MARK_ONLY if marked else Verdict.UNKNOWN
    if receipt is not None and not same_essence:
        return Verdict.ALTERED
    if marked is None or receipt is None:
        return Verdict.CREDENTIALS_ONLY
    return Verdict.VERIFIED if found.state == "trusted" else Verdict.UNTRUSTED
