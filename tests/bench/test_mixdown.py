"""Sixteen stereo tracks of four minutes with gain, pan and fades, files in and a file out, beside others."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio.paths import cache_dir
from tests.support import mixdowns
from tests.support.measured_runs import MeasuredRun, run_measured
from tests.support.mixdowns import RATE, TRACKS
from tests.support.tables import show, show_table

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc"),
    pytest.mark.timeout(1_800),
]

SECONDS = 240
LONG = 15
ROUNDS = 4
OURS = Path(__file__).parent / "peers" / "run_mixdown.py"
CORES = os.cpu_count() or 1


class Bench:
    """Runs in turns, so that what else the machine does strikes all alike."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs: dict[str, list[MeasuredRun]] = {}

    def run(self, name: str, command: list[object]) -> MeasuredRun:
        run = run_measured(command, self.folder / "home", CORES)
        self.runs.setdefault(name, []).append(run)
        return run

    def ours(self, project: Path, out: Path, threads: int = CORES) -> list[object]:
        return [sys.executable, OURS, project, out, threads]

    def seconds(self, name: str) -> float:
        """Return the best of a row, from the start of the process to its end."""
        return min(run.seconds for run in self.runs[name])

    def told(self, name: str, key: str) -> float:
        """Return the least that our process told."""
        return min(json.loads(run.out.splitlines()[-1])[key] for run in self.runs[name])

    def rows(self) -> list[tuple[object, ...]]:
        return [
            (
                name,
                f"{self.seconds(name):.2f}",
                f"{statistics.median(run.seconds for run in runs):.2f}",
                f"{self.told(name, 'seconds'):.2f}" if name.startswith("ours") else "",
                f"{SECONDS / self.seconds(name):.0f} ×",
                f"{min(run.cpu_seconds for run in runs):.1f}",
                f"{max(run.largest_mb for run in runs):.0f}",
            )
            for name, runs in self.runs.items()
        ]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("FANSTUDIO_HOME", str(tmp_path / "home"))
    return Bench(tmp_path)


def peers(strips: list[mixdowns.Strip], out: Path) -> dict[str, list[object]]:
    found = {
        "sox -m (gain only)": mixdowns.sox(strips, out / "sox.wav"),
        "ffmpeg amix": mixdowns.ffmpeg(strips, out / "ffmpeg.wav", SECONDS),
        "ecasound": mixdowns.ecasound(strips, out / "ecasound.wav", SECONDS),
    }
    return {name: command for name, command in found.items() if shutil.which(str(command[0]))}


def copy_seconds(data_bytes: int) -> float:
    """Return how long it takes to copy so much from memory to memory, the best of several."""
    source, target = np.ones(1 << 25, np.float32), np.empty(1 << 25, np.float32)
    times = []
    for _ in range(8):
        began = time.perf_counter()
        np.copyto(target, source)
        times.append(time.perf_counter() - began)
    return min(times) * data_bytes / source.nbytes


def machine() -> str:
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    return f"{CORES} cores for each, load {load}; the best of {ROUNDS} rounds in turn, 16-bit WAV out"


HEAD = ("", "s, process", "median", "s, mix", "real time", "CPU s", "most MB")


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_mixdown_beside_others(suffix: str, bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    strips = mixdowns.write_strips(bench.folder, suffix, SECONDS)
    others = peers(strips, bench.folder)
    if len(others) < 3:
        pytest.skip(f"only {', '.join(others) or 'none'} of sox, ffmpeg and ecasound is installed")
    project = mixdowns.make_mix(bench.folder / "mix.fanstudio", strips).folder
    before = machine()
    for _ in range(ROUNDS):
        for name, command in others.items():
            bench.run(name, command)
        shutil.rmtree(cache_dir())
        bench.run("ours, cold", bench.ours(project, bench.folder / "cold.wav"))
        bench.run("ours, warm", bench.ours(project, bench.folder / "warm.wav"))
        bench.run("ours, warm, one core", bench.ours(project, bench.folder / "one.wav", 1))
    data = sum(strip.path.stat().st_size for strip in strips) + SECONDS * RATE * 4
    floor = copy_seconds(data)
    show(capsys, f"{TRACKS} × {SECONDS} s of {suffix[1:]}; {before}, load after {os.getloadavg()[0]:.1f}")
    show_table(capsys, HEAD, bench.rows())
    show(
        capsys,
        f"Copying its {data / 1e6:.0f} MB once in memory takes {floor:.3f} s: "
        f"a warm mix takes {bench.told('ours, warm', 'seconds') / floor:.1f} times as long.",
    )
    assert _equal(bench.folder, "cold", "warm", "one")
    assert _difference(bench.folder) < 4
    if suffix == ".wav":
        for kind in ("ours, cold", "ours, warm", "ours, warm, one core"):
            assert all(bench.seconds(kind) < bench.seconds(other) for other in others), kind


def test_memory_does_not_grow_with_the_length(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    strips = mixdowns.write_strips(bench.folder, ".wav", SECONDS)
    made = mixdowns.make_mix(bench.folder / "mix.fanstudio", strips)
    rows = []
    for times in (1, LONG):
        mixdowns.lengthen(made, times)
        run = bench.run(f"{times}", bench.ours(made.folder, bench.folder / "out.wav"))
        told = json.loads(run.out)
        rows.append((f"{told['length'] / 60:.0f} min", told["most_mb"], told["anonymous_mb"], run.largest_mb))
    show_table(capsys, (f"{TRACKS} tracks", "most MB", "anonymous MB at the end", "most MB seen"), rows)
    assert rows[1][1] < rows[0][1] + 20


def _equal(folder: Path, *names: str) -> bool:
    return len({(folder / f"{name}.wav").read_bytes() for name in names}) == 1


def _difference(folder: Path) -> int:
    """Return by how many steps of 16 bits our mix and FFmpeg's differ at most, in every tenth second."""
    ours, theirs = (soundfile.SoundFile(folder / f"{name}.wav") for name in ("warm", "ffmpeg"))
    most = 0
    with ours, theirs:
        assert ours.frames == theirs.frames
        for second in range(0, SECONDS, 10):
            pair = []
            for file in (ours, theirs):
                file.seek(second * RATE)
                pair.append(file.read(RATE, dtype="int16").astype(np.int32))
            most = max(most, int(np.abs(pair[0] - pair[1]).max()))
    return most
