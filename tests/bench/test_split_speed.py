"""How fast the splitter runs, what its time goes into, and how near the net is to the machine's limit."""

import json
import sys
from pathlib import Path

import pytest

from fanstudio import paths
from tests.support.bench_songs import write_looped
from tests.support.graph_cost import count_flops
from tests.support.measured_runs import run_measured
from tests.support.tables import show_table

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc"),
]
SECONDS = 120
PARTS = ("net", "transform", "resample", "write")
SCRIPT = Path(__file__).parent / "peers" / "run_fanstudio.py"
GRAPH = paths.models_dir() / "spleeter_2stems" / "model.onnx"
#: The same product by numpy's library and by onnxruntime: the faster of them is what this machine can do.
PEAK_SCRIPT = """
import json, sys, time
import numpy as np
from tests.support.products import measure_numpy_gflops, measure_runtime_gflops
threads = int(sys.argv[1])
print(json.dumps([measure_numpy_gflops(), measure_runtime_gflops(threads)]))
"""


def split(folder: Path, quality: str, threads: int, rate: int = 44_100):
    song = write_looped(folder / "song.wav", SECONDS, rate)
    command = [sys.executable, SCRIPT, song, folder / "stems", quality, threads, "cpu"]
    run = run_measured(command, folder / "home", threads)
    return run, json.loads(run.out.splitlines()[-1])


def test_speed_of_every_quality(tmp_path, capsys):
    cases = [
        ("fast", 1, 44_100),
        ("fast", 2, 44_100),
        ("fast", 2, 192_000),
        ("best", 1, 44_100),
        ("best", 2, 44_100),
    ]
    rows, speeds = [], {}
    for case in cases:
        run, steps = split(tmp_path, *case)
        parts = [steps[step] for step in PARTS]
        speeds[case] = SECONDS / steps["split"]
        rows.append((*case, speeds[case], *parts, steps["split"] - sum(parts), round(run.largest_mb)))
    show_table(capsys, (f"{SECONDS} s", "threads", "Hz", "× realtime", *PARTS, "rest", "MB"), rows)
    assert speeds["best", 2, 44_100] > 8
    assert max(row[-1] for row in rows) < 600


@pytest.mark.parametrize("threads", [1, 2])
def test_net_beside_the_floor_of_its_arithmetic(tmp_path, capsys, threads):
    """The floor: the net's operations at the speed of the fastest matrix product of this machine."""
    peak = run_measured([sys.executable, "-c", PEAK_SCRIPT, threads], tmp_path / "home", threads)
    _run, steps = split(tmp_path, "fast", threads)
    again = run_measured([sys.executable, "-c", PEAK_SCRIPT, threads], tmp_path / "home", threads)
    gflops = max(*json.loads(peak.out), *json.loads(again.out))
    windows = steps["windows"]
    flops = count_flops(GRAPH)
    floor = windows * flops / (gflops * 1e9)
    show_table(
        capsys,
        ("threads", "GFLOP a window", "windows", "GFLOP/s", "floor, s", "net, s", "of the limit", "split, s"),
        [
            (
                threads,
                flops / 1e9,
                windows,
                gflops,
                floor,
                steps["net"],
                f"{floor / steps['net']:.0%}",
                steps["split"],
            )
        ],
    )
    assert floor < steps["net"]
