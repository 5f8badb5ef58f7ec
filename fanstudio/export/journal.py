"""The journal of exports under way: what is durable before the next step, so that a crash resumes.

One file an export, written whole before the step that it announces. A step that is found done is not
done again: the idempotency key brings the same permit, the rendered file is used as it is.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fanstudio.errors import FanstudioError, StorageError
from fanstudio.files import make_folder, storage_error, try_lock, write_whole
from fanstudio.model.codec import from_plain, to_plain

_KEPT_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished `.part` file: whose mark it carries, and what the receipt will say of it."""

    export_id: str
    essence_sha256: str
    pcm_sha256: str | None
    sample_rate: int
    length_frames: int
    loudness_lufs: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One export: its idempotency key, what it is for, and how far it came; `fan` is their `sub`."""

    key: str
    issuer: str
    fan: str
    project_digest: str
    target: str
    title: str
    rendered: Rendered | None = None


class Journal:
    """The entries in one folder."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which is made if it is missing."""
        self._folder = folder
        make_folder(folder, private=True)

    @contextlib.contextmanager
    def hold(self, target: Path) -> Iterator[None]:
        """Keep every other export off a target, in this process and in others.

        Raises:
            StorageError: another export is writing there.

        """
        path = self._folder / f"{_digest(str(target.resolve()))}.lock"
        try:
            lock = _locked(path)
        except OSError as error:
            raise storage_error(error, path) from error
        if lock is None:
            raise StorageError(
                f"Another export is writing {target}.", hint="Wait for it, or choose another name."
            )
        with lock:
            try:
                yield
            finally:
                with contextlib.suppress(OSError):
                    path.unlink()

    def begin(self, issuer: str, fan: str, project_digest: str, target: Path, title: str) -> Entry:
        """Return the entry of the same export that is under way, or write a new one."""
        fresh = Entry(secrets.token_urlsafe(24), issuer, fan, project_digest, str(target.resolve()), title)
        path = self._path(fresh)
        known = _read(path)
        if known is not None and dataclasses.replace(fresh, key=known.key, rendered=known.rendered) == known:
            return known
        self._write(fresh)
        return fresh

    def note_rendered(self, entry: Entry, rendered: Rendered) -> Entry:
        """Write that the `.part` file is whole and on the disk."""
        entry = dataclasses.replace(entry, rendered=rendered)
        self._write(entry)
        return entry

    def forget(self, entry: Entry) -> None:
        """Remove the entry of an export that is done or given up."""
        with contextlib.suppress(OSError):
            self._path(entry).unlink(missing_ok=True)

    def overdue(self) -> tuple[Entry, ...]:
        """Return the entries that nobody took up for a week; damaged ones that old are removed."""
        found = []
        for path in self._folder.glob("*.json"):
            if _age_s(path) < _KEPT_S:
                continue
            entry = _read(path)
            if entry is None:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
            else:
                found.append(entry)
        return tuple(found)

    def _write(self, entry: Entry) -> None:
        write_whole(self._path(entry), json.dumps(to_plain(entry)).encode())

    def _path(self, entry: Entry) -> Path:
        """Name the file by what makes two exports the same: platform, fan, content, target and title."""
        parts = (entry.issuer, entry.fan, entry.project_digest, entry.target, entry.title)
        return self._folder / f"{_digest(repr(parts))}.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:32]


def _age_s(path: Path) -> float:
    with contextlib.suppress(OSError):
        return time.time() - path.stat().st_mtime
    return 0.0


def _locked(path: Path) -> IO[bytes] | None:
    """Return a lock file open and locked, or None where another holds it; its holder removes it."""
    while True:
        with contextlib.ExitStack() as unless_kept:
            stream = unless_kept.enter_context(path.open("ab"))
            if not try_lock(stream):
                return None
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(stream.fileno()), path.stat()):
                    unless_kept.pop_all()
                    return stream


def _read(path: Path) -> Entry | None:
    """Return an entry as it was written; a damaged one is none."""
    try:
        return from_plain(Entry, json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError, FanstudioError):
        return None
