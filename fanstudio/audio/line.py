"""The line to the loudspeaker: keeps an output open, off every other thread, whatever devices do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from fanstudio.audio.device import AwaitedOutput, NullOutput, OpenDevice, Output
from fanstudio.errors import DeviceError

_RETRY_S = 2.0
_RETRY_MOST_S = 16.0
_CLOSE_S = 3.0
BUSY = "Sound breaks off often: the computer is too busy. Mute tracks with effects, or close other programs."


class Line:
    """Opens an output, opens it again where its device was lost, and changes over to another.

    `output` is what to play through now: one that waits while a device is opened, a silent clock while
    there is none. Every method may be called from any thread and returns at once.
    """

    def __init__(
        self, sample_rate: int, open_device: OpenDevice, changed: Callable[[], None] = lambda: None
    ) -> None:
        """Begin to open; `changed` is called on the line's thread when `output` is another one."""
        self.output: Output = AwaitedOutput(sample_rate)
        self._open_device = open_device
        self._changed = changed
        self._news = threading.Condition()
        self._asked = True
        self._retry_s = _RETRY_S
        self._retry_at: float | None = None
        self._closing = False
        self._done: list[Output] = []
        self._thread = threading.Thread(target=self._run, name="sound line", daemon=True)
        self._thread.start()

    @property
    def notice(self) -> str:
        """Return what the user should know about the sound, or nothing."""
        output = self.output
        return " ".join(filter(None, (output.notice, BUSY if output.interruptions.many else "")))

    def choose(self, open_device: OpenDevice | None = None) -> None:
        """Open anew, by another way if one is given: the choice of device is another one."""
        with self._news:
            self._open_device = open_device or self._open_device
            self._ask(self.output.sample_rate)

    def want(self, sample_rate: int) -> None:
        """Open anew for another rate."""
        with self._news:
            self._ask(sample_rate)

    def lose(self, lost: Output, error: DeviceError) -> None:
        """Play silently in place of an output whose device is gone, until it is back."""
        with self._news:
            if lost is self.output:
                self._done.append(lost)
                self.output = NullOutput(lost.sample_rate, f"{error.message}: playing silently.")
                self._retry_later(_RETRY_S)

    def close(self) -> None:
        """Give the device back."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._thread.join(_CLOSE_S)

    # ── the line's thread ────────────────────────────────────────────────────────────────────

    def _ask(self, sample_rate: int) -> None:
        self._done.append(self.output)
        self.output = AwaitedOutput(sample_rate)
        self._asked = True
        self._retry_at = None
        self._news.notify()

    def _retry_later(self, seconds: float) -> None:
        self._retry_s = min(seconds, _RETRY_MOST_S)
        self._retry_at = time.monotonic() + self._retry_s
        self._news.notify()

    def _run(self) -> None:
        while self._await_work():
            self._close_done()
            self._open()
        with self._news:
            self._done.append(self.output)
        self._close_done()

    def _await_work(self) -> bool:
        """Wait until there is something to open or to close; False at the end."""
        with self._news:
            while not (self._closing or self._asked or self._done or self._is_due()):
                left = None if self._retry_at is None else max(0.0, self._retry_at - time.monotonic())
                self._news.wait(left)
            return not self._closing

    def _is_due(self) -> bool:
        return self._retry_at is not None and time.monotonic() >= self._retry_at

    def _close_done(self) -> None:
        with self._news:
            done, self._done = self._done, []
        for output in done:
            output.close()

    def _open(self) -> None:
        """Open where that is asked or due, and put the result in place unless something newer is asked."""
        with self._news:
            if not self._asked and not self._is_due():
                return
            place, self._asked, self._retry_at = self.output, False, None
            open_device = self._open_device
        try:
            opened = open_device(place.sample_rate)
        except DeviceError as error:
            self._go_without(place, error)
        else:
            self._put(place, opened)

    def _put(self, place: Output, opened: Output) -> None:
        with self._news:
            if self.output is place:
                self.output = opened
            else:
                self._done.append(opened)
        self._changed()

    def _go_without(self, place: Output, error: DeviceError) -> None:
        """Try again later; an awaited device becomes a silent clock, which else stays as it is."""
        with self._news:
            if self.output is not place:
                return
            if isinstance(place, AwaitedOutput):
                self.output = NullOutput(place.sample_rate, f"{error.message}: playing silently.")
                self._retry_later(_RETRY_S)
            else:
                self._retry_later(2 * self._retry_s)
        self._changed()
