"""Take the README's pictures of the real window: `.venv/bin/python packaging/screenshots/take.py`.

Runs `fanstudio demo`, opens its project under Xvfb in user folders of its own, signs the demo fan in by
mouse, and keeps `window.png`, `style.png` and `export.png` (1440 × 900, dark) beside this file. Needs Xvfb
and xdotool; JACK's dummy driver, where `jackd` is installed, stands for a sound device.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.e2e.desktop import HEIGHT, WIDTH, Box, Desktop, wait_for  # noqa: E402

#: Colours of the dark theme by which things are found on the screen.
ACCENT, OK, VOCALS = "#8B7CF6", "#41C98A", "#F2789F"
LANES: Box = (240, 94, 1128, 430)
DIALOG: Box = (412, 190, 1030, 720)
STATE_DOT: Box = (8, 850, 34, 890)
ACCOUNT, EXPORT, CHORUS = (1400, 27), (1375, 870), (820, 66)
#: A clip of the voice within the chorus.
CLIP = (800, 270)
#: From the middle of the wide “Open browser” button to “Use the demo fan” below it.
TO_DEMO_FAN = 48


def main() -> None:
    """Make the demo project and take the pictures."""
    folder = tempfile.TemporaryDirectory(prefix="fan-")
    with _sound(), folder as home, _window(Path(home)) as desktop:
        _sign_in(desktop)
        desktop.click(*CLIP)
        desktop.click(*CHORUS)
        desktop.do("mousemove", 700, 700)
        time.sleep(1)
        desktop.shot("window")
        desktop.do("key", "y")
        time.sleep(4)
        desktop.shot("style")
        desktop.do("key", "y")
        desktop.click(*EXPORT)
        wait_for("who is paid", lambda: desktop.find(VOCALS, DIALOG, least=400))
        desktop.do("mousemove", 700, 860)
        time.sleep(1)
        desktop.shot("export")


@contextmanager
def _sound() -> Iterator[None]:
    if not shutil.which("jackd"):
        yield
        return
    os.environ["JACK_DEFAULT_SERVER"] = name = f"fanstudio-{os.getpid()}"
    command = ["jackd", "-n", name, "-d", "dummy", "-r", "44100"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        time.sleep(2)
        yield
        server.terminate()


@contextmanager
def _window(home: Path) -> Iterator[Desktop]:
    desktop = Desktop(Path(__file__).parent)
    environment = _environment(desktop, home)
    program = [sys.executable, "-m", "fanstudio"]
    subprocess.run([*program, "demo", "--out", home / "demo"], env=environment, check=True)
    process = subprocess.Popen([*program, "open", home / "demo" / "demo.fanstudio"], env=environment)
    try:
        wait_for("the stems", lambda: desktop.find(VOCALS, LANES, least=1500))
        yield desktop
    finally:
        process.terminate()
        process.wait(20)
        desktop.close()


def _environment(desktop: Desktop, home: Path) -> dict[str, str]:
    config = home / "user" / "config"
    config.mkdir(parents=True)
    (config / "settings.json").write_text(json.dumps({"theme": "dark"}))
    (config / "first_steps.json").write_text(json.dumps(["hidden"]))
    return {
        **os.environ,
        **desktop.environment,
        "HOME": str(home),
        "FANSTUDIO_HOME": str(home / "user"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


def _sign_in(desktop: Desktop) -> None:
    desktop.click(*ACCOUNT)
    x, y = wait_for("the sign-in", lambda: desktop.find(ACCENT, DIALOG, least=8000))
    desktop.click(x, y + TO_DEMO_FAN)
    wait_for("the permission", lambda: desktop.find(OK, STATE_DOT, least=20))


if __name__ == "__main__":
    assert (WIDTH, HEIGHT) == (1440, 900)
    main()
