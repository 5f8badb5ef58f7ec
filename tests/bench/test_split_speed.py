"""How fast the splitter runs and how much memory it holds, in a process of its own."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import json, sys, time
import numpy as np
from fanstudio.inference import catalogue
from fanstudio.inference.separation import Separator
from fanstudio.jobs import Work

seconds, rate, threads = (int(value) for value in sys.argv[1:])
second = (np.random.default_rng(0).standard_normal((2, rate)) * 0.1).astype(np.float32)
separator = Separator(catalogue.find("spleeter_2stems"), "cpu", threads=threads)
inside = 0.0
estimate = separator.estimate_masks

def timed(work, magnitude):
    global inside
    started = time.perf_counter()
    try:
        return estimate(work, magnitude)
    finally:
        inside += time.perf_counter() - started

separator.estimate_masks = timed
started = time.perf_counter()
blocks = (second for _ in range(seconds))
for piece in separator.split(Work(), blocks, sample_rate=rate, length_frames=seconds * rate, rms=0.1):
    pass
spent = time.perf_counter() - started
report = separator.report(seconds=spent, audio_seconds=seconds)
print(json.dumps([report.times_realtime, inside / spent, report.peak_rss_mb]))
"""


def measure(seconds, rate=44100, threads=2):
    command = [sys.executable, "-c", SCRIPT, str(seconds), str(rate), str(threads)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


@pytest.mark.bench
def test_split_is_linear_and_bounded(capsys):
    figures = {
        (seconds, rate, threads): measure(seconds, rate, threads)
        for seconds, rate, threads in [(60, 44100, 1), (60, 44100, 2), (600, 44100, 2), (60, 192000, 2)]
    }
    with capsys.disabled():
        for (seconds, rate, threads), (speed, share, memory) in figures.items():
            sys.stdout.write(
                f"\nsplit {seconds} s at {rate} Hz, {threads} threads: {speed:.0f} x realtime, "
                f"net {share:.0%} of the time, peak {memory:.0f} MB"
            )
    short, long = figures[60, 44100, 2], figures[600, 44100, 2]
    assert long[0] > 0.5 * short[0]
    assert long[2] < short[2] + 60
    assert max(memory for _, _, memory in figures.values()) < 600
