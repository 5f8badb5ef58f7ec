"""Content hashes of files, and copies that are hashed on the way."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fanstudio.errors import AudioFileError
from fanstudio.files import storage_error
from fanstudio.jobs import Work

_PIECE_BYTES = 1 << 20


def hash_file(work: Work, path: Path) -> str:
    """Return a file's SHA-256, hexadecimal.

    Raises:
        AudioFileError: it cannot be read.

    """
    digest = hashlib.sha256()
    try:
        size, done = max(1, path.stat().st_size), 0
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE_BYTES):
                digest.update(piece)
                done += len(piece)
                work.report(done / size)
    except OSError as error:
        raise _unreadable(path, error) from error
    return digest.hexdigest()


def copy_hashed(work: Work, source: Path, target: Path) -> str:
    """Copy a file and return the SHA-256 of what was copied, hexadecimal.

    Raises:
        AudioFileError: the source cannot be read.
        StorageError: the target cannot be written.

    """
    digest = hashlib.sha256()
    try:
        reading = source.open("rb")
    except OSError as error:
        raise _unreadable(source, error) from error
    try:
        size, done = max(1, source.stat().st_size), 0
        with reading, target.open("wb") as writing:
            while piece := reading.read(_PIECE_BYTES):
                digest.update(piece)
                writing.write(piece)
                done += len(piece)
                work.report(done / size)
    except OSError as error:
        raise storage_error(error, target) from error
    return digest.hexdigest()


def _unreadable(path: Path, error: OSError) -> AudioFileError:
    return AudioFileError(
        f"“{path.name}” cannot be read: {error.strerror}.", hint="Check that it is still there."
    )
