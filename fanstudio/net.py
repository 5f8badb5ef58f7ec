"""The only way to the network: JSON and files over TLS or loopback, with limits, retries and typed errors."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import ipaddress
import json
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from fanstudio.errors import NetworkError, SettingsError
from fanstudio.text import one_line

#: Headers of one attempt, made from (method, absolute URL); a DPoP proof must be new each time.
Headers = Callable[[str, str], Mapping[str, str]]

_CONNECT_S = 5.0
_ANSWER_S = 20.0
_MAX_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_ATTEMPTS = 3
_BACKOFF_S = 0.25
_LONGEST_PAUSE_S = 8.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: its status, its headers (lower-case names) and its JSON, or None if empty."""

    status: int
    headers: Mapping[str, str]
    value: Any

    @property
    def retry_after_s(self) -> float | None:
        """Return the seconds that the server asks to wait, or None."""
        text = self.headers.get("retry-after", "")
        return float(text) if re.fullmatch(r"\d{1,6}", text) else None


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that is read as it comes: its status, headers (lower-case names), length and pieces."""

    status: int
    headers: Mapping[str, str]
    announced_bytes: int | None
    pieces: Iterator[bytes]


class Http:
    """A connection to one server; safe to share between threads that do not close it."""

    def __init__(
        self,
        base_url: str,
        *,
        attempts: int = _ATTEMPTS,
        timeout_s: float = _ANSWER_S,
        max_bytes: int = _MAX_BYTES,
        pause: Callable[[float], None] = time.sleep,
        peer: str = "platform",
    ) -> None:
        """Check that the address is TLS or loopback; nothing is sent yet. `peer` names it in errors.

        Raises:
            SettingsError: the address is not one that may be talked to.

        """
        self.base_url, loopback = _checked_base(base_url, peer)
        self._peer = peer
        self.clock_offset_s = 0.0
        self._clock_told = False
        self._attempts = attempts
        self._timeout = (min(_CONNECT_S, timeout_s), timeout_s)
        self._total_s = 2 * timeout_s
        self._max_bytes = max_bytes
        self._pause = pause
        self._session = requests.Session()
        self._session.trust_env = not loopback
        self._session.auth = _unchanged

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def now(self) -> float:
        """Return the server's idea of the time, in seconds since 1970."""
        return time.time() + self.clock_offset_s

    def follow_clock(self, server_time_s: float) -> None:
        """Take the time that the server itself states, from now on before that of its `Date` headers."""
        self._clock_told = True
        self.clock_offset_s = server_time_s - time.time()

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Headers | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """Send a request and return the answer, whatever its status below 500.

        `repeatable` says that sending it twice does no harm (default: GET, HEAD, DELETE);
        such a request is tried again with growing pauses, but not where the server was too slow.

        Raises:
            NetworkError: nothing or nonsense came back, or the server has a fault.

        """
        repeatable = method in {"GET", "HEAD", "DELETE"} if repeatable is None else repeatable
        attempts = self._attempts if repeatable else 1
        for attempt in range(attempts):
            last = attempt == attempts - 1
            try:
                answer = self._exchange(method, path, json, form, headers)
            except NetworkError as error:
                if last or _is_timeout(error.__cause__):
                    raise
                self._pause(_BACKOFF_S * 2**attempt)
                continue
            pause_s = _pause_before_retry(answer, attempt)
            if pause_s is None or last:
                return self._without_fault(answer)
            self._pause(pause_s)
        raise AssertionError("attempts is at least 1")

    def fetch(
        self, path: str, sink: Callable[[bytes, int | None], None], *, headers: Headers | None, max_bytes: int
    ) -> Answer:
        """Get a large file: `sink(piece, announced bytes or None)` is called for each piece of a 200 answer.

        Any other answer is returned as `send` returns it. Not tried again.

        Raises:
            NetworkError: the answer stopped early, is too large, or never came.

        """
        with self._open("GET", path, None, None, headers) as response:
            if response.status_code != 200:
                return self._without_fault(self._read(response))
            announced = _announced_bytes(response)
            for piece in self._pieces(response, max_bytes, total_s=None):
                sink(piece, announced)
            return Answer(200, _lower(response), None)

    @contextlib.contextmanager
    def stream(
        self, path: str, *, headers: Mapping[str, str] | None = None, max_bytes: int
    ) -> Iterator[Stream]:
        """Get an answer of any status and size, read as it comes. Not tried again, no redirect followed.

        Reading its pieces raises NetworkError where it stops early or is larger than `max_bytes`.

        Raises:
            NetworkError: no answer came.

        """
        with self._open("GET", path, None, None, lambda _method, _url: headers or {}) as response:
            pieces = self._pieces(response, max_bytes, total_s=None)
            yield Stream(response.status_code, _lower(response), _announced_bytes(response), pieces)

    def _exchange(
        self, method: str, path: str, body: Any, form: Mapping[str, str] | None, headers: Headers | None
    ) -> Answer:
        with self._open(method, path, body, form, headers) as response:
            return self._read(response)

    def _open(
        self, method: str, path: str, body: Any, form: Mapping[str, str] | None, headers: Headers | None
    ) -> requests.Response:
        url = self.base_url + path
        sent = {
            "Accept": "application/json, application/problem+json, */*;q=0.1",
            "Accept-Encoding": "identity",
        }
        sent |= headers(method, url) if headers else {}
        try:
            response = self._session.request(
                method,
                url,
                json=body,
                data=form,
                headers=sent,
                timeout=self._timeout,
                stream=True,
                allow_redirects=False,
            )
        except (requests.RequestException, OSError, ValueError) as error:
            self._unreachable(error)
        self._note_clock(response)
        return response

    def _note_clock(self, response: requests.Response) -> None:
        parsed = email.utils.parsedate_tz(response.headers.get("Date", ""))
        if parsed is None or self._clock_told:
            return
        try:
            theirs = email.utils.mktime_tz(parsed) + 0.5
        except (ValueError, OverflowError):
            return
        offset = theirs - time.time()
        self.clock_offset_s = offset if abs(offset) > 2 else 0.0

    def _read(self, response: requests.Response) -> Answer:
        body = b"".join(self._pieces(response, self._max_bytes, total_s=self._total_s))
        headers = _lower(response)
        status = response.status_code
        if 300 <= status < 400:
            self._nonsense("a redirect")
        if not body:
            return Answer(status, headers, None)
        media = headers.get("content-type", "").split(";")[0].strip().lower()
        if media != "application/json" and not media.endswith("+json"):
            if status >= 500:
                return Answer(status, headers, None)
            self._nonsense(f"{media or 'an unnamed format'} where JSON was expected")
        try:
            return Answer(status, headers, parse_json(body))
        except ValueError as error:
            self._nonsense(f"JSON that cannot be read: {error}")

    def _pieces(self, response: requests.Response, max_bytes: int, total_s: float | None) -> Iterator[bytes]:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            self._nonsense("a compressed answer that was not asked for")
        end = None if total_s is None else time.monotonic() + total_s
        got = 0
        for piece in self._read_pieces(response):
            got += len(piece)
            if got > max_bytes:
                self._nonsense(f"more than {max_bytes} bytes")
            if end is not None and time.monotonic() > end:
                self._unreachable(TimeoutError())
            yield piece
        announced = _announced_bytes(response)
        if announced is not None and got != announced and response.request.method != "HEAD":
            self._nonsense("an answer that stops early")

    def _read_pieces(self, response: requests.Response) -> Iterator[bytes]:
        """Yield what has come, without waiting for a piece to be full as `iter_content` does."""
        try:
            while piece := response.raw.read1(_CHUNK_BYTES):
                yield piece
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            self._unreachable(error)

    def _unreachable(self, error: Exception) -> NoReturn:
        raise NetworkError(
            f"The {self._peer} at {self.base_url} cannot be reached: {_why(error)}.",
            hint="Check the connection and try again; nothing is lost.",
        ) from error

    def _nonsense(self, what: str) -> NoReturn:
        raise NetworkError(
            f"The {self._peer} at {self.base_url} answered with {what}.",
            hint=f"Check the {self._peer}'s address.",
        )

    def _without_fault(self, answer: Answer) -> Answer:
        if answer.status < 500:
            return answer
        raise NetworkError(
            f"The {self._peer} at {self.base_url} has a fault of its own (HTTP {answer.status}).",
            hint="Try again later; nothing is lost.",
        )


def parse_json(data: bytes | str) -> Any:
    """Parse strict JSON: UTF-8, no duplicate names, no NaN or infinity, no bottomless nesting.

    Raises:
        ValueError: it is none of that.

    """
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        return json.loads(
            text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_float=_finite
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is out of range")
    return number


def _checked_base(base_url: str, peer: str) -> tuple[str, bool]:
    refused = SettingsError(
        f"{one_line(base_url)} is not an address of a {peer}.",
        hint="Use https://HOST, or http://127.0.0.1:PORT for one on this machine.",
    )
    try:
        parts = urlsplit(base_url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise refused from None
    loopback = _is_loopback(host)
    known = parts.scheme == "https" or (parts.scheme == "http" and loopback)
    if not (known and host) or parts.username or parts.query or parts.fragment:
        raise refused
    return base_url.rstrip("/"), loopback


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from adding credentials of a .netrc file."""
    return request


def _lower(response: requests.Response) -> Mapping[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _announced_bytes(response: requests.Response) -> int | None:
    length = response.headers.get("Content-Length", "")
    return int(length) if re.fullmatch(r"\d{1,15}", length) else None


def _pause_before_retry(answer: Answer, attempt: int) -> float | None:
    """Return how long to wait before the same request may succeed, or None to leave it."""
    if answer.status not in {429, 500, 502, 503, 504}:
        return None
    asked = answer.retry_after_s
    if answer.status == 429 and asked is None:
        return None
    pause_s = _BACKOFF_S * 2**attempt if asked is None else asked
    return pause_s if pause_s <= _LONGEST_PAUSE_S else None


def _is_timeout(error: BaseException | None) -> bool:
    return isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError)


def _why(error: Exception) -> str:
    if _is_timeout(error):
        return "it did not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    text = str(error)
    if "Connection refused" in text:
        return "nothing listens there"
    if "resolve" in text or "getaddrinfo" in text:
        return "its name is not known"
    return "the connection broke"
