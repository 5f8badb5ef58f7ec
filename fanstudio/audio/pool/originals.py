"""The pool's own files, `<sha256><suffix>` in a project's folder: what cannot be derived again."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from fanstudio.audio.checked import CheckedFiles
from fanstudio.audio.digest import copy_hashed, hash_file
from fanstudio.errors import AudioFileError
from fanstudio.files import make_folder, storage_error, sync_file, sync_folder
from fanstudio.jobs import Work
from fanstudio.model.session import Source, new_id

PART = ".part-"


class Originals:
    """Files by their hash, which is compared whenever one was touched."""

    def __init__(self, folder: Path, checked: CheckedFiles) -> None:
        """Keep files in `folder`, which is made when first written to."""
        self.folder = folder
        self._checked = checked

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
        """Give a finished, hashed file its place; it may keep its own for a while, as a link.

        Where a file of the same content is there already, that one stays: it may be open, and then
        nothing could take its place on Windows.
        """
        target = self.folder / name
        if self._checked.holds(target):
            return
        try:
            sync_file(path)
            try:
                os.link(path, target)
            except OSError:
                path.replace(target)
            self._checked.note(target)
            sync_folder(self.folder)
        except OSError as error:
            raise storage_error(error, target) from error

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
