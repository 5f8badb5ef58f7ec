"""Whether sound breaks off while the window is busy, and how soon edits and seeks are heard.

A minute of 16 stereo tracks, 8 of them with equaliser and compressor, in the real window on JACK's dummy
driver. The timeline scrolls at every 60th of a second; once Qt repaints what that changes, as it does for a
fan, and once the whole window besides, which nobody asks for and the interpreter's lock hardly bears. The
ring must never run empty: what the device itself tells of lateness is the scheduler's, on a busy machine,
and stands beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from tests.support.jack import APP, jack_server

SECONDS = int(os.environ.get("FANSTUDIO_BENCH_SECONDS", "60"))
_CODE = "import sys; from tests.support.playback_run import main; main(*sys.argv[1:])"


@pytest.mark.bench
@pytest.mark.timeout(600)
@pytest.mark.parametrize("painted", ["what changes", "everything"])
def test_sound_goes_on_while_the_window_is_busy(
    painted: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        jack_server() as jack,
        subprocess.Popen(
            [sys.executable, "-c", _CODE, str(tmp_path), str(SECONDS), painted],
            env=jack.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as player,
    ):
        try:
            assert player.stdout.readline() == "ready\n"
            jack.await_ports(f"{APP}:in_0", f"{APP}:out_0")
            jack.loop_back()
            told, _ = player.communicate("\n", timeout=SECONDS + 300)
        finally:
            player.kill()
    report = json.loads(told.splitlines()[-1])
    with capsys.disabled():
        show(painted, report)
    assert report["starved"] == 0
    assert median(report["waits_ms"]["mute"] + report["waits_ms"]["unmute"]) <= 250
    assert median(report["waits_ms"]["locate into sound"]) <= 100


def show(painted: str, report: dict) -> None:
    out = sys.stdout.write
    out(f"\n{SECONDS} s of 16 tracks, effects on 8, {painted} repainted, load {report['load']:.1f}\n")
    out(f"  ring: empty {report['starved']} times of {report['blocks']} blocks")
    out(f", at least {report['lowest_ms']:.0f} of 200 ms full\n")
    out(f"  underflows the device tells: {report['late']}\n")
    out(f"  repaints: {report['repaints']}, late by {report['repaint_late_ms']:.0f} ms (median)\n")
    shares = (f"{name} {100 * share:.0f} %" for name, share in report["cpu_shares"].items())
    out(f"  CPU: {', '.join(shares)}\n")
    for name, waits in report["waits_ms"].items():
        out(f"  {name}: heard after {median(waits):.0f} ms, at most {max(waits):.0f} ms\n")
    if report["notice"]:
        out(f"  {report['notice']}\n")
