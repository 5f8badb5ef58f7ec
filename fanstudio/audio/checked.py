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
        self._wrong: set[Path] = set()
        #: How each file was when it was last noted, by name.
        self._last: dict[str, Path] = {}

    def note(self, path: Path) -> None:
        """Remember a file that was just found to be what its name says, as far as the disk lets us."""
        place = self._place(path)
        if place is not None:
            self._known.add(place)
            self._last[path.name] = place
            with contextlib.suppress(OSError):
                self._folder.mkdir(parents=True, exist_ok=True)
                place.touch()

    def holds(self, path: Path) -> bool:
        """Tell whether a file is as it was when noted."""
        place = self._place(path)
        if place is not None and place not in self._known and place.exists():
            self._known.add(place)
        if place is not None and place in self._known:
            self._last.setdefault(path.name, place)
        return place in self._known

    def note_wrong(self, path: Path) -> None:
        """Remember, for this run, that a file was just found to hold something else than its name says."""
        place = self._place(path)
        if place is not None:
            self._wrong.add(place)
            self._last[path.name] = place

    def is_wrong(self, path: Path) -> bool:
        """Tell whether a file is as it was when it was found to be wrong."""
        return self._place(path) in self._wrong

    def was_touched(self, path: Path) -> bool:
        """Tell whether a file is there and was written to since it was noted in this run."""
        place = self._place(path)
        return place is not None and self._last.get(path.name, place) != place

    def _place(self, path: Path) -> Path | None:
        try:
            found = path.stat()
        except OSError:
            return None
        return self._folder / f"{path.name}-{found.st_size}-{found.st_mtime_ns}"
