"""The user's own models on disk: each is put in place whole, and removed whole."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from fanstudio import paths
from fanstudio.errors import ModelError, StorageError
from fanstudio.files import desk_in, hold_lock, make_folder, storage_error, sync_file, sync_folder
from fanstudio.inference import hashing
from fanstudio.inference.manifest import MANIFEST, load
from fanstudio.jobs import Work

_BLOCK_BYTES = 1 << 20
#: What must be left over on the disk.
_SPARE_BYTES = 1 << 24
_LOCK_WAIT_S = 1.0


def shelf_folder() -> Path:
    """Return the folder of the user's models, one folder each; it need not be there."""
    return paths.data_dir() / "models"


def place_of(model_id: str) -> Path:
    """Return where the user's model of an id is, or would be."""
    return shelf_folder() / model_id


@contextlib.contextmanager
def reserved(work: Work, model_id: str) -> Iterator[None]:
    """Keep a model to oneself among processes while it is written.

    Raises:
        ModelError: another process writes it.

    """
    make_folder(shelf_folder())
    busy = ModelError(f"{model_id} is being fetched or added already.", hint="Wait for that to end.")
    with hold_lock(shelf_folder() / f".{model_id}.lock", work.check, _LOCK_WAIT_S, busy):
        yield


def is_whole(work: Work, model_id: str) -> bool:
    """Tell whether the user has a model, with a manifest in order and every hash right."""
    try:
        load(place_of(model_id)).verify(work)
    except ModelError:
        return False
    return True


def put_in_place(work: Work, folder: Path) -> Path:
    """Move a finished folder, named after its model, onto the shelf in place of what is there.

    Raises:
        ModelError: its manifest is not in order, or a hash is not the manifest's.
        StorageError: it cannot be moved.
        Cancelled: nothing was moved.

    """
    load(folder).verify(work)
    target = place_of(folder.name)
    try:
        for file in folder.iterdir():
            sync_file(file)
        with desk_in(shelf_folder()) as desk:
            if target.exists():
                target.replace(desk / "old")
            folder.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise storage_error(error, target) from error
    return target


def remove(model_id: str) -> None:
    """Remove one of the user's models.

    Raises:
        ModelError: the user has no such model.
        StorageError: it cannot be removed.

    """
    target = place_of(model_id)
    if model_id.startswith(".") or not (target / MANIFEST).is_file() or target.parent != shelf_folder():
        raise ModelError(
            f"You have added no model called {model_id!r}.",
            hint="`fanstudio models list` names them; what comes with fanstudio stays.",
        )
    try:
        with desk_in(shelf_folder()) as desk:
            target.replace(desk / "old")
    except OSError as error:
        raise storage_error(error, target) from error


def check_room(folder: Path, needed_bytes: int) -> None:
    """Raise StorageError where the disk of `folder` has less room than is needed."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise storage_error(error, folder) from error
    if free < needed_bytes + _SPARE_BYTES:
        raise StorageError(
            f"There is no room for the model: it needs {needed_bytes / 1e6:.0f} MB in {folder.parent}, "
            f"where {free / 1e6:.0f} MB are free.",
            hint="Make room and try again.",
        )


def copy_file(work: Work, source: Path, target: Path, progress: Callable[[int], None]) -> None:
    """Copy a file; `progress` is told how many bytes are there.

    Raises:
        ModelError: the source cannot be read.
        StorageError: the target cannot be written.

    """
    try:
        with source.open("rb") as stream, _written(target) as out:
            while block := stream.read(_BLOCK_BYTES):
                work.check()
                out(block)
                progress(stream.tell())
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise ModelError(f"{source} cannot be read: {reason}.") from error


@contextlib.contextmanager
def _written(target: Path) -> Iterator[Callable[[bytes], int]]:
    """Open a file for writing, whose failures are told from those of the file that is read."""

    def write(block: bytes) -> int:
        try:
            return stream.write(block)
        except OSError as error:
            raise storage_error(error, target) from error

    try:
        stream = target.open("wb", buffering=0)
    except OSError as error:
        raise storage_error(error, target) from error
    with stream:
        yield write


def hash_file(work: Work, path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal; raise ModelError where it cannot be read."""
    try:
        return hashing.hash_file(work, path)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or 'unreadable'}.") from error
