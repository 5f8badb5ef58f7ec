"""The browser's way back: a listener on 127.0.0.1 that waits for one sign-in to return (RFC 8252)."""

from __future__ import annotations

import hmac
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fanstudio.errors import AccountError
from fanstudio.jobs import Work
from fanstudio.text import one_line

_POLL_S = 0.2
_REQUEST_S = 5.0

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>fanstudio</title>
<style>body{{font:18px system-ui,sans-serif;display:grid;place-content:center;min-height:90vh;
text-align:center;background:#14151a;color:#f2f2f5}}</style><h1>{title}</h1><p>{text}</p></html>
"""


class Listener:
    """A loopback address that the browser is sent back to; use as a context, bound from the start."""

    def __init__(self, state: str) -> None:
        """Bind a free port; only a return that carries `state` is answered with anything but 404."""
        try:
            self._server = _Server(state)
        except OSError as error:
            raise AccountError(
                f"No port on this machine is free for the sign-in: {error.strerror}.",
                hint="Sign in with a code instead.",
            ) from error

    def __enter__(self) -> Listener:
        """Use the listener."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close the port."""
        self._server.server_close()

    @property
    def redirect_uri(self) -> str:
        """Return the address to give to the platform."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/callback"

    def wait(self, work: Work, seconds: float) -> dict[str, str]:
        """Wait for the browser and return the query it brings.

        Raises:
            AccountError: nothing came in time.
            Cancelled: the work was cancelled.

        """
        end = time.monotonic() + seconds
        while self._server.returned is None:
            work.check()
            if time.monotonic() > end:
                raise AccountError("Nobody signed in within the time.", hint="Try again.")
            self._server.handle_request()
        return self._server.returned


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    timeout = _POLL_S
    returned: dict[str, str] | None = None

    def __init__(self, state: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = state

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """Forget a caller that broke off; the sign-in goes on waiting."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _REQUEST_S
    server_version = "fanstudio"
    sys_version = ""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items() if len(values) == 1}
        ours = parts.path == "/callback" and hmac.compare_digest(
            query.get("state", "").encode(), self.server.state.encode()
        )
        if not ours:
            self._show(404, "Not found", "There is nothing here.")
            return
        if "error" in query:
            self._show(400, "Sign-in refused", "Close this page and go back to fanstudio.")
        else:
            self._show(200, "Signed in", "Close this page and go back to fanstudio.")
        self.server.returned = {name: one_line(value, 2000) for name, value in query.items()}

    def log_message(self, *_arguments: Any) -> None:
        """Write nothing: addresses hold the code."""

    def _show(self, status: int, title: str, text: str) -> None:
        page = _PAGE.format(title=title, text=text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page)
