from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from fanstudio.errors import (
    AddonRequired,
    ClockSkew,
    Conflict,
    FanstudioError,
    NetworkError,
    NotPermitted,
    PermitExpired,
    PlatformError,
    SettingsError,
    SignInRequired,
    Throttled,
)
from fanstudio.net import Http, parse_json
from fanstudio.platform.problems import denials, expect
from fanstudio.text import one_line
from tests.support.faulty_server import answer, serving


def _http(url: str, **options: Any) -> Http:
    return Http(url, **{"timeout_s": 2.0, "pause": lambda _s: None, **options})


def _problem(status: int, kind: str, **members: Any) -> bytes:
    body = {"type": f"https://fanstudio.example/problems/{kind}", "title": "A title", **members}
    return answer(status, json.dumps(body).encode(), "application/problem+json")


@pytest.mark.parametrize(
    "url", ["https://platform.example", "http://127.0.0.1:80", "http://[::1]:8080", "http://localhost:1/"]
)
def test_tls_and_loopback_are_taken(url: str) -> None:
    assert Http(url).base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://platform.example",
        "http://10.0.0.1",
        "http://127.0.0.1.example.org",
        "https://",
        "https://fan:secret@platform.example",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "https://x:port",
        "platform.example",
        "",
    ],
)
def test_other_addresses_are_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(SettingsError):
        Http(url)


def test_json_comes_back() -> None:
    with serving(answer(200, b'{"a": [1, "\xc3\xa5"]}')) as server:
        assert expect(_http(server.url).send("POST", "/x", json={"q": 1})) == {"a": [1, "å"]}
    assert server.requests[0].startswith(b"POST /x HTTP/1.1")
    assert server.requests[0].endswith(b'{"q": 1}')


def test_an_empty_answer_is_none() -> None:
    with serving(answer(204, b"", "")) as server:
        assert expect(_http(server.url).send("DELETE", "/x")) is None


@pytest.mark.parametrize(
    "bad",
    [
        answer(200, b"<html>hello</html>", "text/html"),
        answer(200, b"{", "application/json"),
        answer(200, b'{"a": 1, "a": 2}'),
        answer(200, b'{"a": NaN}'),
        answer(200, b'{"a": 1e999}'),
        answer(200, b"\xff\xfe"),
        answer(200, b"[" * 100_000),
        answer(200, b"9" * 10_000),
        answer(302, b"", "", Location="https://elsewhere.example"),
        answer(200, b"\x1f\x8b", "application/json", Content_Encoding="gzip"),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{}",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x00" * 100,
        answer(200, b'"' + b"x" * 300_000 + b'"'),
    ],
    ids=range(14),
)
def test_nonsense_is_one_clear_line(bad: bytes) -> None:
    with serving(bad) as server, pytest.raises(NetworkError) as caught:
        _http(server.url, max_bytes=200_000).send("GET", "/x")
    assert server.url in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_nothing_listening_is_named() -> None:
    with serving(answer(200)) as server:
        pass
    with pytest.raises(NetworkError, match="nothing listens there"):
        _http(server.url).send("GET", "/x")


@pytest.mark.parametrize("script", [[5.0], [answer(200)[:-1], 5.0], [b"HTTP/1.1 200 OK\r\n", 5.0]])
def test_a_server_that_stalls_is_given_up(script: list[Any]) -> None:
    with serving(script) as server:
        with pytest.raises(NetworkError, match="did not answer in time"):
            _http(server.url, timeout_s=0.2).send("GET", "/x")
        assert len(server.requests) == 1


def test_a_server_that_drips_is_given_up() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    drips = [item for _ in range(200) for item in (b" ", 0.05)]
    with serving([head, *drips]) as server, pytest.raises(NetworkError, match="in time"):
        _http(server.url, timeout_s=0.2, attempts=1).send("GET", "/x")


@pytest.mark.parametrize("first", [[], [b"HTTP/1.1 2"], [answer(503)], [answer(500, b"oops", "text/plain")]])
def test_what_may_be_repeated_is_tried_again(first: list[bytes]) -> None:
    with serving(first, answer(200, b'"there"')) as server:
        pauses: list[float] = []
        http = _http(server.url, pause=pauses.append)
        assert http.send("POST", "/x", json={}, repeatable=True).value == "there"
    assert len(pauses) == 1


def test_what_may_not_be_repeated_is_sent_once() -> None:
    with serving([]) as server, pytest.raises(NetworkError):
        _http(server.url).send("POST", "/x", json={})
    assert len(server.requests) == 1


def test_pauses_grow_and_attempts_end() -> None:
    with serving(answer(503)) as server:
        pauses: list[float] = []
        with pytest.raises(NetworkError, match=r"fault of its own \(HTTP 503\)"):
            _http(server.url, pause=pauses.append).send("GET", "/x")
    assert len(server.requests) == 3
    assert pauses == sorted(set(pauses))
    assert len(pauses) == 2


def test_retry_after_is_obeyed_where_it_is_short() -> None:
    with serving(answer(429, Retry_After="2"), answer(200, b"1")) as server:
        pauses: list[float] = []
        assert _http(server.url, pause=pauses.append).send("GET", "/x").value == 1
    assert pauses == [2.0]


def test_retry_after_is_told_where_it_is_long() -> None:
    throttled = answer(429, b'{"title": "Slow down"}', "application/problem+json", Retry_After="3600")
    with serving(throttled) as server, pytest.raises(Throttled, match="Slow down") as caught:
        expect(_http(server.url).send("GET", "/x"))
    assert caught.value.members["retry_after_s"] == 3600
    assert len(server.requests) == 1


def test_each_attempt_gets_its_own_headers() -> None:
    count = 0

    def headers(method: str, url: str) -> Mapping[str, str]:
        nonlocal count
        count += 1
        return {"DPoP": f"{method} {url} {count}"}

    with serving(answer(503), answer(200)) as server:
        _http(server.url).send("GET", "/x", headers=headers)
    assert f"DPoP: GET {server.url}/x 1".encode() in server.requests[0]
    assert f"DPoP: GET {server.url}/x 2".encode() in server.requests[1]


@pytest.mark.parametrize(
    ("status", "kind", "class_"),
    [
        (401, "sign-in-required", SignInRequired),
        (403, "addon-required", AddonRequired),
        (403, "not-permitted", NotPermitted),
        (401, "permit-expired", PermitExpired),
        (401, "clock-skew", ClockSkew),
        (429, "quota", Throttled),
        (409, "conflict", Conflict),
        (403, "permit-invalid", PlatformError),
        (404, "not-found", PlatformError),
        (422, "claim-refused", PlatformError),
        (400, "something-new", PlatformError),
    ],
)
def test_problems_become_the_errors_they_name(status: int, kind: str, class_: type[PlatformError]) -> None:
    refusal = _problem(status, kind, detail="What happened.", extra=7)
    with serving(refusal) as server, pytest.raises(class_) as caught:
        expect(_http(server.url, attempts=1).send("POST", "/x"))
    error = caught.value
    assert type(error) is class_
    assert (error.message, error.status, error.kind) == ("What happened.", status, kind)
    assert error.members["extra"] == 7


@pytest.mark.parametrize("body", [b"[]", b"7", b'{"type": 5, "title": ["x"], "detail": null}', b"null"])
def test_a_malformed_problem_is_still_a_refusal(body: bytes) -> None:
    with serving(answer(418, body)) as server, pytest.raises(PlatformError, match="HTTP 418"):
        expect(_http(server.url).send("GET", "/x"))


def test_a_hostile_detail_becomes_one_short_line() -> None:
    refusal = _problem(403, "x", detail="a\x1b[31m\r\nb" + "c" * 5000)
    with serving(refusal) as server, pytest.raises(PlatformError) as caught:
        expect(_http(server.url).send("GET", "/x"))
    assert caught.value.message.isprintable()
    assert len(caught.value.message) <= 200


def test_denials_name_what_is_denied() -> None:
    denied = [{"title": "Song", "op": "split", "reason": "not granted"}, {"isrc": "X"}, 7]
    refusal = _problem(403, "not-permitted", denied=denied)
    with serving(refusal) as server, pytest.raises(NotPermitted) as caught:
        expect(_http(server.url).send("GET", "/x"))
    assert denials(caught.value) == ("Song: split (not granted)", "X: use")


@pytest.mark.parametrize("skew_s", [-7200, 7200])
def test_the_servers_clock_is_followed(skew_s: int) -> None:
    date = email.utils.formatdate(time.time() + skew_s, usegmt=True)
    with serving(answer(200, Date=date)) as server:
        http = _http(server.url)
        http.send("GET", "/x")
    assert abs(http.now() - time.time() - skew_s) < 2


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 31 Feb 99999999 00:00:00 GMT"])
def test_a_bad_date_changes_nothing(date: str) -> None:
    with serving(answer(200, Date=date)) as server:
        http = _http(server.url)
        http.send("GET", "/x")
    assert http.clock_offset_s == 0


def test_a_small_difference_is_no_offset() -> None:
    with serving(answer(200, Date=email.utils.formatdate(usegmt=True))) as server:
        http = _http(server.url)
        http.send("GET", "/x")
    assert http.clock_offset_s == 0


def test_loopback_ignores_proxies_and_netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login fan password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with serving(answer(200, b"1")) as server:
        assert _http(server.url).send("GET", "/x").value == 1
    assert b"uthorization" not in server.requests[0]


def test_a_file_arrives_in_pieces() -> None:
    body = bytes(range(256)) * 1000
    with serving(answer(200, body, "audio/flac")) as server:
        got: list[tuple[bytes, int | None]] = []
        sink = lambda piece, announced: got.append((piece, announced))  # noqa: E731
        assert _http(server.url).fetch("/a", sink, headers=None, max_bytes=10**6).status == 200
    assert b"".join(piece for piece, _ in got) == body
    assert {announced for _, announced in got} == {len(body)}


def test_a_file_that_is_too_large_or_short_is_refused() -> None:
    whole = answer(200, b"x" * 1000, "audio/flac")
    with serving(whole) as server, pytest.raises(NetworkError, match="more than"):
        _http(server.url).fetch("/a", lambda *_: None, headers=None, max_bytes=999)
    with serving(whole[:-1]) as server, pytest.raises(NetworkError):
        _http(server.url).fetch("/a", lambda *_: None, headers=None, max_bytes=2000)


def test_a_refused_file_is_a_problem() -> None:
    with serving(_problem(404, "not-found")) as server:
        answered = _http(server.url).fetch("/a", lambda *_: None, headers=None, max_bytes=9)
    with pytest.raises(PlatformError, match="A title"):
        expect(answered)


@pytest.mark.parametrize("text", ['{"a":1,"a":1}', "NaN", "-Infinity", "1e400", "", "[1,]", b"\xff"])
def test_json_is_strict(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_json(text)


def test_one_line_keeps_what_is_printable() -> None:
    assert one_line("a\tb\n\n c\u202e d") == "a b c d"
    assert len(one_line("x" * 500)) == 200


def test_every_error_is_of_our_tree() -> None:
    for class_ in (NetworkError, SettingsError, PlatformError):
        assert issubclass(class_, FanstudioError)
