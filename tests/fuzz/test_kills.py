"""Killed at any moment, again and again: nothing is counted twice or half there, and the next run works."""

from __future__ import annotations

import random
import signal
import sqlite3
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio.model import project_file
from tests.support.processes import await_children, await_end, children, finish, said, start, stop_after
from tests.support.songs import RATE, music, write_song

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds child processes in /proc")


@dataclass
class Campaign:
    """Exports that are stopped by a signal, then run to their end; `longest_s` bounds the moment."""

    folder: Path
    dice: random.Random
    longest_s: float
    stopped: int = 0
    finished: int = 0
    seen: set[str] = field(default_factory=set)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def project(self) -> Path:
        return self.folder / "P.fanstudio"

    def begin(self) -> None:
        song = write_song(self.folder / "song.wav", 16.0)
        assert finish("new", self.project, song, home=self.home)[0] == 0

    def export(self, signals: list[int]) -> None:
        """Stop one export as often as there are signals, or until it is done; then let it end."""
        self.finished += 1
        out = self.folder / "out" / f"{self.finished}.flac"
        out.parent.mkdir(exist_ok=True)
        for number in signals:
            self._stop(out, number)
            if out.exists() and not self._left():
                return
        code, _, err = finish("export", self.project, "-o", out, home=self.home)
        assert code == 0, err
        assert self._left() == []

    def _stop(self, out: Path, number: int) -> None:
        process = start("export", self.project, "-o", out, home=self.home)
        came, err = stop_after(process, self.dice.uniform(0.2, self.longest_s), number)
        self.stopped += came
        self.seen |= set(self._left())
        if number == signal.SIGINT:
            assert process.returncode in (0, 130, -signal.SIGINT), err
            assert self._left() == []
        assert "Traceback" not in err

    def _left(self) -> list[str]:
        """Return what is neither a finished export nor the demo platform's."""
        beside = [path.name for path in (self.folder / "out").iterdir() if path.suffix != ".flac"]
        return beside + [path.name for path in (self.home / "data" / "exports").glob("*")]

    def check(self) -> None:
        """Hold the finished files against the platform's books."""
        assert project_file.read(self.project).recovered is None
        code, out, err = finish("verify", self.folder / "out", home=self.home)
        assert code == 0, out + err
        assert out.count(": verified") == self.finished
        code, out, err = finish("platform", "ledger", "check", home=self.home)
        assert (code, "0 faults" in out) == (0, True), out + err
        assert self._booked() == self.finished

    def _booked(self) -> int:
        """Return how many exports are booked and not reversed."""
        database = self.home / "data" / "platform" / "platform.sqlite"
        with sqlite3.connect(database) as connection:
            count = "select count(*) from export where state = 'finalised'"
            booked = "select sum(case kind when 'export' then 1 else -1 end) from txn"
            exports, transactions = (connection.execute(query).fetchone()[0] for query in (count, booked))
        connection.close()
        assert exports == transactions
        return int(exports)


def _campaign(folder: Path, seed: int) -> Campaign:
    campaign = Campaign(folder, random.Random(seed), 0.0)
    campaign.begin()
    began = time.monotonic()
    campaign.export([signal.SIGCONT])
    campaign.longest_s = time.monotonic() - began
    return campaign


def test_an_export_that_is_killed_and_interrupted_is_counted_once(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, random.Random(5), 3.0)
    campaign.begin()
    campaign.export([signal.SIGKILL, signal.SIGINT, signal.SIGKILL])
    campaign.check()


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_exports_that_are_stopped_again_and_again(number: int, tmp_path: Path) -> None:
    campaign = _campaign(tmp_path, time.time_ns())
    end = time.monotonic() + 240
    while time.monotonic() < end:
        campaign.export([number] * 3)
    campaign.check()
    found = {path.rpartition(".")[2] for path in campaign.seen}
    sys.stdout.write(f"{campaign.stopped} stopped, {campaign.finished} exports, on the way: {found}\n")
    assert campaign.stopped > 10


def _long_song(folder: Path, times: int) -> Path:
    song = folder / "song.wav"
    soundfile.write(song, np.tile(music(10.0).T, (times, 1)), RATE)
    return song


def _kill_with_children(folder: Path, after_s: float, *arguments: object) -> None:
    process = start(*arguments, home=folder / "home")
    await_children(process)
    time.sleep(after_s)
    pids = children(process.pid)
    process.kill()
    process.communicate()
    await_end(pids)


def _hidden(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if ".fanstudio-" in path.name or ".part" in path.name]


def _check_killed(folder: Path, after_s: float, what: str) -> None:
    song = folder / "song.wav"
    out = folder / "work" / "out.fanstudio"
    arguments = ("new", out, song, "--split") if what == "new" else ("split", song, "-o", out)
    _kill_with_children(folder, after_s, *arguments)
    assert what == "split" or not out.exists()
    code, _, err = finish(*arguments, home=folder / "home")
    assert code == 0, err
    assert _hidden(folder) == []
    if what == "new":
        assert len(project_file.read(out).session.tracks) == 3


@pytest.mark.parametrize("what", ["new", "split"])
def test_a_killed_split_leaves_no_child_and_the_next_one_clears_up(what: str, tmp_path: Path) -> None:
    _long_song(tmp_path, 2)
    _check_killed(tmp_path, 0.7, what)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("what", ["new", "split"])
def test_splits_that_are_killed_again_and_again(what: str, tmp_path: Path) -> None:
    dice = random.Random(time.time_ns())
    for number in range(12):
        folder = tmp_path / str(number)
        folder.mkdir()
        _long_song(folder, 6)
        _check_killed(folder, dice.uniform(0.0, 4.0), what)


def test_ctrl_c_before_the_command_has_begun_is_quiet(tmp_path: Path) -> None:
    process = start("export", tmp_path / "none", "-o", tmp_path / "out.flac", home=tmp_path / "home")
    came, err = stop_after(process, 0.05, signal.SIGINT)
    assert (came, process.returncode, err) == (True, -signal.SIGINT, "")


def test_a_command_that_fails_says_one_line(tmp_path: Path) -> None:
    code, _, err = finish("export", tmp_path / "none", "-o", tmp_path / "out.flac", home=tmp_path / "home")
    assert (code, "not a fanstudio project" in said(err)) == (1, True)
