"""The export: permission → bounce → mark → encode → tags → receipt → credentials → check → rename.

Nothing is rendered without a permit that verifies here and now, and each step is durable before the
next (see `journal`), so that a crash anywhere resumes or expires and never counts twice. What this
client checks binds honest users; what nobody can get without a finalised, permitted export is the
platform's signature.
"""

from __future__ import annotations

import contextlib
import errno
from dataclasses import dataclass
from pathlib import Path

from fanstudio import __version__
from fanstudio.audio.samples import SampleSource
from fanstudio.errors import (
    AccountError,
    AddonRequired,
    AudioFileError,
    ClockSkew,
    Conflict,
    CredentialsError,
    FanstudioError,
    NetworkError,
    SignInRequired,
    StorageError,
    Throttled,
)
from fanstudio.export import credentials, essence, tags
from fanstudio.export.bounce import write_marked
from fanstudio.export.formats import Format
from fanstudio.export.journal import Entry, Journal, Rendered
from fanstudio.export.manifest import Credentials
from fanstudio.export.pending import forget_claim
from fanstudio.export.request import project_digest
from fanstudio.files import storage_error, sync_file, sync_folder
from fanstudio.jobs import Work
from fanstudio.model.session import Session
from fanstudio.platform.claim import manifest_definition
from fanstudio.platform.client import Platform, Profile
from fanstudio.platform.contract import Essence, ExportRequest
from fanstudio.platform.permits import Granted, check_permit
from fanstudio.platform.receipts import SignedReceipt
from fanstudio.platform.usage import derive

DESTINATION = "export_file"
#: Refusals that pass, after which an export that is under way is taken up.
_PASSING = (NetworkError, SignInRequired, AddonRequired, Throttled, ClockSkew, AccountError)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be exported: a snapshot of a session, where to, as what, and by whom."""

    session: Session
    samples: SampleSource
    target: Path
    row: Format
    title: str
    loudness_lufs: float | None
    fan: Profile


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished export: the file, its receipt, and what a fresh reader found in it."""

    path: Path
    export_id: str
    receipt: SignedReceipt
    essence: Essence
    loudness_lufs: float
    credentials: Credentials


def run(work: Work, order: Order, platform: Platform, journal: Journal) -> Exported:
    """Export with the platform's permission; an export that was interrupted is taken up where it was.

    Raises:
        SignInRequired, AddonRequired, NotPermitted, Throttled: the platform refused.
        PermitError: what it sent must not be trusted.
        NetworkError: it cannot be reached; what was rendered is kept for the next try.
        Conflict: this export was finished with another file; the next try starts afresh.
        WatermarkError: too short or too quiet to be marked.
        StorageError: the target cannot be written, or another export is writing it.
        Cancelled: the work was cancelled; nothing is left and nothing is counted.

    """
    with journal.hold(order.target):
        _check_target(order.target)
        _sweep(journal)
        request = request_of(order, platform)
        entry, granted = _reserve(work, order, platform, journal, request)
        try:
            return _run(work, order, platform, journal, entry, request, granted)
        except (NetworkError, StorageError):
            raise
        except BaseException:
            _give_up(order.target, platform, journal, entry, granted.export_id)
            raise


def _reserve(
    work: Work, order: Order, platform: Platform, journal: Journal, request: ExportRequest
) -> tuple[Entry, Granted]:
    """Return a permit and the entry of its export; one that the platform gave up meanwhile starts afresh."""
    for last in (False, True):
        entry = journal.begin(
            platform.issuer, order.fan.sub, request.project_digest, order.target, order.title
        )
        try:
            work.report(0.01, "Asking for permission")
            return entry, platform.exports.reserve(request, entry.key, subject=order.fan.sub)
        except _PASSING:
            raise
        except BaseException as error:
            rendered = entry.rendered
            _give_up(order.target, platform, journal, entry, rendered.export_id if rendered else "")
            if last or not isinstance(error, Conflict):
                raise
    raise AssertionError("the loop returns or raises")


def _sweep(journal: Journal) -> None:
    """Remove what exports left behind that nobody took up again, and that nobody is at work on."""
    for entry in journal.overdue():
        target = Path(entry.target)
        with contextlib.suppress(StorageError), journal.hold(target):
            _tidy(target, journal, entry)


def _check_target(target: Path) -> None:
    """Raise StorageError where nothing can be written, before anything is asked for, rendered or counted."""
    part = _part(target)
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        with part.open("ab") as stream:
            fresh = stream.tell() == 0
        if fresh:
            part.unlink()
    except OSError as error:
        raise storage_error(error, target) from error


def request_of(order: Order, platform: Platform) -> ExportRequest:
    """Return what the platform is asked for: derived from the session, with nothing declared by hand.

    Raises:
        InputError: nothing of the session is heard.

    """
    return ExportRequest(
        title=order.title,
        destination=DESTINATION,
        territory=order.fan.territory,
        format=order.row.wire,
        project_digest=project_digest(order.session, order.row.name, order.loudness_lufs),
        device_jkt=platform.account.device_jkt,
        usage=derive(order.session),
    )


def render(
    work: Work, order: Order, request: ExportRequest, granted: Granted, platform: Platform
) -> Rendered:
    """Render, mark, encode and tag to the `.part` file beside the target; the permit is verified first.

    Raises:
        PermitError: the permit is not this platform's, for this project, this device and this moment.

    """
    now = platform.http.now()
    check_permit(granted.token, request, platform.keys, issuer=platform.issuer, now=now)
    part = _part(order.target)
    try:
        bounced = write_marked(
            work.part(0.0, 0.9),
            order.session,
            order.samples,
            part,
            order.row,
            order.loudness_lufs,
            granted.mark,
        )
        _write_tags(order, request, granted, platform)
        digest = essence.essence_of(work.part(0.9, 0.95), part, order.row.wire)
        pcm = essence.pcm_digest(work.part(0.95, 1.0), part)
        _make_durable(part)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Rendered(
        granted.export_id,
        digest.sha256,
        pcm,
        bounced.sample_rate,
        bounced.length_frames,
        bounced.loudness_lufs,
    )


def _give_up(target: Path, platform: Platform, journal: Journal, entry: Entry, export_id: str) -> None:
    """Leave nothing of an export, here or at the platform."""
    _tidy(target, journal, entry)
    if export_id:
        with contextlib.suppress(FanstudioError):
            platform.exports.abandon(export_id)


def _tidy(target: Path, journal: Journal, entry: Entry) -> None:
    """Remove what an export that is done or given up leaves behind; the entry first, which names the rest."""
    journal.forget(entry)
    forget_claim(_signed_part(target))
    for part in (_part(target), _signed_part(target)):
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _run(
    work: Work,
    order: Order,
    platform: Platform,
    journal: Journal,
    entry: Entry,
    request: ExportRequest,
    granted: Granted,
) -> Exported:
    rendered = kept = _kept(work, order, entry, granted)
    if rendered is None:
        rendered = render(work.part(0.05, 0.8), order, request, granted, platform)
        entry = journal.note_rendered(entry, rendered)
    work.report(0.8, "Getting the receipt")
    receipt = platform.exports.finalise(
        granted,
        request,
        essence=Essence(order.row.wire, rendered.essence_sha256),
        pcm_sha256=rendered.pcm_sha256,
        sample_rate=rendered.sample_rate,
        length_frames=rendered.length_frames,
        loudness_lufs=rendered.loudness_lufs,
    )
    exported = None
    if kept is not None:
        exported = _signed_before(work.part(0.8, 0.85), order, platform, granted, kept, receipt)
    if exported is None:
        exported = _publish(work.part(0.85, 1.0), order, platform, request, granted, rendered, receipt)
    _tidy(order.target, journal, entry)
    return exported


def _kept(work: Work, order: Order, entry: Entry, granted: Granted) -> Rendered | None:
    """Return what an interrupted export rendered, if its file is still what the journal says."""
    part = _part(order.target)
    if entry.rendered is None or entry.rendered.export_id != granted.export_id or not part.exists():
        return None
    with contextlib.suppress(AudioFileError):
        found = essence.essence_of(work.part(0.02, 0.05), part, order.row.wire)
        if found.sha256 == entry.rendered.essence_sha256:
            return entry.rendered
    return None


def _publish(
    work: Work,
    order: Order,
    platform: Platform,
    request: ExportRequest,
    granted: Granted,
    rendered: Rendered,
    receipt: SignedReceipt,
) -> Exported:
    """Sign, check what was written, and put it in place; the `.part` file stays until that is done.

    Where the platform is away, the claim that was sent stays as well: it signs one claim an export. For
    the same reason a signed file stays that could not be put in place.
    """
    signed = _signed_part(order.target)
    try:
        found = _sign(work.part(0.0, 0.7), order, platform, request, granted, receipt)
        written = essence.essence_of(work.part(0.7, 0.95), signed, order.row.wire)
        if written.sha256 != rendered.essence_sha256 or found.export_id != granted.export_id:
            raise CredentialsError("What was written is not what was rendered.", hint="Export again.")
        _make_durable(signed)
        _put_in_place(signed, order.target)
    except (NetworkError, StorageError):
        raise
    except BaseException:
        signed.unlink(missing_ok=True)
        raise
    return Exported(order.target, granted.export_id, receipt, written, rendered.loudness_lufs, found)


def _sign(
    work: Work,
    order: Order,
    platform: Platform,
    request: ExportRequest,
    granted: Granted,
    receipt: SignedReceipt,
) -> Credentials:
    """Write what was rendered with Content Credentials beside the target, signed by the platform."""
    definition = manifest_definition(
        request.usage,
        export_id=granted.export_id,
        receipt=receipt.token,
        title=order.title,
        media_type=order.row.media_type,
        version=__version__,
    )
    return credentials.sign_file(
        work,
        _part(order.target),
        _signed_part(order.target),
        definition,
        platform.certificates(),
        lambda structure, store: platform.exports.sign(granted.export_id, structure, store),
    )


def _signed_before(
    work: Work,
    order: Order,
    platform: Platform,
    granted: Granted,
    rendered: Rendered,
    receipt: SignedReceipt,
) -> Exported | None:
    """Return what an interrupted export had signed already, put in place; None if there is no such file.

    Signing it again would be another claim, which the platform refuses.
    """
    signed = _signed_part(order.target)
    for path in (signed, order.target):
        found = _finished(work, path, order, platform, granted, rendered)
        if found is None:
            continue
        if path is signed:
            _make_durable(signed)
            _put_in_place(signed, order.target)
        made = Essence(order.row.wire, rendered.essence_sha256)
        return Exported(order.target, granted.export_id, receipt, made, rendered.loudness_lufs, found)
    return None


def _finished(
    work: Work, path: Path, order: Order, platform: Platform, granted: Granted, rendered: Rendered
) -> Credentials | None:
    """Return the credentials of a file that is this very export, signed; None for any other."""
    if not path.is_file():
        return None
    with contextlib.suppress(AudioFileError):
        found = credentials.read_credentials(work, path, platform.certificates().anchor_pem)
        if (found.state, found.export_id) == ("trusted", granted.export_id):
            written = essence.essence_of(work, path, order.row.wire)
            return found if written.sha256 == rendered.essence_sha256 else None
    return None


def _write_tags(order: Order, request: ExportRequest, granted: Granted, platform: Platform) -> None:
    described = tags.tags_of(
        request.usage,
        title=order.title,
        artist=order.fan.name,
        export_id=granted.export_id,
        receipt_url=f"{platform.issuer}/v1/receipts/{granted.export_id}",
        version=__version__,
    )
    tags.write_tags(_part(order.target), described)


def _make_durable(path: Path) -> None:
    try:
        sync_file(path)
        sync_folder(path.parent)
    except OSError as error:
        raise storage_error(error, path) from error


def _put_in_place(signed: Path, target: Path) -> None:
    try:
        signed.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise storage_error(error, target) from error


def _part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def _signed_part(target: Path) -> Path:
    return target.with_name(target.name + ".signed.part")
