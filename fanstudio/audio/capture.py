"""Inputs: a microphone or line behind a callback in C, read from a ring in blocks.

An input shares its stream with the output where both are one device (`shares_clock`): then input and
output frames are counted in the same callback, and how they lie to each other is known to the frame.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from fanstudio.audio.device.portaudio import close_stream
from fanstudio.audio.samples import Samples, silence
from fanstudio.errors import DeviceError

if TYPE_CHECKING:
    import rtmixer

#: What a disk that stalls may hold up the writer.
RING_S = 8.0
_STALL_S = 1.0
_FRAME_BYTES = 4


def gone() -> DeviceError:
    """Return the error of an input whose device has left."""
    return DeviceError("The microphone is gone.", hint="Connect it again, and press R.")


class Input(ABC):
    """Gives what a device hears, in the order in which it came, from `start` on."""

    def __init__(
        self, name: str, sample_rate: int, channels: int, *, shares_clock: bool, round_trip_s: float
    ) -> None:
        """Name the input; `shares_clock` tells that the output's frames are counted with its own.

        `round_trip_s` is what the devices say they take from the ring out and back in, in seconds.
        """
        self.name = name
        self.sample_rate = sample_rate
        self.channels = channels
        self.shares_clock = shares_clock
        self.round_trip_s = round_trip_s

    @abstractmethod
    def start(self) -> None:
        """Begin to listen; once, before the stream is anyone else's."""

    @abstractmethod
    def captured(self) -> int:
        """Return how many frames have come since `start`, read or not."""

    @abstractmethod
    def read(self) -> Samples:
        """Return the frames that were not read yet, `(channels, frames)`, perhaps none.

        Raises:
            DeviceError: nothing came for a second: the device is gone; or nobody read for too long.

        """

    @abstractmethod
    def close(self) -> None:
        """Give the device back."""


class StreamInput(Input):
    """The input side of an rtmixer stream."""

    def __init__(
        self,
        stream: rtmixer.Recorder | rtmixer.MixerAndRecorder,
        name: str,
        sample_rate: int,
        channels: tuple[int, ...],
        *,
        shares_clock: bool,
        round_trip_s: float,
    ) -> None:
        """Listen to `channels` of a stream, counted from 1; one that is shared is the output's to close."""
        import rtmixer

        super().__init__(
            name, sample_rate, len(channels), shares_clock=shares_clock, round_trip_s=round_trip_s
        )
        self._stream = stream
        self._chosen = channels
        frames = 1 << (round(RING_S * sample_rate) - 1).bit_length()
        self._ring = rtmixer.RingBuffer(_FRAME_BYTES * self.channels, frames)
        self._action: rtmixer.Action | None = None
        self._last = 0, time.monotonic()
        self._overran = False

    def start(self) -> None:
        """Begin to listen; once."""
        self._action = self._stream.record_ringbuffer(self._ring, channels=self._chosen)
        self._last = 0, time.monotonic()
        self._overran = False

    def captured(self) -> int:
        """Return how many frames the callback has put into the ring."""
        return 0 if self._action is None else self._action.done_frames

    def read(self) -> Samples:
        """Return what is in the ring.

        Raises:
            DeviceError: nothing came for a second, or the ring was full once.

        """
        frames = self._ring.read_available
        if not frames:
            self._notice_end()
            return silence(self.channels, 0)
        self._overran = self._overran or self._ring.write_available == 0
        data = np.frombuffer(self._ring.read(frames), np.float32)
        return np.ascontiguousarray(data.reshape(-1, self.channels).T)

    def close(self) -> None:
        """Close the stream where it is the input's own.

        A shared one is the output's, whose thread alone may speak to it; it is to be closed by its owner.
        """
        if not self.shares_clock:
            close_stream(self._stream)

    def _notice_end(self) -> None:
        captured, now = self.captured(), time.monotonic()
        if self._overran:
            raise DeviceError(
                "This computer could not keep up.", hint="Close other programs, and record again."
            )
        if captured != self._last[0]:
            self._last = captured, now
        elif now - self._last[1] > _STALL_S:
            raise gone()
