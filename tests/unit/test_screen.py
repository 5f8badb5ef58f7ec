"""Opening the window where there is no screen, or none that answers, is one clear line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fanstudio.cli.screen import check_screen
from fanstudio.errors import DeviceError

_SCREENS = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}


@pytest.mark.parametrize(
    ("screens", "says"),
    [
        ({}, "There is no screen to open the window on."),
        ({"DISPLAY": ":7654"}, "The screen DISPLAY=:7654 does not answer."),
    ],
)
def test_opening_without_a_screen_is_one_clear_line(
    screens: dict[str, str], says: str, tmp_path: Path
) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in _SCREENS}
    done = subprocess.run(
        [sys.executable, "-m", "fanstudio", "open", tmp_path / "song.fanstudio"],
        env=environment | screens,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"fanstudio: {says}")
    assert len(done.stderr.splitlines()) == 2


def test_a_platform_that_is_named_is_qts_affair() -> None:
    check_screen({"QT_QPA_PLATFORM": "offscreen"}, "linux")


@pytest.mark.parametrize("name", ["wayland-7", "{}/wayland-7"])
def test_a_compositor_that_listens_is_a_screen(name: str, tmp_path: Path) -> None:
    environment = {"WAYLAND_DISPLAY": name.format(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    with pytest.raises(DeviceError, match="does not answer"):
        check_screen(environment, "linux")
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "wayland-7"))
        compositor.listen()
        check_screen(environment, "linux")


def test_an_x_server_elsewhere_is_asked_over_the_network() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        number = server.getsockname()[1] - 6000
        if number < 0:
            pytest.skip("the system gave a port below those of X servers")
        with pytest.raises(DeviceError):
            check_screen({"DISPLAY": f"127.0.0.1:{number}.0"}, "linux")
        server.listen()
        check_screen({"DISPLAY": f"127.0.0.1:{number}.0"}, "linux")


def test_other_systems_have_a_screen_of_their_own() -> None:
    check_screen({}, "darwin")
    with pytest.raises(DeviceError):
        check_screen({"DISPLAY": ""}, "linux")
