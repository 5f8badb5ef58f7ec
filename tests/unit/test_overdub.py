"""Recording through a JACK server: what is sung to what is heard lies where it was heard."""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fanstudio.jobs import Work
from fanstudio.studio import recordings
from fanstudio.studio.project import open_project
from tests.support.jack import Jack, jack_server
from tests.support.overdub import PART_S

RATE = 48_000
#: What the project's issue asks for; what is reached is 0.
MOST_FRAMES = RATE // 1000
PART = round(PART_S * RATE)


@pytest.fixture(scope="module", params=[256, 1024])
def period_server(request: pytest.FixtureRequest) -> Iterator[Jack]:
    with jack_server(RATE, request.param) as server:
        yield server


@pytest.fixture
def server() -> Iterator[Jack]:
    with jack_server(RATE, 512) as running:
        yield running


def code(name: str) -> str:
    return f"import sys; from tests.support import overdub; overdub.{name}(*sys.argv[1:])"


def scenario(server: Jack, name: str, folder: Path) -> Any:
    """Run a scenario of `tests.support.overdub` in a process of its own and return what it reports."""
    done = server.run_python(code(name), folder, server.period)
    return ast.literal_eval(done.stdout)


@contextmanager
def started(server: Jack, name: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a scenario, and go on once it records."""
    command = [sys.executable, "-c", code(name), str(folder), str(server.period)]
    with subprocess.Popen(command, env=server.environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "recording\n"
        yield process
        process.kill()


def test_an_overdub_lies_where_it_was_heard(period_server: Jack, tmp_path: Path) -> None:
    told = scenario(period_server, "overdub", tmp_path)
    print("overdub at a period of", period_server.period, told)  # noqa: T201
    assert told["round_trip"] == period_server.period
    assert max(map(abs, told["errors"])) <= MOST_FRAMES
    assert told["takes"] == 1
    assert told["undone"] == 0
    assert told["basis"] == "recorded"


@pytest.mark.soak
def test_another_rate_and_effects_that_look_ahead_change_nothing(server: Jack, tmp_path: Path) -> None:
    told = scenario(server, "another_rate", tmp_path)
    print("overdub at another rate", told)  # noqa: T201
    assert told["recorded_at"] == RATE
    assert max(map(abs, told["errors"])) <= MOST_FRAMES


@pytest.mark.soak
def test_two_streams_line_up_as_well(server: Jack, tmp_path: Path) -> None:
    told = scenario(server, "apart", tmp_path)
    print("overdub through two streams", told)  # noqa: T201
    assert max(map(abs, told["errors"])) <= MOST_FRAMES


def test_a_count_in_comes_before_and_is_not_kept(server: Jack, tmp_path: Path) -> None:
    told = scenario(server, "counted_in", tmp_path)
    assert max(map(abs, told["errors"])) <= MOST_FRAMES
    assert told["position"] == 0
    assert told["clicks_beside"] == 0
    assert told["waited_s"] >= 1.9


def test_each_round_of_a_loop_is_a_take_and_the_newest_is_heard(server: Jack, tmp_path: Path) -> None:
    told = scenario(server, "looped", tmp_path)
    assert told["positions"][:2] == [PART, PART]
    assert told["lengths"][:2] == [PART, PART]
    assert len(told["positions"]) >= 3
    assert told["heard"] == "Take 3"
    assert max(map(abs, told["errors"])) <= MOST_FRAMES


def test_a_punch_keeps_what_lies_around_it(server: Jack, tmp_path: Path) -> None:
    told = scenario(server, "punched", tmp_path)
    assert told["clips"] == [(0, PART), (PART, 2 * PART), (2 * PART, told["length"])]
    assert told["take"] == (PART, PART)
    assert max(map(abs, told["errors"])) <= MOST_FRAMES


def test_a_device_that_goes_leaves_what_was_recorded(server: Jack, tmp_path: Path) -> None:
    with started(server, "device_gone", tmp_path) as process:
        time.sleep(1)
        server.kill()
        told = ast.literal_eval(process.communicate(timeout=60)[0])
    assert told["problem"] == "The microphone is gone."
    assert told["kept_s"] > 0.7
    assert max(map(abs, told["errors"])) <= MOST_FRAMES


def test_a_killed_recording_is_found_and_lies_in_its_place(server: Jack, tmp_path: Path) -> None:
    with started(server, "endless", tmp_path) as process:
        time.sleep(1.3)
        assert not recordings.unfinished(open_project(Work(), tmp_path / "project").pool), "still recorded"
        process.kill()
    told = scenario(server, "recovered", tmp_path)
    assert told["left"] == 0
    assert told["kept_s"] > 1.0
    assert max(map(abs, told["errors"])) <= MOST_FRAMES


@pytest.mark.soak
def test_a_full_disk_leaves_what_was_recorded(server: Jack, tmp_path: Path) -> None:
    told = scenario(server, "disk_full", tmp_path)
    assert "File too large" in told["problem"]
    assert told["kept_s"] > 0.4
    assert max(map(abs, told["errors"])) <= MOST_FRAMES
