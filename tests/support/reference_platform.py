"""The reference platform on a loopback port, in a thread, with a clock that tests can move."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from types import TracebackType

import uvicorn

from fanstudio.sandbox.app import create_app
from fanstudio.sandbox.deployment import Deployment

REPOSITORY = Path(__file__).resolve().parents[2]


class Clock:
    """The time, moved by `offset_s` seconds."""

    offset_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset_s


class ReferencePlatform:
    """Use as a context: `issuer` answers requests while it lasts."""

    def __init__(
        self, folder: Path, *, demo: Path | None = REPOSITORY / "assets" / "demo", poll_s: int = 1
    ) -> None:
        self.folder = folder
        self.clock = Clock()
        self._socket = socket.socket(proto=socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self.issuer = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.app = create_app(folder, self.issuer, demo=demo, clock=self.clock, poll_s=poll_s)
        config = uvicorn.Config(self.app, log_level="warning", timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    @property
    def site(self) -> Deployment:
        return self.app.state.site

    @property
    def operator_secret(self) -> str:
        return (self.folder / "keys" / "operator-secret").read_text()

    def __enter__(self) -> ReferencePlatform:
        self._thread.start()
        end = time.monotonic() + 10
        while not self._server.started:
            assert time.monotonic() < end, "the platform does not start"
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()
        self.site.store.close()
