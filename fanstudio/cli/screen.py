"""Whether there is a screen that the window could open on."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from fanstudio.errors import DeviceError

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def check_screen(environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> None:
    """Raise DeviceError on a Linux without a screen, where Qt would abort the program."""
    if system == "linux" and not any(environment.get(name) for name in _SCREENS):
        raise DeviceError(
            "There is no screen to open the window on.",
            hint="Start it from a desktop; `fanstudio demo` and the other commands need no screen.",
        )
