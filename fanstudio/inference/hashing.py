"""The SHA-256 of large files, in steps that a cancel is heard between."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fanstudio.jobs import Work

_BLOCK_BYTES = 1 << 20


def hash_file(work: Work, path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal; raise OSError where it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            work.check()
            digest.update(block)
    return digest.hexdigest()
