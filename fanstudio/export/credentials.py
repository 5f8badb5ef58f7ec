"""Content Credentials (C2PA): written with a key that stays on the platform, and read back by anyone."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from c2pa import Builder, C2paError, C2paSigningAlg, Context, Reader, Settings, Signer

from fanstudio.errors import AudioFileError, CredentialsError, NetworkError
from fanstudio.export.layout import MEDIA_TYPES, container_of, opened
from fanstudio.export.manifest import Credentials, read_report
from fanstudio.export.padding import STORE_MARK, padding_is_empty
from fanstudio.export.pending import (
    SIGNATURE_BYTES,
    PendingClaim,
    forget_claim,
    keep_claim,
    kept_claim,
    place_signature,
    subject_of,
)
from fanstudio.export.watched import WatchedFile
from fanstudio.files import storage_error
from fanstudio.jobs import Work
from fanstudio.net import parse_json
from fanstudio.platform.client import SigningCertificates
from fanstudio.text import one_line

#: (COSE Sig_structure, manifest store) → ES256 signature, 64 bytes r‖s, by the platform.
AskPlatform = Callable[[bytes, bytes], bytes]


def sign_file(
    work: Work,
    source: Path,
    target: Path,
    definition: Mapping[str, Any],
    certificates: SigningCertificates,
    ask_platform: AskPlatform,
) -> Credentials:
    """Write `source` with Content Credentials to `target`, and return what a fresh reader finds there.

    The library signs with random bytes in the signature's place; the platform checks the claim behind
    them and returns the signature, which replaces them. The claim is kept beside `target` until then:
    when the platform is away (NetworkError) or this process dies, calling again with the same target
    sends the same claim. After any other error neither `target` nor the claim is left.

    `source` is the finished, tagged file (WAV, FLAC, MP3 or M4A), `definition` comes from
    `platform.claim.manifest_definition`; the errors of `ask_platform` pass through.

    Raises:
        CredentialsError: they cannot be written, or are not trusted when read back.
        AudioFileError: `source` is of no format that can carry them.
        StorageError: `target` cannot be written.
        Cancelled: the work was cancelled.

    """
    media_type = _media_type(source)
    try:
        work.report(0.0, "Writing Content Credentials")
        claim = _claim_for(work, source, target, media_type, definition, certificates)
        work.report(0.5, "Asking the platform to sign")
        signature = ask_platform(claim.sig_structure, claim.manifest_store)
        work.report(0.8, "Checking the Content Credentials")
        place_signature(target, claim.placeholder, signature)
        found = _check_trusted(work, target, certificates)
    except NetworkError:
        raise
    except BaseException:
        forget_claim(target)
        target.unlink(missing_ok=True)
        raise
    forget_claim(target)
    work.report(1.0)
    return found


def _claim_for(
    work: Work,
    source: Path,
    target: Path,
    media_type: str,
    definition: Mapping[str, Any],
    certificates: SigningCertificates,
) -> PendingClaim:
    """Return the claim that is kept beside `target` for this definition, or write and keep a new one."""
    subject = subject_of(definition)
    claim = kept_claim(target, subject)
    if claim is None:
        claim = _write_claim(work, subject, source, target, media_type, definition, certificates)
        keep_claim(target, claim)
    return claim


def _check_trusted(work: Work, target: Path, certificates: SigningCertificates) -> Credentials:
    found = read_credentials(work, target, certificates.anchor_pem)
    if found.state != "trusted":
        why = f": {found.problems[0]}" if found.problems else ""
        raise CredentialsError(f"The Content Credentials that were written are {found.state}{why}.")
    return found


def read_credentials(work: Work, path: Path, anchors_pem: str) -> Credentials:
    """Read and verify a file's Content Credentials with a fresh reader; nothing is fetched.

    Args:
        work: progress and cancel.
        path: any file; one that cannot carry credentials has none.
        anchors_pem: root certificates of the platforms that are trusted here; may be empty.

    Raises:
        AudioFileError: the file cannot be read.
        Cancelled: the work was cancelled.

    """
    container = container_of(path)
    if container is None:
        return Credentials("none")
    with opened(path) as stream:
        watched = WatchedFile(work, stream)
        try:
            found = _read(watched, MEDIA_TYPES[container], anchors_pem)
        except C2paError.ManifestNotFound:
            return Credentials("none")
        except (C2paError, ValueError) as error:
            if isinstance(watched.failure, OSError):
                raise AudioFileError(f"“{path.name}” cannot be read: {watched.failure.strerror}.") from error
            if watched.failure is not None:
                raise watched.failure from None
            return _unreadable(path, error)
    if found.state == "trusted" and not padding_is_empty(path):
        return replace(found, state="invalid", problems=("Something was written into the credentials.",))
    return found


def _read(watched: WatchedFile, media_type: str, anchors_pem: str) -> Credentials:
    with _context(anchors_pem) as context, Reader(media_type, watched, context=context) as reader:
        return read_report(parse_json(reader.json()), reader.get_validation_state())


def _write_claim(
    work: Work,
    subject: str,
    source: Path,
    target: Path,
    media_type: str,
    definition: Mapping[str, Any],
    certificates: SigningCertificates,
) -> PendingClaim:
    """Write `target` with random bytes for a signature, and return what they are to be replaced for."""
    placeholder = secrets.token_bytes(SIGNATURE_BYTES)
    asked: list[bytes] = []

    def keep(data: bytes) -> bytes:
        asked.append(data)
        return placeholder

    with _written(target) as written, opened(source) as read:
        streams = WatchedFile(work, read), WatchedFile(work, written)
        try:
            with (
                _context("") as context,
                Signer.from_callback(keep, C2paSigningAlg.ES256, certificates.chain_pem) as signer,
                Builder(json.dumps(definition), context) as builder,
            ):
                store = builder.sign(signer, media_type, *streams)
        except C2paError as error:
            for stream in streams:
                if stream.failure is not None:
                    raise stream.failure from None
            raise CredentialsError(
                f"The Content Credentials cannot be written: {one_line(str(error))}."
            ) from error
    if len(asked) != 1 or not store:
        raise CredentialsError("The Content Credentials cannot be written: nothing was signed.")
    return PendingClaim(subject, placeholder, asked[0], store)


@contextlib.contextmanager
def _written(target: Path) -> Iterator[Any]:
    try:
        with target.open("w+b") as stream:
            yield stream
    except OSError as error:
        raise storage_error(error, target) from error


def _context(anchors_pem: str) -> Context:
    """Return the library's settings: nothing is fetched, and only `anchors_pem` is trusted."""
    settings: dict[str, Any] = {
        "version": 1,
        "verify": {
            "verify_trust": True,
            "verify_after_sign": False,
            "remote_manifest_fetch": False,
            "ocsp_fetch": False,
        },
        "builder": {"thumbnail": {"enabled": False}},
    }
    if anchors_pem.strip():
        settings["trust"] = {"trust_anchors": anchors_pem}
    return Context(Settings.from_dict(settings))


def _media_type(path: Path) -> str:
    container = container_of(path)
    if container is None:
        raise AudioFileError(f"“{path.name}” is of a format that cannot carry Content Credentials.")
    return MEDIA_TYPES[container]


def _unreadable(path: Path, error: Exception) -> Credentials:
    """Tell a damaged file that had credentials from a damaged file that never had any."""
    with opened(path) as stream:
        tail = b""
        while piece := stream.read(1 << 20):
            if STORE_MARK in tail + piece:
                return Credentials("invalid", problems=(f"The file is damaged: {one_line(str(error))}.",))
            tail = piece[-len(STORE_MARK) :]
    return Credentials("none")
