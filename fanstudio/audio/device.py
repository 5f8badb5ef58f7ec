"""Outputs: the sound device behind a callback in C, or a clock that plays silently.

An output owns a ring of 200 ms. One thread writes; the other end is C code (rtmixer), so that no
Python runs in the audio callback.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from fanstudio.audio.samples import Samples
from fanstudio.errors import DeviceError

if TYPE_CHECKING:
    import rtmixer

BLOCK_FRAMES = 1024
RING_S = 0.2
_CANCEL_S = 0.2
_POLL_S = 0.002
_STALL_S = 1.0
_CLOSE_S = 1.0


class Output(ABC):
    """Takes stereo blocks and plays them in real time, between `start` and `stop`."""

    def __init__(self, name: str, sample_rate: int, notice: str = "") -> None:
        """Name the output; `notice` is what the user should know about it."""
        self.name = name
        self.sample_rate = sample_rate
        self.notice = notice
        self._ring_frames = round(RING_S * sample_rate)
        self._written = 0

    def start(self) -> None:
        """Begin anew with an empty ring."""
        self._written = 0

    def write(self, block: Samples) -> None:
        """Queue a block `(2, frames)` of at most `room()` frames."""
        self._written += block.shape[1]

    def room(self) -> int:
        """Return how many frames can be written now."""
        return max(0, self._ring_frames - self.queued())

    def heard(self) -> int:
        """Return how many frames since `start` have left the loudspeaker."""
        return max(0, self._written - self.queued() - self.latency_frames())

    @abstractmethod
    def queued(self) -> int:
        """Return how many frames wait in the ring."""

    @abstractmethod
    def latency_frames(self) -> int:
        """Return how long the device takes from the ring to the loudspeaker, in frames."""

    @abstractmethod
    def stop(self) -> None:
        """Fall silent at once and drop what is queued."""

    @abstractmethod
    def close(self) -> None:
        """Give the device back."""


class NullOutput(Output):
    """Consumes frames at the pace of a clock and makes no sound."""

    def __init__(self, sample_rate: int, notice: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Say in `notice` why there is no sound."""
        super().__init__("No sound", sample_rate, notice)
        self._clock = clock
        self._consumed = 0
        self._since = clock()

    def start(self) -> None:
        """Begin anew with an empty ring."""
        super().start()
        self._consumed, self._since = 0, self._clock()

    def write(self, block: Samples) -> None:
        """Queue a block; an empty ring stands still until then."""
        if self.queued() == 0:
            self._consumed, self._since = self._written, self._clock()
        super().write(block)

    def queued(self) -> int:
        """Return how many frames the clock has not reached."""
        reached = self._consumed + int((self._clock() - self._since) * self.sample_rate)
        return max(0, self._written - reached)

    def latency_frames(self) -> int:
        """Return 0: there is nothing behind the ring."""
        return 0

    def stop(self) -> None:
        """Drop what is queued."""
        self._written = self._consumed = 0

    def close(self) -> None:
        """Do nothing: there is no device."""


class MixerOutput(Output):
    """The default sound device, fed through rtmixer."""

    def __init__(self, sample_rate: int) -> None:
        """Open the default output and start its stream.

        Raises:
            DeviceError: there is none, or it does not take stereo at this rate.

        """
        os.environ.setdefault("JACK_NO_START_SERVER", "1")
        try:
            import rtmixer
            import sounddevice
        except (ImportError, OSError) as error:
            raise DeviceError("No sound, because the PortAudio library is missing") from error
        try:
            device = sounddevice.query_devices(kind="output")
        except sounddevice.PortAudioError as error:
            raise DeviceError("No sound device") from error
        try:
            self._mixer = rtmixer.Mixer(samplerate=sample_rate, channels=2, latency="low")
            self._mixer.start()
        except sounddevice.PortAudioError as error:
            raise DeviceError(f"The sound device cannot play at {sample_rate} Hz") from error
        super().__init__(str(device["name"]), sample_rate)
        frame_bytes = 2 * 4
        self._ring: rtmixer.RingBuffer = rtmixer.RingBuffer(frame_bytes, _power_of_two(self._ring_frames))
        self._action: object | None = None
        self._seen = 0, time.monotonic()
        self._error = sounddevice.PortAudioError
        self._terminate_at_exit = sounddevice._exit_handler

    def write(self, block: Samples) -> None:
        """Queue a block; playback resumes after the ring ran empty."""
        self._ring.write(np.ascontiguousarray(block.T, np.float32))
        super().write(block)
        if self._action is None or self._action not in self._mixer.actions:
            self._action = self._mixer.play_ringbuffer(self._ring)

    def start(self) -> None:
        """Begin anew with an empty ring."""
        super().start()
        self._seen = 0, time.monotonic()

    def room(self) -> int:
        """Return how many frames can be written now.

        Raises:
            DeviceError: the device has taken nothing for a second: it is gone.

        """
        queued, now = self.queued(), time.monotonic()
        if queued == 0 or queued != self._seen[0]:
            self._seen = queued, now
        elif now - self._seen[1] > _STALL_S:
            raise DeviceError("The sound device is gone")
        return super().room()

    def queued(self) -> int:
        """Return how many frames wait in the ring."""
        return self._ring.read_available

    def latency_frames(self) -> int:
        """Return the stream's output latency in frames."""
        return round(self._mixer.latency * self.sample_rate)

    def stop(self) -> None:
        """Take the ring from the callback, then empty it."""
        if self._action is not None and self._mixer.active:
            if self._action in self._mixer.actions:
                self._mixer.cancel(self._action)
            end = time.monotonic() + _CANCEL_S
            while self._action in self._mixer.actions and time.monotonic() < end:
                time.sleep(_POLL_S)
        self._action = None
        self._ring.flush()
        self._written = 0

    def close(self) -> None:
        """Close the stream.

        PortAudio may wait for ever for a device that is gone: neither we nor the program's end do.
        """
        closing = threading.Thread(target=self._close, name="close sound device", daemon=True)
        closing.start()
        closing.join(_CLOSE_S)
        if closing.is_alive():
            atexit.unregister(self._terminate_at_exit)

    def _close(self) -> None:
        with contextlib.suppress(self._error):
            self._mixer.abort()
            self._mixer.close()


def open_output(sample_rate: int) -> Output:
    """Return the default sound device, or a clocked null output that says why."""
    try:
        return MixerOutput(sample_rate)
    except DeviceError as error:
        return NullOutput(sample_rate, f"{error.message}: playing silently.")


def _power_of_two(at_least: int) -> int:
    return 1 << (at_least - 1).bit_length()
