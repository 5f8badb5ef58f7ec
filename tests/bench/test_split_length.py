"""Songs of one minute to three hours through `fanstudio split`: bounded memory, given back, linear time."""

import gc
import json
import os
import sys
from pathlib import Path

import pytest

from fanstudio.jobs import Work
from fanstudio.studio.split_options import SplitOptions
from fanstudio.studio.splitting import split_to_files
from tests.support.bench_songs import write_looped
from tests.support.measured_runs import held_mb, run_measured
from tests.support.processes import children
from tests.support.tables import show, show_table

pytestmark = [
    pytest.mark.bench,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc"),
]


def split(folder: Path, minutes: int, *options: str) -> tuple:
    """Split a song by the command; return a row of the table."""
    song = write_looped(folder / f"song{minutes}.wav", minutes * 60)
    out = folder / "out"
    command = [sys.executable, "-m", "fanstudio", "split", song, "-o", out, "--json", *options]
    run = run_measured(command, folder / "home")
    report = json.loads(run.out)
    for path in (song, *out.iterdir()):
        path.unlink()
    pace = report["seconds"] / minutes
    speed = minutes * 60 / run.seconds
    held = round(report["peak_rss_mb"]), round(run.together_mb)
    return (f"{minutes} min {' '.join(options)}", run.seconds, run.cpu_seconds, speed, pace, *held)


HEAD = ("song", "s", "processor s", "× realtime", "s a minute, child alone", "MB, child", "MB, all processes")


def test_cost_is_linear_and_memory_bounded(tmp_path, capsys):
    rows = [split(tmp_path, minutes) for minutes in (1, 10, 60)]
    rows += [split(tmp_path, 10, "--quality", "best"), split(tmp_path, 10, "--stems", "4")]
    show_table(capsys, HEAD, rows)
    _minute, ten, hour, *others = rows
    assert 0.75 < hour[4] / ten[4] < 1.33
    assert ten[-1] <= 600
    assert hour[-1] <= 650
    assert all(row[-2] <= 600 for row in others)


def test_three_hours_stay_within_their_memory(tmp_path, capsys):
    row = split(tmp_path, 180)
    show_table(capsys, HEAD, [row])
    assert row[-1] <= 650


def test_memory_is_given_back(tmp_path, capsys):
    """A window lives long: what a split took must be gone when it is over."""
    parts = {name: tmp_path / f"{name}.wav" for name in ("vocals", "accompaniment")}
    held, running = [], []
    for seconds in (10, 300):
        song = write_looped(tmp_path / f"song{seconds}.wav", seconds)
        report = split_to_files(Work(), song, parts, SplitOptions(), downmix=False)
        gc.collect()
        held.append(held_mb(os.getpid())[0])
        running.append(children(os.getpid()))
    show(
        capsys,
        f"the caller, after a split of 10 s and of 300 s: {held[0]:.0f} MB, {held[1]:.0f} MB;"
        f" the child held {report.peak_rss_mb:.0f} MB",
    )
    assert held[1] < held[0] + 20
    assert running[0] == running[1]
