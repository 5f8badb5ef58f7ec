"""The pool's own files, `<sha256><suffix>` in a project's folder: what cannot be derived again."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fanstudio.audio.checked import CheckedFiles
from fanstudio.audio.digest import copy_hashed, hash_file
from fanstudio.errors import AudioFileError
from fanstudio.files import make_folder, storage_error, sync_file, sync_folder
from fanstudio.jobs import Work
from fanstudio.model.session import Source, new_id

PART = ".part-"
_NAME = re.compile(r"[0-9a-f]{64}(\.[a-z0-9]{1,8})?")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One of the pool's files."""

    path: Path
    size_bytes: int

    @property
    def source_id(self) -> str:
        """Return the hash that its name says."""
        return self.path.name[:64]


class Originals:
    """Files by their hash, which is compared whenever one was touched."""

    def __init__(self, folder: Path, checked: CheckedFiles) -> None:
        """Keep files in `folder`, which is made when first written to."""
        self.folder = folder
        self._checked = checked
        #: What was brought in here, even if it was there before.
        self._taken: set[Path] = set()
        #: What was not there before, and how often it was brought in since.
        self._new: Counter[Path] = Counter()
        self._removing = threading.Lock()

    def path(self, source: Source) -> Path:
        """Return where a source's file lies."""
        return self.folder / f"{source.id}{source.suffix}"

    def part(self) -> Path:
        """Return a path beside the files for one that is to become one of them."""
        make_folder(self.folder)
        return self.folder / f"{PART}{new_id()}.wav"

    @contextlib.contextmanager
    def desk(self) -> Iterator[Path]:
        """Yield a folder beside the files that is gone afterwards."""
        desk = self.folder / f"{PART}{new_id()}"
        make_folder(desk)
        try:
            yield desk
        finally:
            shutil.rmtree(desk, ignore_errors=True)

    def settle(self, path: Path, name: str) -> None:
        """Give a finished, hashed file its place; it may keep its own for a while, as a link."""
        target = self.folder / name
        with self._removing:
            self._taken.add(target)
            if target in self._new or not target.exists():
                self._new[target] += 1
        try:
            sync_file(path)
            self._take_place(path, target)
            self._checked.note(target)
            sync_folder(self.folder)
        except OSError as error:
            raise storage_error(error, target) from error

    def _take_place(self, path: Path, target: Path) -> None:
        """Put a file where one of the same content may be: on Windows, one that is open stays."""
        try:
            os.link(path, target)
        except OSError:
            try:
                path.replace(target)
            except PermissionError:
                if not self._checked.holds(target):
                    raise

    def older_files(self) -> Iterator[StoredFile]:
        """Yield the files named by a hash that were not brought in here; what else lies there is not ours."""
        for path in self.folder.glob("*"):
            if _NAME.fullmatch(path.name) and path not in self._taken:
                with contextlib.suppress(OSError):
                    found = path.lstat()
                    if stat.S_ISREG(found.st_mode):
                        yield StoredFile(path, found.st_size)

    def remove(self, file: StoredFile) -> bool:
        """Remove an older file unless it was brought in again since; tell whether this removed it.

        Raises:
            StorageError: the folder cannot be written.

        """
        with self._removing:
            if file.path in self._taken:
                return False
            try:
                file.path.unlink()
            except FileNotFoundError:
                return False
            except OSError as error:
                raise storage_error(error, file.path) from error
        return True

    def drop(self, source: Source) -> None:
        """Take back what was brought in here, once and by nobody else; what was there before stays."""
        path = self.path(source)
        with self._removing:
            if self._new[path] == 1:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
                    self._taken.discard(path)
                    del self._new[path]

    def check(self, source: Source) -> None:
        """Raise AudioFileError where a source's file is missing."""
        if not self.path(source).is_file():
            raise AudioFileError(
                f"The audio file of “{source.name}” is missing.",
                hint="Put it back into the project, or import it again.",
            )

    def is_checked(self, source: Source) -> bool:
        """Tell whether a source's file was compared with its hash and not touched since."""
        return self._checked.holds(self.path(source))

    def is_wrong(self, source: Source) -> bool:
        """Tell whether a source's file was found to hold something else."""
        return self._checked.is_wrong(self.path(source))

    def was_touched(self, source: Source) -> bool:
        """Tell whether a source's file was written to since it was compared in this run."""
        return self._checked.was_touched(self.path(source))

    def verify(self, work: Work, source: Source) -> None:
        """Compare a source's file with its hash; raise AudioFileError where it is missing or was changed."""
        self.check(source)
        stored = self.path(source)
        if hash_file(work, stored) != source.id:
            self._checked.note_wrong(stored)
            raise changed(source)
        self._checked.note(stored)

    def restore(self, work: Work, source: Source, path: Path) -> None:
        """Take a copy of `path` as a source's file; raises as `Pool.restore` does."""
        with self.desk() as desk:
            copy = desk / f"{source.id}{source.suffix}"
            if copy_hashed(work, path, copy) != source.id:
                raise changed(source)
            self.settle(copy, copy.name)


def changed(source: Source) -> AudioFileError:
    """Return the error that a source's file holds something else than it did."""
    return AudioFileError(
        f"The audio file of “{source.name}” was changed.",
        hint="Import it again, or restore it from a backup.",
    )
