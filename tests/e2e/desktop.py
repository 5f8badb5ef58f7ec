"""A screen of one's own: Xvfb, real mouse and keys by xdotool, screenshots."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageGrab

WIDTH, HEIGHT = 1440, 900
Box = tuple[int, int, int, int]


class Desktop:
    """An X server and the one program on it."""

    def __init__(self, shots: Path) -> None:
        shots.mkdir(parents=True, exist_ok=True)
        self._shots = shots
        reading, writing = os.pipe()
        command = [
            "Xvfb",
            "-displayfd",
            str(writing),
            "-screen",
            "0",
            f"{WIDTH}x{HEIGHT}x24",
            "-nolisten",
            "tcp",
        ]
        self._server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as stream:
            self.display = f":{stream.readline().strip()}"
        self.environment = {**os.environ, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(10)

    def do(self, *words: object) -> str:
        """Run an xdotool command and let the program answer."""
        done = subprocess.run(
            ["xdotool", *map(str, words)], env=self.environment, check=True, capture_output=True, text=True
        )
        time.sleep(0.15)
        return done.stdout

    def click(self, x: int, y: int, *, times: int = 1) -> None:
        self.do("mousemove", x, y)
        self.do("click", "--repeat", times, "--delay", 80, 1)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self.do("mousemove", *start)
        self.do("mousedown", 1)
        for step in range(1, 9):
            x, y = (round(a + (b - a) * step / 8) for a, b in zip(start, end, strict=True))
            self.do("mousemove", x, y)
        self.do("mouseup", 1)

    def key(self, *names: str) -> None:
        self.do("key", "--clearmodifiers", *names)

    def type(self, text: str) -> None:
        self.do("type", "--delay", 15, text)

    def picture(self) -> NDArray[np.uint8]:
        """Return the screen as `(rows, columns, 3)`."""
        return np.asarray(ImageGrab.grab(xdisplay=self.display).convert("RGB"))

    def shot(self, name: str) -> NDArray[np.uint8]:
        """Keep the screen as a picture and return it."""
        picture = self.picture()
        Image.fromarray(picture).save(self._shots / f"{name}.png")
        return picture

    def find(
        self, colour: str, box: Box = (0, 0, WIDTH, HEIGHT), *, least: int = 600
    ) -> tuple[int, int] | None:
        """Return the middle of what has a colour within a box (left, top, right, bottom), or None."""
        left, top, right, bottom = box
        wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
        part = self.picture()[top:bottom, left:right].astype(int)
        rows, columns = np.nonzero(np.abs(part - wanted).max(axis=2) <= 20)
        if rows.size < least:
            return None
        return left + int(np.median(columns)), top + int(np.median(rows))


def wait_for(what: str, condition: Callable[[], object], seconds: float = 150.0) -> object:
    """Wait until a condition holds and return what it gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds:.0f} s for {what}")
