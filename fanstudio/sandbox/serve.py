"""Running the platform: its port, its issuer, and an end that loses nothing."""

from __future__ import annotations

import errno
import ipaddress
import json
import logging
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from fanstudio.errors import NetworkError, StorageError
from fanstudio.files import make_folder, write_whole
from fanstudio.paths import demo_dir
from fanstudio.sandbox.address import ADDRESS_FILE, noted_port
from fanstudio.sandbox.app import create_app

_GRACE_S = 5
_MOST_CONNECTIONS = 256
_KEEP_ALIVE_S = 30
_LOOPBACK_POLL_S = 1


def serve(
    data_dir: Path, host: str = "127.0.0.1", port: int = 0, on_ready: Callable[[str], object] | None = None
) -> None:
    """Serve the platform in `data_dir` until SIGTERM or SIGINT; call from the main thread of a process.

    Args:
        data_dir: its folder.
        host: the address to listen on.
        port: the port; 0 means the one it had before, or a free one at its first start, so that its
            issuer stays the same.
        on_ready: called with the issuer once requests are answered.

    Raises:
        NetworkError: the port is taken.
        StorageError: the folder cannot be used.

    """
    listener = _listen(data_dir, host, port)
    issuer = f"http://{host}:{listener.getsockname()[1]}"
    with listener:
        polled_s = _LOOPBACK_POLL_S if ipaddress.ip_address(host).is_loopback else 5
        app = create_app(data_dir, issuer, demo=demo_dir(), poll_s=polled_s)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)
        config = uvicorn.Config(
            app,
            log_level=logging.WARNING,
            access_log=False,
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=_GRACE_S,
            timeout_keep_alive=_KEEP_ALIVE_S,
        )
        _Server(config, lambda: on_ready(issuer) if on_ready else None).run([listener])
        app.state.site.store.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _listen(data_dir: Path, host: str, port: int) -> socket.socket:
    """Bind the platform's port and note it for the next start."""
    wanted = port or noted_port(data_dir, host)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere the option would let two programs share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, wanted))
    except OSError as error:
        listener.close()
        why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise NetworkError(
            f"The platform's address {host}:{wanted} {why}.", hint="End the other program, or use --port."
        ) from error
    if not port and not wanted:
        note = {"host": host, "port": listener.getsockname()[1]}
        try:
            make_folder(data_dir, private=True)
            write_whole(data_dir / ADDRESS_FILE, json.dumps(note).encode())
        except StorageError:
            listener.close()
            raise
    return listener
