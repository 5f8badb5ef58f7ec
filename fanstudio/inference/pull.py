"""Fetches a published model: resumed, verified, and on the user's shelf whole or not at all."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fanstudio.errors import ModelError, StorageError
from fanstudio.files import make_folder, write_whole
from fanstudio.inference import shelf
from fanstudio.inference.manifest import MANIFEST, load
from fanstudio.inference.published import PublishedFile, PublishedModel
from fanstudio.inference.transfer import fetch
from fanstudio.jobs import Work

#: The share of the progress that is fetching; the rest is comparing hashes.
_FETCHING = 0.95
_TELL_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Pulled:
    """Where a model lies now; `was_there` says that nothing had to be fetched."""

    folder: Path
    was_there: bool


def pull(work: Work, model: PublishedModel, source: str = "") -> Pulled:
    """Bring a model onto the user's shelf.

    `source` is a mirror, an address or a folder, in which `ID/FILE` lies; "" takes each file from where
    it is published. What an interruption left is used; a file with another hash is thrown away. Nothing
    is put in place before every hash is right.

    Raises:
        NetworkError: the server cannot be reached or has something else.
        ModelError: a file has another hash, the user has another model of that id, or it is being
            fetched already.
        StorageError: there is no room, or the folder cannot be written.

    """
    with shelf.reserved(work, model.id):
        if is_there(work, model):
            return Pulled(shelf.place_of(model.id), True)
        desk = shelf.shelf_folder() / f".part-{model.id}"
        folder = desk / model.id
        make_folder(folder)
        shelf.check_room(desk, model.size_bytes - sum(_held_bytes(folder, file) for file in model.files))
        _bring_all(work, model, source, folder)
        write_whole(folder / MANIFEST, model.manifest)
        work.report(_FETCHING, "Comparing hashes")
        placed = shelf.put_in_place(work, folder)
        with contextlib.suppress(OSError):
            desk.rmdir()
        return Pulled(placed, False)


def is_there(work: Work, model: PublishedModel) -> bool:
    """Tell whether the user has a published model whole; raise ModelError where another has its id."""
    if not shelf.is_whole(work, model.id):
        return False
    held = {pinned.sha256 for pinned in load(shelf.place_of(model.id)).pinned}
    if held != {file.sha256 for file in model.files}:
        raise ModelError(
            f"You have another model called {model.id}.",
            hint=f"`fanstudio models remove {model.id}` first.",
        )
    return True


def _bring_all(work: Work, model: PublishedModel, source: str, folder: Path) -> None:
    pace = _Pace(work.part(0, _FETCHING), model.size_bytes)
    for file in model.files:
        whole = folder / file.name
        if not (whole.is_file() and shelf.hash_file(work, whole) == file.sha256):
            part = folder / f"{file.name}.part"
            _bring(work, file, _place(model, file, source), part, pace.tell)
            _check_hash(work, part, file)
            part.replace(whole)
        pace.finish(file.size_bytes)


def _bring(
    work: Work, file: PublishedFile, place: str | Path, part: Path, tell: Callable[[int], None]
) -> None:
    """Bring one file; what a full disk left of it goes, to give the room back."""
    try:
        if isinstance(place, Path):
            shelf.copy_file(work, place, part, tell)
        else:
            fetch(work, place, part, file.size_bytes, tell)
    except StorageError:
        part.unlink(missing_ok=True)
        raise


def _place(model: PublishedModel, file: PublishedFile, source: str) -> str | Path:
    """Return the address or the path of a file."""
    if not source:
        return file.url
    if "://" in source:
        return f"{source.rstrip('/')}/{model.id}/{file.name}"
    folder = _folder(source)
    beside = folder / file.name
    return beside if beside.is_file() else folder / model.id / file.name


def _folder(source: str) -> Path:
    try:
        return Path(source).expanduser()
    except RuntimeError as error:
        raise ModelError(f"The folder {source} cannot be found: there is no such user.") from error


def _check_hash(work: Work, part: Path, file: PublishedFile) -> None:
    if shelf.hash_file(work, part) == file.sha256:
        return
    part.unlink()
    raise ModelError(
        f"What came as {file.name} is not the published file: its SHA-256 is another. It was thrown away.",
        hint="Try again, or fetch it from another place: by --from, or in the settings.",
    )


def _held_bytes(folder: Path, file: PublishedFile) -> int:
    for path in (folder / file.name, folder / f"{file.name}.part"):
        if path.is_file():
            return min(file.size_bytes, path.stat().st_size)
    return 0


class _Pace:
    """Tells how much is there, how fast it comes and how long it will take."""

    def __init__(self, work: Work, size_bytes: int) -> None:
        self._work = work
        self._size = size_bytes
        self._before = 0
        self._first: int | None = None
        self._started = self._told = time.monotonic()

    def tell(self, held: int) -> None:
        """Report `held` bytes of the present file, about ten times a second."""
        now = time.monotonic()
        total = self._before + held
        if self._first is None:
            self._first = total
        if now - self._told >= _TELL_EVERY_S:
            self._told = now
            rate = (total - self._first) / max(now - self._started, 1e-3)
            self._work.report(total / self._size, describe_progress(total, self._size, rate))

    def finish(self, size_bytes: int) -> None:
        """Take note that a file is there."""
        self._before += size_bytes
        self._work.report(self._before / self._size)


def describe_progress(held_bytes: int, size_bytes: int, bytes_per_second: float) -> str:
    """Write `41 of 662 MB, 3.2 MB/s, 3:14 left`."""
    text = f"{held_bytes / 1e6:.0f} of {size_bytes / 1e6:.0f} MB"
    if bytes_per_second < 1:
        return text
    left = round((size_bytes - held_bytes) / bytes_per_second)
    return f"{text}, {bytes_per_second / 1e6:.1f} MB/s, {left // 60}:{left % 60:02d} left"
