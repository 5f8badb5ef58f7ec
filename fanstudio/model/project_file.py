"""The project folder's `session.json` and its autosave: read strictly, written whole."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fanstudio.errors import DamagedProject, FanstudioError, ProjectError
from fanstudio.files import write_whole
from fanstudio.model.codec import from_plain, to_plain
from fanstudio.model.integrity import check_session
from fanstudio.model.migrations import VERSION, migrate
from fanstudio.model.session import Session

SUFFIX = ".fanstudio"
SESSION_FILE = "session.json"
AUTOSAVE_FILE = "autosave.json"
AUDIO_FOLDER = "audio"
#: A session of 500 tracks × 2000 clips is about 200 MB; beyond it a file is not a session.
MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Opened:
    """What was read: the saved session, and a later one that autosave kept, if there is one."""

    saved: Session
    recovered: Session | None = None

    @property
    def session(self) -> Session:
        """Return the latest session."""
        return self.recovered or self.saved


def dumps(session: Session) -> bytes:
    """Return a session as the bytes of a project file; half a character becomes a question mark."""
    document = {"fanstudio": VERSION, "session": to_plain(session)}
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode(errors="replace")


def loads(data: bytes) -> Session:
    """Return the session in the bytes of a project file.

    Raises:
        DamagedProject: it is not a session, or contradicts itself.
        NewerProject: a newer fanstudio wrote it.

    """
    document = _parse(data)
    if not isinstance(document, dict) or "fanstudio" not in document:
        raise DamagedProject("This is not a fanstudio project.")
    session = from_plain(Session, migrate(document["fanstudio"], document.get("session")))
    check_session(session)
    return session


def save(folder: Path, session: Session) -> None:
    """Write the session to the project folder; what autosave kept is then no longer needed.

    It is brought up to date first: a crash before it is gone must not offer an older session.
    """
    data = dumps(session)
    if (folder / AUTOSAVE_FILE).exists():
        write_whole(folder / AUTOSAVE_FILE, data)
    write_whole(folder / SESSION_FILE, data)
    with contextlib.suppress(OSError):
        (folder / AUTOSAVE_FILE).unlink(missing_ok=True)


def autosave(folder: Path, session: Session) -> None:
    """Keep an unsaved session beside the saved one."""
    write_whole(folder / AUTOSAVE_FILE, dumps(session))


def stamp(folder: Path) -> tuple[int, ...] | None:
    """Return what changes whenever the session is written; None where there is none."""
    try:
        found = (folder / SESSION_FILE).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def read(folder: Path) -> Opened:
    """Read a project folder; a damaged autosave is passed over, a damaged session is not."""
    saved = loads(_read_bytes(folder / SESSION_FILE))
    recovered = _read_autosave(folder / AUTOSAVE_FILE)
    if recovered is None or recovered.id != saved.id or recovered == saved:
        return Opened(saved)
    return Opened(saved, recovered)


def _read_autosave(path: Path) -> Session | None:
    if not path.exists():
        return None
    try:
        return loads(_read_bytes(path))
    except FanstudioError:
        return None


def _read_bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DamagedProject(f"{path} is too large to be a session.")
        return path.read_bytes()
    except FileNotFoundError:
        raise ProjectError(f"{path.parent} is not a fanstudio project: it has no {path.name}.") from None
    except OSError as error:
        raise ProjectError(f"{path} cannot be read: {error.strerror}.") from error


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DamagedProject(
            "The project is damaged: its session cannot be read.",
            hint="An older copy may be in your backups; nothing was changed.",
        ) from error
