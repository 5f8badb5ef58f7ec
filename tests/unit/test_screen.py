from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fanstudio.cli.screen import check_screen
from fanstudio.errors import DeviceError


def test_opening_without_a_screen_is_one_clear_line(tmp_path: Path) -> None:
    screens = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: value for name, value in os.environ.items() if name not in screens}
    done = subprocess.run(
        [sys.executable, "-m", "fanstudio", "open", tmp_path / "song.fanstudio"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("fanstudio: There is no screen to open the window on.")
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_any_screen_will_do(name: str) -> None:
    check_screen({name: "offscreen"}, "linux")


def test_other_systems_have_a_screen_of_their_own() -> None:
    check_screen({}, "darwin")
    with pytest.raises(DeviceError):
        check_screen({"DISPLAY": ""}, "linux")
