"""The command line in real processes, to be killed: their children, their end, and what they left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path


def start(*arguments: object, home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "fanstudio", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "FANSTUDIO_HOME": str(home)},
    )


def finish(*arguments: object, home: Path, timeout: float = 240) -> tuple[int, str, str]:
    """Run a command to its end; return its exit code, stdout and stderr."""
    with start(*arguments, home=home) as process:
        out, err = process.communicate(timeout=timeout)
    return process.returncode, out, err


def finish_measured(*arguments: object, home: Path) -> tuple[int, str, dict[str, int], float]:
    """Run a command; return its exit code, stderr, the most MB it and its largest child held, and seconds."""
    peaks = {"parent": 0, "child": 0}
    began = time.monotonic()
    with start(*arguments, home=home) as process:
        while process.poll() is None:
            peaks["parent"] = max(peaks["parent"], held_mb(process.pid))
            peaks["child"] = max([peaks["child"], *map(held_mb, children(process.pid))])
            time.sleep(0.05)
        err = process.communicate()[1]
    return process.returncode, err, peaks, time.monotonic() - began


def held_mb(pid: int | str = "self") -> int:
    """Return what a process holds itself; mapped files, whose pages the system takes back, do not count."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("RssAnon:")), 0)


def said(err: str) -> str:
    """Return the one line that a failed command says; anything else beside it and its hint is a fault."""
    assert "Traceback" not in err, err
    lines = [line for line in err.splitlines() if not line.startswith("Taken as your own music")]
    assert len(lines) in (1, 2), err
    assert lines[0].startswith("fanstudio: "), err
    assert all(line.startswith("  ") for line in lines[1:]), err
    return lines[0].removeprefix("fanstudio: ")


def stop_after(process: subprocess.Popen[str], seconds: float, number: int) -> tuple[bool, str]:
    """Send a signal `seconds` after the program began; tell whether it came in time, and its stderr."""
    await_begun(process)
    try:
        return False, process.communicate(timeout=seconds)[1]
    except subprocess.TimeoutExpired:
        process.send_signal(number)
        return True, process.communicate(timeout=30)[1]


def await_begun(process: subprocess.Popen[str], seconds: float = 60) -> None:
    """Wait until Python is up and `main` loads its libraries, or the process has ended."""
    end = time.monotonic() + seconds
    mapped = Path(f"/proc/{process.pid}/maps")
    while process.poll() is None and "numpy" not in mapped.read_text():
        assert time.monotonic() < end, "the program did not begin"
        time.sleep(0.005)


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def await_children(process: subprocess.Popen[str], seconds: float = 60) -> None:
    """Wait until a process has started a child, or has ended."""
    end = time.monotonic() + seconds
    while process.poll() is None and not children(process.pid):
        assert time.monotonic() < end, "no child was started"
        time.sleep(0.02)


def await_end(pids: list[int], seconds: float = 2) -> None:
    """Wait for processes that notice the end of their parent."""
    end = time.monotonic() + seconds
    while any(_runs(pid) for pid in pids):
        assert time.monotonic() < end, f"still running: {pids}"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
