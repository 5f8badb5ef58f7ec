"""A real browser without a driver: Chromium over its debugging pipe."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

_ANSWER_S = 30.0
#: Chromium reads commands from file 3 and answers on file 4.
_RENUMBER = (
    "import os, sys; kept = [os.dup(int(number)) for number in sys.argv[1:3]]; "
    "os.dup2(kept[0], 3); os.dup2(kept[1], 4); "
    "[os.set_inheritable(number, True) for number in (3, 4)]; os.execv(sys.argv[3], sys.argv[3:])"
)


class Chromium:
    """One page in a headless Chromium with a profile of its own; use as a context."""

    def __init__(self, profile: Path) -> None:
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        program = shutil.which("chromium") or shutil.which("google-chrome")
        assert program is not None
        command = [
            sys.executable,
            "-c",
            _RENUMBER,
            str(theirs_in),
            str(theirs_out),
            program,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
            "about:blank",
        ]
        self._process = subprocess.Popen(
            command, pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._reader = os.fdopen(ours_in, "rb", buffering=0)
        self._writer = os.fdopen(ours_out, "wb", buffering=0)
        self._pending = b""
        self._number = 0
        self._session = ""
        targets = self._call("Target.getTargets")["targetInfos"]
        page = next(item["targetId"] for item in targets if item["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]

    def __enter__(self) -> Chromium:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._reader.close()
        self._writer.close()

    def open(self, address: str) -> None:
        self._call("Page.navigate", url=address)

    def run(self, script: str) -> Any:
        """Return the value of a script in the page, or None while there is no page to run it in."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        return answer.get("result", {}).get("value")

    def wait(self, condition: str, seconds: float = 15.0) -> None:
        """Wait until a condition holds in the page."""
        end = time.monotonic() + seconds
        while not self.run(f"!!({condition})"):
            assert time.monotonic() < end, f"{condition} is not so at {self.run('location.href')}"
            time.sleep(0.05)

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._writer.write(json.dumps(message).encode() + b"\0")
        end = time.monotonic() + _ANSWER_S
        while time.monotonic() < end:
            answer = self._read()
            if answer.get("id") == self._number:
                return answer.get("result", {})
        raise AssertionError(f"Chromium does not answer {method}")

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._pending:
            piece = self._reader.read(65536)
            assert piece, "Chromium is gone"
            self._pending += piece
        message, _, self._pending = self._pending.partition(b"\0")
        return json.loads(message)
