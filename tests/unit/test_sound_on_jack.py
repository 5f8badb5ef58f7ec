"""Playback on a real sound server: what comes out, and what happens when it dies, returns or differs."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio.audio.render import bounce
from fanstudio.audio.samples import Samples
from fanstudio.jobs import Work
from fanstudio.model.session import Source
from fanstudio.model.warp import Warp
from tests.support.jack import APP, Jack, jack_server
from tests.support.played import played_samples, played_session

#: Plays a session of noise; says what it sees a line at a time; goes on when it reads a line.
_PLAYER = """
    import sys, time
    from fanstudio.audio.device import ChosenOutput, open_output
    from fanstudio.audio.line import BUSY
    from fanstudio.audio.transport import Transport
    from tests.support.played import played_samples, played_session

    def until(condition):
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end, "waited in vain: " + transport.notice
            time.sleep(0.02)

    def say(*words):
        print(*words, sep="|", flush=True)

    def heard_on():
        before = transport.position
        until(lambda: transport.position > before + 4_000)
        say(transport.output_name, transport.silent, notice())

    def notice():
        return transport.notice.replace(BUSY, "").strip()  # the machine that tests may be busy

    session = played_session(int(sys.argv[1]), int(sys.argv[2]))
    transport = Transport(session, played_samples, open_output)
"""


@contextmanager
def player(jack: Jack, rate: int, code: str, seconds: int = 2) -> Iterator[subprocess.Popen[str]]:
    """Run a player that sees this server; what it writes and reads are lines."""
    script = textwrap.dedent(_PLAYER) + textwrap.dedent(code) + "\ntransport.close()\n"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(rate), str(seconds)],
        env=jack.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
            assert process.wait(20) == 0
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline().rstrip("\n")


def go_on(process: subprocess.Popen[str]) -> None:
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.mark.timeout(90)
def test_a_server_that_dies_is_survived_and_heard_again_when_it_is_back() -> None:
    code = """
        transport.play()
        heard_on()
        until(notice)
        heard_on()
        until(lambda: not transport.silent)
        heard_on()
    """
    with jack_server() as jack, player(jack, 44_100, code, seconds=20) as process:
        assert told(process) == "system|False|"
        jack.kill()
        assert told(process) == "No sound|True|The sound device is gone: playing silently."
        jack.restarted()
        assert told(process) == "system|False|"
        assert process.wait(20) == 0


def test_what_comes_out_is_the_mix_sample_by_sample(tmp_path: Path) -> None:
    code = """
        until(lambda: not notice() and transport.output_name == "system")
        say("open")
        sys.stdin.readline()
        transport.play()
        until(lambda: not transport.playing)
        say(transport.interruptions.starved)
    """
    with jack_server() as jack, player(jack, 44_100, code) as process:
        assert told(process) == "open"
        path = tmp_path / "heard.wav"
        ports = [f"{APP}:out_0", f"{APP}:out_1"]
        jack.await_ports(*ports)
        with jack.record(path, 4, ports) as recorder:
            time.sleep(1)
            go_on(process)
            starved = int(told(process))
            recorder.wait(20)
    heard = soundfile.read(path, dtype="float32")[0].T
    session = played_session(44_100)

    def samples(source: Source, warp: Warp | None) -> Samples:
        return played_samples(source, 44_100, warp)

    mix = np.concatenate(list(bounce(Work(), session, samples, 0, session.length)), axis=1)
    first = int(np.flatnonzero(heard.any(axis=0))[0])
    assert heard.shape[1] >= first + mix.shape[1]
    if not starved:
        assert np.abs(heard[:, first : first + mix.shape[1]] - mix).max() < 1e-6
        assert not heard[:, first + mix.shape[1] :].any()


def test_another_rate_is_converted_and_said(tmp_path: Path) -> None:
    code = """
        transport.play()
        heard_on()
        began, at = time.monotonic(), transport.position
        time.sleep(0.8)
        say(round((transport.position - at) / 48_000 / (time.monotonic() - began), 1))
        until(lambda: not transport.playing)
    """
    with jack_server(rate=44_100) as jack, player(jack, 48_000, code) as process:
        assert told(process) == "system|False|system plays at 44100 Hz; what this session plays is converted."
        assert told(process) == "1.0"


def test_devices_are_listed_and_chosen_by_name() -> None:
    code = """
        from fanstudio.jobs import Work
        from fanstudio.settings import Settings
        from fanstudio.studio.sound import list_sound_devices, try_output
        from pathlib import Path
        devices = list_sound_devices(Work())
        say([(d.label, d.sample_rate, d.is_default_output) for d in devices.outputs])
        say([d.input_channels for d in devices.inputs])
        trial = try_output(Work(), Settings(Path("x"), {}))
        say(trial.name, trial.notice)
        transport.choose_output(ChosenOutput(lambda: "Headphones, ALSA"))
        until(lambda: "Headphones" in transport.notice)
        transport.play()
        heard_on()
        transport.choose_output(ChosenOutput(lambda: "system, JACK Audio Connection Kit"))
        until(lambda: not notice())
        heard_on()
    """
    with jack_server() as jack, player(jack, 44_100, code) as process:
        assert "('system, JACK Audio Connection Kit', 44100, True)" in told(process)
        assert told(process).startswith("[2")
        assert told(process).startswith("system|")
        fallback = "“Headphones, ALSA” is not connected: playing on system."
        assert told(process) == f"system|False|{fallback}"
        assert told(process) == "system|False|"


def test_without_rtmixer_the_plain_way_plays() -> None:
    code = """
        sys.modules["rtmixer"] = None
        transport.choose_output()
        until(lambda: "plain" in transport.notice)
        transport.play()
        heard_on()
        until(lambda: not transport.playing)
    """
    with jack_server() as jack, player(jack, 44_100, code) as process:
        assert told(process).startswith("system|False|Played the plain way")
