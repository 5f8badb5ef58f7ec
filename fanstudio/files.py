"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from fanstudio.errors import FanstudioError, StorageError

_LOCK_POLL_S = 0.05

_DESK = ".fanstudio-"
_LOCK = "in-use"
_OPEN_FILES = 65_536
_NEARLY_FULL_BYTES = 1 << 16
#: What a lock that another holds is called, by flock and by Windows.
_BUSY = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK})


def storage_error(error: OSError, path: Path) -> StorageError:
    """Turn an OSError met while writing `path` into the one sentence a user can act on."""
    shown = _shown(path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(f"The disk is full: {shown} was not written.", hint="Make room and try again.")
    reason = error.strerror or str(error)
    return StorageError(f"{shown} cannot be written: {reason}.", hint="Choose another folder.")


def make_folder(folder: Path, *, private: bool = False) -> None:
    """Make a folder and those above it where they are missing, `private` for this user alone.

    Raises:
        StorageError: it cannot be made.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
    except OSError as error:
        raise storage_error(error, folder) from error


def c_name(path: Path) -> str | bytes:
    """Return a path as a C library takes it: in bytes where names need not be text."""
    return str(path) if sys.platform == "win32" else os.fsencode(path)


def disk_is_full(path: Path) -> bool:
    """Tell whether the disk of a file has no room left, for libraries that do not say why they failed."""
    try:
        return shutil.disk_usage(path.parent).free < _NEARLY_FULL_BYTES
    except OSError:
        return False


def _shown(path: Path) -> Path:
    """Return what a half-written file is going to be, or the folder it is made for: what a user knows."""
    for folder in reversed((path, *path.parents)):
        if folder.name.startswith((_DESK, ".part-")):
            return folder.parent
    return path.with_name(path.name.removesuffix(".part").removesuffix(".signed"))


@contextlib.contextmanager
def part_file(path: Path) -> Iterator[Path]:
    """Yield `path` + ".part" to write to; on success fsync and rename it, else remove it.

    Raises:
        StorageError: the disk is full, read-only or gone.

    """
    part = path.with_name(path.name + ".part")
    try:
        yield part
        sync_file(part)
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise storage_error(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def own_part(path: Path) -> Iterator[Path]:
    """Yield a path that no other writer has, renamed to `path` on success; else what begins with it goes.

    For what can be made again: it is not brought to the disk at once, and one that is there and open, which
    Windows lets nobody replace, stays. The folder is made if it is missing.

    Raises:
        StorageError: the disk is full, read-only or gone.

    """
    make_folder(path.parent)
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        yield part
        _take_place(part, path)
    except OSError as error:
        raise storage_error(error, path.parent) from error
    finally:
        for left in path.parent.glob(f"{part.name}*"):
            left.unlink(missing_ok=True)


def _take_place(part: Path, path: Path) -> None:
    try:
        part.replace(path)
    except PermissionError:
        if not path.exists():
            raise


def write_whole(path: Path, data: bytes) -> None:
    """Write a small file so that it is there whole or not at all."""
    with part_file(path) as part:
        part.write_bytes(data)


@contextlib.contextmanager
def desk_in(folder: Path) -> Iterator[Path]:
    """Yield a folder of one's own in `folder` for half-written files; gone afterwards.

    Desks that a crash left there go as well, where the file system has locks to tell them by. `folder` is
    made if it is missing, and removed again if it is still empty then.

    Raises:
        StorageError: the disk is full or read-only.

    """
    fresh = not folder.exists()
    desk = folder / f"{_DESK}{secrets.token_hex(6)}"
    try:
        desk.mkdir(parents=True)
        lock = (desk / _LOCK).open("wb")
    except OSError as error:
        with contextlib.suppress(OSError):
            desk.rmdir()
        raise storage_error(error, folder) from error
    with lock:
        with contextlib.suppress(StorageError):
            try_lock(lock)
        try:
            for left in folder.glob(f"{_DESK}*"):
                _remove_abandoned(left)
            yield desk
        finally:
            lock.close()
            shutil.rmtree(desk, ignore_errors=True)
            if fresh:
                with contextlib.suppress(OSError):
                    folder.rmdir()


def _remove_abandoned(desk: Path) -> None:
    with contextlib.suppress(OSError, StorageError):
        with (desk / _LOCK).open("rb") as lock:
            abandoned = try_lock(lock)
        if abandoned:
            shutil.rmtree(desk, ignore_errors=True)


def sync_file(path: Path) -> None:
    """Bring a file's bytes to the disk."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk, where the system can."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def try_lock(stream: IO[bytes]) -> bool:
    """Lock an open file among processes if nobody holds it; the system frees it with the stream.

    Raises:
        StorageError: the file system knows no locks, as some network drives do not.

    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _BUSY:
            return False
        raise StorageError(
            f"{stream.name} cannot be locked: {error.strerror or error}.",
            hint="Keep fanstudio's folders on a drive of this machine.",
        ) from error
    return True


@contextlib.contextmanager
def hold_lock(
    path: Path, check: Callable[[], object], seconds: float, busy: FanstudioError
) -> Iterator[None]:
    """Hold `path` locked among processes; `check` is called while waiting and may raise.

    Raises:
        FanstudioError: `busy`, where another process holds it for longer than `seconds`.
        StorageError: the file cannot be opened or locked.

    """
    try:
        stream = path.open("a+b")
    except OSError as error:
        raise storage_error(error, path) from error
    end = time.monotonic() + seconds
    with stream:
        while not try_lock(stream):
            check()
            if time.monotonic() > end:
                raise busy
            time.sleep(_LOCK_POLL_S)
        yield


def allow_many_files() -> None:
    """Let this process hold many files open, as far as the system does: a session may have 1000 sources."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
