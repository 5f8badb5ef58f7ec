"""Which files were compared with their hash, and have not been touched since."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path


class CheckedFiles:
    """Remembers files by place, size and time; who writes to one, or moves it, undoes that."""

    def __init__(self, folder: Path) -> None:
        """Keep the memory in `folder`, which is made when first written to."""
        self._folder = folder
        self._known: dict[Path, str] = {}

    def note(self, path: Path) -> None:
        """Remember a file that was just found to be what its name says, as far as the disk lets us."""
        stamp = self._known[path] = _stamp(path)
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._place(path).write_text(stamp)

    def holds(self, path: Path) -> bool:
        """Tell whether a file is as it was when noted."""
        stamp = _stamp(path)
        if stamp and path not in self._known:
            self._known[path] = self._stored(path)
        return bool(stamp) and self._known[path] == stamp

    def _stored(self, path: Path) -> str:
        try:
            return self._place(path).read_text()
        except (OSError, ValueError):
            return ""

    def _place(self, path: Path) -> Path:
        return self._folder / hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:32]


def _stamp(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"
