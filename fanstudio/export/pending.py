"""A claim that waits for its signature: kept on disk, because the platform signs only one for each export.

Another attempt makes another claim (they hold random numbers), which the platform refuses once it has
signed the first. So the first is written down before it is sent, and sent again after a crash.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fanstudio.errors import CredentialsError
from fanstudio.files import storage_error, sync_file, write_whole

SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class PendingClaim:
    """What was to be signed, and the random bytes that hold the signature's place in the file."""

    subject: str
    placeholder: bytes
    sig_structure: bytes
    manifest_store: bytes


def subject_of(definition: Mapping[str, Any]) -> str:
    """Return what makes two claims one export's: the SHA-256 of their definition."""
    return hashlib.sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()


def keep_claim(target: Path, claim: PendingClaim) -> None:
    """Bring the file with the placeholder, and the claim beside it, to the disk; raises StorageError."""
    fields = (claim.placeholder, claim.sig_structure, claim.manifest_store)
    value = [claim.subject, *(base64.b64encode(field).decode() for field in fields)]
    try:
        sync_file(target)
    except OSError as error:
        raise storage_error(error, target) from error
    write_whole(_beside(target), json.dumps(value).encode())


def kept_claim(target: Path, subject: str) -> PendingClaim | None:
    """Return the claim that waits beside `target`, if it is about `subject` and in the file.

    Its signature may stand there already, where only the last step was lost.
    """
    with contextlib.suppress(OSError, ValueError, TypeError):
        kept, *encoded = json.loads(_beside(target).read_bytes())
        claim = PendingClaim(kept, *(base64.b64decode(field, validate=True) for field in encoded))
        if claim.subject == subject and _holds(target, claim):
            return claim
    return None


def forget_claim(target: Path) -> None:
    """Remove what `keep_claim` wrote beside `target`."""
    with contextlib.suppress(OSError):
        _beside(target).unlink(missing_ok=True)


def place_signature(path: Path, placeholder: bytes, signature: bytes) -> None:
    """Put the signature where the placeholder stands; one that stands there already may stay.

    Raises:
        CredentialsError: it is not 64 bytes, or its place is not clear.
        StorageError: the file cannot be written.

    """
    if len(signature) != SIGNATURE_BYTES:
        raise CredentialsError("The platform's signature has the wrong length.")
    try:
        with path.open("r+b") as stream, mmap.mmap(stream.fileno(), 0) as view:
            places = [at for at in (_only(view, placeholder), _only(view, signature)) if at is not None]
            if len(places) != 1:
                raise CredentialsError("The signature's place in the file is not clear.")
            view[places[0] : places[0] + SIGNATURE_BYTES] = signature
            view.flush()
    except OSError as error:
        raise storage_error(error, path) from error


def _only(view: mmap.mmap, wanted: bytes) -> int | None:
    """Return where `wanted` stands, if it does so exactly once."""
    at = view.find(wanted)
    return at if at >= 0 and view.find(wanted, at + 1) < 0 else None


def _holds(path: Path, claim: PendingClaim) -> bool:
    """Tell whether the file has the claim's manifest store as far as the signature."""
    head, placeholder, _tail = claim.manifest_store.partition(claim.placeholder)
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return len(placeholder) == SIGNATURE_BYTES and view.find(head) >= 0


def _beside(target: Path) -> Path:
    return target.with_name(target.name + ".claim")
