"""Brings one large file from a server: resumed where it was left, never larger than it may be."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

from fanstudio.errors import NetworkError
from fanstudio.files import storage_error
from fanstudio.inference.read_ahead import read_ahead
from fanstudio.jobs import Work
from fanstudio.net import Http
from fanstudio.text import one_line

#: Called with the bytes of the file that are there.
Progress = Callable[[int], None]

_PEER = "server"
_ELSEWHERE = "Fetch it from another place: a mirror's address or a folder, by --from or in the settings."
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PAUSES_S = (0.5, 2.0, 5.0)
#: A connection that brought less than this counts as a failure when it breaks.
_GAIN_BYTES = 1 << 16
_POLL_S = 0.1


class _Refusal(NetworkError):
    """An answer that will not become better by asking again."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What an answer says before its bytes."""

    url: str
    status: int
    content_range: str
    announced_bytes: int | None


def fetch(work: Work, url: str, part: Path, size_bytes: int, progress: Progress) -> None:
    """Bring `url` into `part` until it has `size_bytes`; what it holds already is not asked for again.

    A connection that breaks on the way is taken up where it broke, a few times; what came stays in any
    case. Redirects are followed where they keep the scheme. Cancelling ends it within a second.

    Raises:
        NetworkError: the server cannot be reached, has no such file, or offers something else.
        StorageError: the file cannot be written.

    """
    begun = _held_bytes(part)
    failures = 0
    while (held := _held_bytes(part)) != size_bytes:
        try:
            _continue(work, url, part, held if held < size_bytes else 0, size_bytes, progress)
        except _Refusal:
            raise
        except NetworkError:
            gained = _held_bytes(part) - held
            failures = failures + 1 if gained < _GAIN_BYTES else 1
            if held + gained == begun or failures > len(_PAUSES_S):
                raise
            _pause(work, _PAUSES_S[failures - 1])


def _continue(work: Work, url: str, part: Path, held: int, size_bytes: int, progress: Progress) -> None:
    """Ask for what is missing, and write it as it comes; what came is in the file at once."""
    with closing(read_ahead(work, lambda: _answer(url, held, size_bytes))) as items:
        head = next(items)
        assert isinstance(head, _Head)
        at = _checked_start(head, held, size_bytes)
        try:
            with part.open("r+b" if part.exists() else "wb") as stream:
                stream.truncate(at)
                stream.seek(at)
                for piece in items:
                    assert isinstance(piece, bytes)
                    at += len(piece)
                    if at > size_bytes:
                        raise _other_size(head.url, "more", size_bytes)
                    stream.write(piece)
                    stream.flush()
                    progress(at)
        except OSError as error:
            raise storage_error(error, part) from error
        if at < size_bytes:
            raise NetworkError(
                f"{_host(head.url)} stopped after {at} of {size_bytes} bytes.",
                hint="Try again: what came is kept.",
            )


def _answer(url: str, held: int, size_bytes: int) -> Iterator[_Head | bytes]:
    """Yield the head of the answer to which redirects lead, then its bytes."""
    headers = {"Accept": "*/*"} | ({"Range": f"bytes={held}-"} if held else {})
    for _ in range(_MOST_REDIRECTS + 1):
        parts = _split(url)
        http = Http(f"{parts.scheme}://{parts.netloc}", peer=_PEER)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            with http.stream(path, headers=headers, max_bytes=size_bytes + _GAIN_BYTES) as answer:
                if answer.status not in _REDIRECTS:
                    ranges = answer.headers.get("content-range", "")
                    yield _Head(url, answer.status, ranges, answer.announced_bytes)
                    yield from answer.pieces
                    return
                location = answer.headers.get("location", "")
        finally:
            http.close()
        url = _redirected(url, location)
    raise _Refusal(f"{_host(url)} redirects in circles.", hint=_ELSEWHERE)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise _Refusal(f"{one_line(url, 80)} is not an address: {error}.", hint=_ELSEWHERE) from error


def _redirected(url: str, location: str) -> str:
    """Return where a redirect leads; one that leaves TLS is not followed."""
    try:
        target = urljoin(url, location)
        same = urlsplit(target).scheme == urlsplit(url).scheme
    except ValueError:
        same = False
    if not (location and same):
        raise _Refusal(
            f"{_host(url)} redirects to {one_line(location, 80) or 'nowhere'}, which is not followed.",
            hint=_ELSEWHERE,
        )
    return target


def _checked_start(head: _Head, held: int, size_bytes: int) -> int:
    """Return the byte of the file at which an answer begins, or refuse it."""
    if head.status == 206:
        match = re.fullmatch(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15}|\*)", head.content_range)
        if match is None or int(match[1]) != held:
            raise _Refusal(f"{_host(head.url)} sent another part than the one asked for.", hint=_ELSEWHERE)
        start, total = held, head.announced_bytes and head.announced_bytes + held
    elif head.status == 200:
        start, total = 0, head.announced_bytes
    elif head.status == 429 or head.status >= 500:
        raise NetworkError(f"{_host(head.url)} is busy (HTTP {head.status}).", hint="Try again later.")
    else:
        raise _Refusal(f"{_host(head.url)} does not have it (HTTP {head.status}).", hint=_ELSEWHERE)
    if total is not None and total != size_bytes:
        raise _other_size(head.url, f"{total}", size_bytes)
    return start


def _other_size(url: str, offered: str, size_bytes: int) -> _Refusal:
    return _Refusal(
        f"{_host(url)} offers another file: {offered} bytes instead of {size_bytes}.", hint=_ELSEWHERE
    )


def _held_bytes(part: Path) -> int:
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def _pause(work: Work, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        work.check()
        time.sleep(_POLL_S)


def _host(url: str) -> str:
    return one_line(urlsplit(url).netloc, 80)
