"""How long a drum pattern takes: to be rendered, to become a source, and a loop of the shelf to be heard."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fanstudio.jobs import Work
from fanstudio.model.pattern_edits import with_bars
from fanstudio.studio import drum_grid
from fanstudio.studio.add_from_shelf import fetch
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.project import create_project
from fanstudio.studio.shelf import hear
from tests.support.tables import show_table

pytestmark = pytest.mark.bench

RATE = 48_000


def _median_ms(act: Callable[[], object], times: int = 9) -> float:
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        spent.append(time.perf_counter() - started)
    return 1e3 * sorted(spent)[times // 2]


def test_patterns_and_previews(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    machine = DrumMachine()
    project = create_project(tmp_path / "mine", "Mine", RATE)
    items = {item.id: item for item in machine.shelf.items}
    pattern = items["trap"].pattern
    assert pattern is not None
    long = with_bars(pattern, 16)
    machine.render(pattern, RATE)
    rows = {
        "render 2 bars": _median_ms(lambda: machine.render(pattern, RATE)),
        "render 16 bars": _median_ms(lambda: machine.render(long, RATE)),
        "2 bars into the pool": _median_ms(
            lambda: drum_grid.render(Work(), project, machine, pattern, "Beat")
        ),
        "preview a loop of 11 s, stretched": _median_ms(
            lambda: hear(Work(), machine, items["keys-neo"], 96.0, RATE), 3
        ),
        "a loop into the pool": _median_ms(lambda: fetch(Work(), project, machine, items["bass-acid"], 0), 3),
    }
    show_table(capsys, ("", "ms"), rows.items())
    assert rows["render 2 bars"] < 50
