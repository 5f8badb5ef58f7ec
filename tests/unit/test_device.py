"""Outputs: a clock that consumes in real time, and a sound device where there is one."""

from __future__ import annotations

import builtins
import shutil
import subprocess
import sys
import textwrap
import time
from typing import Any

import numpy as np
import pytest

from fanstudio.audio.device import BLOCK_FRAMES, RING_S, NullOutput, open_output

RATE = 48_000
RING_FRAMES = round(RING_S * RATE)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def output(clock: Clock) -> NullOutput:
    return NullOutput(RATE, "No sound device: playing silently.", clock)


def block(frames: int = BLOCK_FRAMES) -> np.ndarray:
    return np.zeros((2, frames), np.float32)


def test_the_clock_consumes_in_real_time(output: NullOutput, clock: Clock) -> None:
    output.start()
    assert output.room() == RING_FRAMES
    for _ in range(4):
        output.write(block())
    assert (output.queued(), output.heard(), output.room()) == (4_096, 0, RING_FRAMES - 4_096)
    clock.now += 1_000 / RATE + 1e-6
    assert (output.queued(), output.heard()) == (3_096, 1_000)


def test_an_empty_ring_waits_for_the_next_block(output: NullOutput, clock: Clock) -> None:
    output.start()
    output.write(block())
    clock.now += 5
    assert (output.queued(), output.heard()) == (0, 1_024)
    output.write(block())
    assert (output.queued(), output.heard()) == (1_024, 1_024)
    clock.now += 24 / RATE + 1e-6
    assert output.heard() == 1_048


def test_stop_drops_what_is_queued_and_start_begins_anew(output: NullOutput, clock: Clock) -> None:
    output.start()
    output.write(block())
    clock.now += 0.01
    output.stop()
    assert (output.queued(), output.heard()) == (0, 0)
    output.start()
    assert output.heard() == 0


def test_a_missing_portaudio_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def no_portaudio(name: str, *more: Any, **named: Any) -> Any:
        if name in ("rtmixer", "sounddevice"):
            raise OSError("PortAudio library not found")
        return real_import(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", no_portaudio)
    output = open_output(RATE)
    assert output.name == "No sound"
    assert output.notice == "No sound, because the PortAudio library is missing: playing silently."
    output.close()


def test_without_a_device_there_is_a_clock_and_with_one_sound() -> None:
    output = open_output(RATE)
    assert output.name
    assert (output.name == "No sound") == bool(output.notice)
    output.start()
    output.write(block(4_096))
    end = time.monotonic() + 20
    while output.queued() and time.monotonic() < end:
        time.sleep(0.01)
    assert output.queued() == 0
    output.stop()
    output.close()


_ON_JACK = """
    import os, signal, sys, time
    import numpy as np
    from fanstudio.audio.transport import Transport
    from fanstudio.model import edits
    from fanstudio.model.session import new_session
    from tests.support.sounds import a_source
    source = a_source("x", 44_100 * 20, rate=44_100)
    session = edits.import_source(new_session("x", 44_100), source)
    sound = np.full((2, source.length), 0.25, np.float32)
    transport = Transport(session, lambda _source, _rate, _warp: sound)
    assert not transport.notice, transport.notice
    transport.play()
    time.sleep(1.0)
    assert 0.6 < transport.position / 44_100 < 1.1, transport.position
    assert transport.levels().master == (0.25, 0.25)
    os.kill(int(sys.argv[1]), signal.SIGKILL)
    end = time.monotonic() + 20
    while not transport.notice and time.monotonic() < end:
        time.sleep(0.05)
    assert transport.notice == "The sound device is gone: playing silently.", transport.notice
    before = transport.position
    time.sleep(0.3)
    assert transport.playing and transport.position > before
    transport.close()
"""


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("jackd") is None, reason="jackd is not installed")
def test_a_real_stream_plays_and_its_end_is_survived() -> None:
    jack = subprocess.Popen(
        ["jackd", "-r", "-d", "dummy", "-r", "44100", "-p", "1024"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(2)
        code = textwrap.dedent(_ON_JACK)
        done = subprocess.run(
            [sys.executable, "-c", code, str(jack.pid)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2_000:]
    finally:
        jack.kill()
        jack.wait()
