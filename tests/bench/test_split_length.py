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


def split(folder: Path, minutes: int) -> tuple:
    """Return minutes, seconds, × realtime and seconds a minute of the splitting child, MB of it, of all."""
    song = write_looped(folder / f"song{minutes}.wav", minutes * 60)
    out = folder / "out"
    run = run_measured(
        [sys.executable, "-m", "fanstudio", "split", song, "-o", out, "--json"], folder / "home"
    )
    report = json.loads(run.out)
    for path in (song, *out.iterdir()):
        path.unlink()
    spent = report["seconds"]
    return (
        minutes, run.seconds, minutes * 60 / run.seconds, spent / minutes,
        round(report["peak_rss_mb"]), round(run.together_mb),
    )  # fmt: skip


HEAD = ("minutes", "s", "× realtime", "s a minute, child", "MB, child", "MB, together")


def test_cost_is_linear_and_memory_bounded(tmp_path, capsys):
    rows = [split(tmp_path, minutes) for minutes in (1, 10, 60)]
    show_table(capsys, HEAD, rows)
    _minute, ten, hour = rows
    assert 0.75 < hour[3] / ten[3] < 1.33
    assert ten[4] <= 600
    assert hour[4] <= 650


def test_three_hours_stay_within_their_memory(tmp_path, capsys):
    row = split(tmp_path, 180)
    show_table(capsys, HEAD, [row])
    assert row[4] <= 650


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
