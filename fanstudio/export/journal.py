"""The journal of exports under way: what is durable before the next step, so that a crash resumes.

One file an export, written whole before the step that it announces. A step that is found done is not
done again: the idempotency key brings the same permit, the rendered file is used as it is.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fanstudio.files import storage_error, write_whole


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished `.part` file: what the receipt will say of it."""

    essence_sha256: str
    pcm_sha256: str | None
    sample_rate: int
    length_frames: int
    loudness_lufs: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One export: its idempotency key, what it is for, and how far it came."""

    key: str
    issuer: str
    project_digest: str
    target: str
    title: str
    rendered: Rendered | None = None


class Journal:
    """The entries in one folder."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which is made if it is missing."""
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise storage_error(error, folder) from error

    def begin(self, issuer: str, project_digest: str, target: Path, title: str) -> Entry:
        """Return the entry of the same export that is under way, or write a new one."""
        fresh = Entry(secrets.token_urlsafe(24), issuer, project_digest, str(target.resolve()), title)
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

    def _write(self, entry: Entry) -> None:
        write_whole(self._path(entry), json.dumps(dataclasses.asdict(entry)).encode())

    def _path(self, entry: Entry) -> Path:
        """Name the file by what makes two exports the same: platform, content, target and title."""
        parts = (entry.issuer, entry.project_digest, entry.target, entry.title)
        return self._folder / f"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}.json"


def _read(path: Path) -> Entry | None:
    try:
        return _entry(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _entry(value: Any) -> Entry:
    rendered = None if value["rendered"] is None else Rendered(**value["rendered"])
    return Entry(**{**value, "rendered": rendered})
