"""A JACK server of a test's own on the dummy driver: real time, no hardware, ports wired at will."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from signal import SIGKILL
from uuid import uuid4

import pytest

_UP_S = 10.0
_END_S = 5.0
#: PortAudio's client is called so, in any process.
APP = "PortAudio"


@dataclass(frozen=True)
class Jack:
    """A running server; what is to use it is started with `environment()`."""

    name: str
    rate: int
    period: int
    process: subprocess.Popen[bytes]
    successors: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        return _environment(self.name)

    def ports(self) -> list[str]:
        """Return the names of all ports, or none where the server does not answer."""
        listed = self._call("jack_lsp")
        return listed.stdout.split() if listed.returncode == 0 else []

    def links(self) -> set[tuple[str, str]]:
        """Return pairs of ports that are connected, in both directions."""
        port, found = "", set()
        for line in self._call("jack_lsp", "-c").stdout.splitlines():
            if line.startswith(" "):
                found.add((port, line.strip()))
            else:
                port = line.strip()
        return found

    def await_ports(self, *names: str, seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not set(names) <= set(self.ports()):
            assert time.monotonic() < end, f"no ports {names} among {self.ports()}"
            time.sleep(0.02)

    def connect(self, output: str, to: str) -> None:
        self.await_ports(output, to)
        done = self._call("jack_connect", output, to)
        assert done.returncode == 0 or (output, to) in self.links(), done.stderr

    def disconnect(self, output: str, to: str) -> None:
        self._call("jack_disconnect", output, to)

    def loop_back(self, client: str = APP, channels: int = 2) -> None:
        """Let a client hear what it plays, one period later, instead of the dummy's silent inputs."""
        for channel in range(channels):
            self.connect(f"{client}:out_{channel}", f"{client}:in_{channel}")
            self.disconnect(f"system:capture_{channel + 1}", f"{client}:in_{channel}")

    def record(self, path: Path, seconds: float, ports: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start to write what ports put out to a 32-bit WAV; the process ends by itself after `seconds`."""
        arguments = ["jack_rec", "-f", str(path), "-d", f"{seconds:g}", "-b", "32", "-B", "262144", *ports]
        return subprocess.Popen(
            arguments, env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        """End the server as a pulled plug would."""
        self.process.kill()
        self.process.wait()

    def restarted(self) -> Jack:
        """Return a new server under the same name, after `kill`; it ends with the first."""
        again = _start(self.name, self.rate, self.period)
        self.successors.append(again)
        return replace(self, process=again)

    def run_python(
        self, code: str, *arguments: object, seconds: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run code in a process that sees this server as PortAudio's only device; fail where it fails."""
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3_000:]
        return done

    def _call(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, timeout=10, check=False
        )


@contextmanager
def jack_server(rate: int = 44_100, period: int = 1_024) -> Iterator[Jack]:
    """Run a server until the block ends; skip the test where jackd is not installed."""
    if shutil.which("jackd") is None or shutil.which("jack_lsp") is None:
        pytest.skip("jackd is not installed")
    name = f"fanstudio-{os.getpid()}-{uuid4().hex[:8]}"
    server = Jack(name, rate, period, _start(name, rate, period))
    try:
        yield server
    finally:
        for process in (server.process, *server.successors):
            _end(process)
        if process.returncode == -SIGKILL:  # it keeps one of JACK's eight places until its namesake ends
            _end(_start(name, rate, period))
        for left in Path("/dev/shm").glob(f"jack*{name}*"):  # a server that was killed leaves sockets
            left.unlink(missing_ok=True)


def _start(name: str, rate: int, period: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        ["jackd", "-n", name, "-r", "-S", "-d", "dummy", "-r", str(rate), "-p", str(period)],
        env=_environment(name),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Jack(name, rate, period, process)
    end = time.monotonic() + _UP_S
    while not server.ports():
        if process.poll() is not None or time.monotonic() > end:
            _end(process)
            pytest.fail(f"jackd did not start (exit {process.returncode})")
        time.sleep(0.05)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_END_S)
    process.kill()
    process.wait()


def _environment(name: str) -> dict[str, str]:
    return {**os.environ, "JACK_DEFAULT_SERVER": name, "JACK_NO_START_SERVER": "1"}
