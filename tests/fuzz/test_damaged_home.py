"""Every file that fanstudio keeps, damaged one at a time: an export works, or says one clear line."""

from __future__ import annotations

import dataclasses
import random
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanstudio.export.journal import Entry, Journal, Rendered
from fanstudio.sandbox.address import noted_port
from tests.support.processes import finish, said, start
from tests.support.songs import write_song

_TEXTS = (b"", b"[]", b"{}", b'{"a": 1}', b"null", b"\xff\xfe\x00", b"[" * 5000, b'{"port": 1e999}')


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with user folders, a project and an export that was killed in the middle."""
    folder = tmp_path_factory.mktemp("kept")
    home = folder / "home"
    song = write_song(folder / "song.wav", 16.0)
    assert finish("new", folder / "P", song, home=home)[0] == 0
    process = start("export", folder / "P", "-o", folder / "out.flac", home=home)
    end = time.monotonic() + 60
    while not (folder / "out.flac.part").exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    process.kill()
    process.communicate()
    _await_platform(home)
    return folder


def _await_platform(home: Path) -> None:
    """Wait for the end of the demo platform, which the next one takes the address of."""
    port = noted_port(home / "data" / "platform", "127.0.0.1")
    end = time.monotonic() + 20
    while port and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)


def _files(folder: Path) -> list[Path]:
    kept = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path.relative_to(folder) for path in kept if path.suffix not in {".log", ".lock", ".lease"}]


def _damages(data: bytes, chance: random.Random) -> Iterator[bytes]:
    yield chance.choice(_TEXTS)
    yield data[: chance.randrange(len(data) + 1)]
    flipped = bytearray(data)
    for _ in range(chance.choice((1, 3, 30))):
        if flipped:
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
    yield bytes(flipped)


def _check(kept: Path, folder: Path, name: Path, data: bytes) -> str:
    """Export with one file damaged; return what was said, or nothing where it worked."""
    shutil.copytree(kept, folder)
    (folder / name).write_bytes(data)
    home = folder / "home"
    code, _, err = finish("export", folder / "P.fanstudio", "-o", folder / "out.flac", home=home)
    assert code in (0, 1), err
    line = said(err) if code else ""
    _await_platform(home)
    shutil.rmtree(folder, ignore_errors=True)
    return line


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_any_file_may_be_damaged(kept: Path, tmp_path: Path) -> None:
    seed = time.time_ns()
    chance = random.Random(seed)
    lines: dict[Path, set[str]] = {}
    end, number = time.monotonic() + 180, 0
    while time.monotonic() < end:
        number += 1
        name = chance.choice(_files(kept))
        data = chance.choice(list(_damages((kept / name).read_bytes(), chance)))
        try:
            line = _check(kept, tmp_path / str(number), name, data)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {name} as {data[:40]!r}: {error}") from error
        lines.setdefault(name, set()).add(line)
    sys.stdout.write(f"{number} exports with a damaged file\n")
    for name, said_of_it in lines.items():
        sys.stdout.write(f"{name}: {said_of_it}\n")


def test_a_damaged_journal_begins_afresh(tmp_path: Path) -> None:
    """Whatever an entry has become, it is taken as it was written or not at all."""
    chance = random.Random(7)
    journal = Journal(tmp_path / "journal")

    def begin() -> Entry:
        return journal.begin("https://platform.example", "fan", "0" * 64, tmp_path / "out.flac", "Song")

    rendered = Rendered("a" * 16, "0" * 64, "1" * 64, 44_100, 1_000, -14.0)
    for _ in range(300):
        entry = journal.note_rendered(begin(), rendered)
        path = next((tmp_path / "journal").glob("*.json"))
        path.write_bytes(chance.choice(list(_damages(path.read_bytes(), chance))))
        again = begin()
        assert (again.title, again.target) == (entry.title, entry.target)
        assert all(type(value) in (str, int, float) for value in _values(again))
        assert journal.overdue() == ()
        journal.forget(again)


def _values(entry: Entry) -> list[object]:
    rendered = dataclasses.astuple(entry.rendered) if entry.rendered else ()
    return [entry.key, entry.fan, *rendered]
