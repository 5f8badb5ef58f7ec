"""The embedded demo platform: a child process, one per user data folder, gone when its last client is.

The only importer of the reference platform. Clients hold a lease each; the server ends itself a moment
after the last lease is gone, under the same lock under which a client looks whether it still runs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from fanstudio.errors import FanstudioError, NetworkError, StorageError
from fanstudio.files import disk_is_full, hold_lock, make_folder, storage_error, try_lock
from fanstudio.jobs import Work
from fanstudio.net import Http
from fanstudio.paths import data_dir
from fanstudio.platform.account import approve_device
from fanstudio.platform.signin import DevicePrompt
from fanstudio.sandbox.address import noted_port
from fanstudio.studio.lease import Lease, anyone_holds

HOST = "127.0.0.1"
DEMO_FAN = "demo-fan"
_STARTED_WITHIN_S = 30.0
_POLL_S = 0.1
_IDLE_S = 2.0
#: How a command line says why it fails.
_SAID = "fanstudio: "


@dataclass(frozen=True)
class EmbeddedPlatform:
    """The running platform: its address and the lease that keeps it running."""

    url: str
    folder: Path
    lease: Lease

    def approve(self, http: Http, prompt: DevicePrompt) -> None:
        """Approve a sign-in by code as the operator, whose secret lies in the platform's folder."""
        secret = _read_text(self.folder / "keys" / "operator-secret")
        approve_device(http, prompt.user_code, secret, user=DEMO_FAN)


def platform_folder() -> Path:
    """Return the folder of the embedded platform's database and keys."""
    folder = data_dir() / "platform"
    make_folder(folder, private=True)
    return folder


def ensure_running(work: Work) -> EmbeddedPlatform:
    """Return the embedded platform, started if it does not run yet.

    Raises:
        NetworkError: it did not start; its log says why.
        Cancelled: the work was cancelled.

    """
    folder = platform_folder()
    lease = Lease(folder / "clients")
    try:
        busy = NetworkError("Another fanstudio is starting the demo platform and does not finish.")
        with hold_lock(folder / "start.lock", work.check, _STARTED_WITHIN_S, busy):
            url = _running(folder) or _start(work, folder)
    except BaseException:
        lease.release()
        raise
    return EmbeddedPlatform(url, folder, lease)


def serve(folder: Path, port: int, on_ready: Callable[[str], object], *, embedded: bool = False) -> None:
    """Run the reference platform in this process until it is told to stop.

    An embedded one also ends when no client holds a lease any more.

    Raises:
        NetworkError: the port is taken.
        StorageError: the folder cannot be used.

    """
    if embedded:
        threading.Thread(target=_stop_when_idle, args=(folder,), daemon=True).start()
    from fanstudio.sandbox import serve as sandbox

    sandbox.serve(folder, HOST, port, on_ready)


def check_ledger(folder: Path) -> tuple[int, int, tuple[str, ...]]:
    """Replay the ledger of the platform in `folder`: transactions, postings, and a line for each fault.

    Raises:
        StorageError: there is no platform in that folder, or its database cannot be read.

    """
    from fanstudio.sandbox import ledger
    from fanstudio.sandbox.app import DATABASE
    from fanstudio.sandbox.store import Store

    if not (folder / DATABASE).is_file():
        raise StorageError(f"There is no platform in {folder}.")
    store = Store(folder / DATABASE)
    try:
        found = ledger.check(store)
    finally:
        store.close()
    return found.transactions, found.postings, found.faults


def _stop_when_idle(folder: Path) -> None:
    """End this process, with the start lock held so that nobody takes the dying server for a living one.

    A server whose folder was removed has no clients any more, and ends as well.
    """
    idle_since: float | None = None
    while True:
        time.sleep(_IDLE_S / 4)
        if anyone_holds(folder / "clients"):
            idle_since = None
            continue
        idle_since = idle_since or time.monotonic()
        if time.monotonic() - idle_since < _IDLE_S:
            continue
        try:
            with (folder / "start.lock").open("ab") as stream:
                if try_lock(stream) and not anyone_holds(folder / "clients"):
                    _end_process()
        except FileNotFoundError:
            _end_process()


def _end_process() -> NoReturn:
    os.kill(os.getpid(), signal.SIGTERM)
    while True:
        time.sleep(_IDLE_S)


def _running(folder: Path) -> str | None:
    """Return the address of this folder's platform if it runs."""
    port = noted_port(folder, HOST)
    url = f"http://{HOST}:{port}"
    return url if port and _answers(url) else None


def _answers(url: str) -> bool:
    http = Http(url, attempts=1, timeout_s=5.0)
    try:
        answer = http.send("GET", "/v1/health")
    except NetworkError:
        return False
    finally:
        http.close()
    value = answer.value if isinstance(answer.value, dict) else {}
    if value.get("issuer") != url:
        raise NetworkError(
            f"Another program uses the address of the demo platform, {url}.",
            hint="Close that program, or set FANSTUDIO_HOME to another folder.",
        )
    return True


def _start(work: Work, folder: Path) -> str:
    work.report(0.0, "Starting the embedded demo platform")
    command = [sys.executable, "-m", "fanstudio", "platform", "serve", "--embedded", "--folder", str(folder)]
    try:
        with (folder / "server.log").open("ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
    except OSError as error:
        raise storage_error(error, folder / "server.log") from error
    threading.Thread(target=process.wait, name="embedded platform", daemon=True).start()
    end = time.monotonic() + _STARTED_WITHIN_S
    while (url := _running(folder)) is None:
        work.check()
        if process.returncode is not None or time.monotonic() > end:
            raise _not_started(folder)
        time.sleep(_POLL_S)
    return url


def _not_started(folder: Path) -> FanstudioError:
    log = folder / "server.log"
    if disk_is_full(log):
        return StorageError(
            "The disk is full: the demo platform cannot start.", hint=f"Make room on the disk of {folder}."
        )
    with contextlib.suppress(OSError):
        *_others, line, hint = ["", "", *log.read_text(errors="replace").splitlines()[-2:]]
        for said in (hint, line):
            if said.startswith(_SAID):
                return NetworkError(
                    f"The demo platform did not start: {said.removeprefix(_SAID)}",
                    hint=hint.strip() if said is line else "",
                )
    return NetworkError("The embedded demo platform did not start.", hint=f"Its log is {log}.")


def _read_text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}.") from error
