"""Whether there is a screen that the window could open on."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from fanstudio.errors import DeviceError

_ELSEWHERE = "Start it from a desktop; `fanstudio demo` and the other commands need no screen."
#: DISPLAY: a host, unless it is this machine, and a number.
_DISPLAY = re.compile(r"(?P<host>[^:/]*):(?P<number>\d{1,5})(\.\d+)?")
_X11_PORT = 6000
_WAIT_S = 3.0


def check_screen(environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> None:
    """Raise DeviceError on a Linux without a screen, or where none answers: Qt would abort the program."""
    if system != "linux" or environment.get("QT_QPA_PLATFORM"):
        return
    wayland, display = environment.get("WAYLAND_DISPLAY"), environment.get("DISPLAY")
    if not (wayland or display):
        raise DeviceError("There is no screen to open the window on.", hint=_ELSEWHERE)
    if wayland and _wayland_answers(wayland, environment):
        return
    if not (display and _x11_answers(display)):
        name = f"DISPLAY={display}" if display else f"WAYLAND_DISPLAY={wayland}"
        raise DeviceError(f"The screen {name} does not answer.", hint=_ELSEWHERE)


def _wayland_answers(name: str, environment: Mapping[str, str]) -> bool:
    return _connects(socket.AF_UNIX, str(Path(environment.get("XDG_RUNTIME_DIR", "")) / name))


def _x11_answers(display: str) -> bool:
    """Try the sockets that X servers listen on; a name that only Qt may understand is left to Qt."""
    parts = _DISPLAY.fullmatch(display)
    if parts is None:
        return True
    host, number = parts["host"], int(parts["number"])
    if host and host != "unix":
        return _connects(socket.AF_INET, (host, _X11_PORT + number))
    path = f"/tmp/.X11-unix/X{number}"
    return _connects(socket.AF_UNIX, path) or _connects(socket.AF_UNIX, f"\0{path}")


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as stream:
        stream.settimeout(_WAIT_S)
        try:
            stream.connect(address)
        except OSError:
            return False
    return True
