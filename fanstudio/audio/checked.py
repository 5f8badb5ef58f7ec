"""Which of the pool's files were compared with their hash, and have not been touched since."""

from __future__ import annotations

import contextlib
from pathlib import Path


class CheckedFiles:
    """Remembers files by name, size and time: who writes to one undoes that, who moves or copies it does not.

    A pool's file is named by its hash, so that any of that name was to hold the same.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the memory in `folder`, which is made when first written to."""
        self._folder = folder
        self._known: set[Path] = set()

    def note(self, path: Path) -> None:
        """Remember a file that was just found to be what its name says, as far as the disk lets us."""
        place = self._place(path)
        if place is not None:
            self._known.add(place)
            with contextlib.suppress(OSError):
                self._folder.mkdir(parents=True, exist_ok=True)
                place.touch()

    def holds(self, path: Path) -> bool:
        """Tell whether a file is as it was when noted."""
        place = self._place(path)
        if place is not None and place not in self._known and place.exists():
            self._known.add(place)
        return place in self._known

    def _place(self, path: Path) -> Path | None:
        try:
            found = path.stat()
        except OSError:
            return None
        return self._folder / f"{path.name}-{found.st_size}-{found.st_mtime_ns}"
