"""Leases: who still uses the embedded platform, told by locked files that die with their holder."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import IO

from fanstudio.errors import StorageError
from fanstudio.files import storage_error, try_lock

_SUFFIX = ".lease"
#: Those of this process.
_ours: set[Path] = set()


class Lease:
    """A locked file in a folder; it counts until it is released or its process is gone."""

    def __init__(self, folder: Path) -> None:
        """Take a lease in `folder`, which is made if it is missing.

        Raises:
            StorageError: it cannot be made, or the file system knows no locks.

        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            while not self._taken(folder):
                pass
        except OSError as error:
            raise storage_error(error, folder) from error

    def _taken(self, folder: Path) -> bool:
        """Make and lock a file; False where someone who looked for dead leases got in between."""
        self._path = folder / f"{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"
        self._stream: IO[bytes] | None = self._path.open("xb")
        try:
            taken = try_lock(self._stream) and self._path.exists()
        except StorageError:
            self.release()
            raise
        if not taken:
            self._stream.close()
        else:
            _ours.add(self._path)
        return taken

    def release(self) -> None:
        """Give the lease up; doing so twice is no fault."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
            _ours.discard(self._path)
            self._path.unlink(missing_ok=True)


def anyone_holds(folder: Path) -> bool:
    """Tell whether a lease in `folder` is held; those that nobody holds are removed."""
    held = [path for path in folder.glob(f"*{_SUFFIX}") if _is_held(path)]
    return bool(held)


def another_holds(folder: Path) -> bool:
    """Tell whether another process holds a lease in `folder`."""
    return any(_is_held(path) for path in folder.glob(f"*{_SUFFIX}") if path not in _ours)


def _is_held(path: Path) -> bool:
    with contextlib.suppress(OSError), path.open("rb") as stream:
        try:
            if not try_lock(stream):
                return True
        except StorageError:
            return True
        path.unlink(missing_ok=True)
    return False
